import { setMaxListeners } from "node:events";
import type { Clock } from "../../shared/ports/clock.ts";
import type { LightAgent } from "../agents/light-agent.ts";
import { soakBounds } from "../bounds.ts";
import type { PastOutage } from "../judge/history.ts";
import type { Crew } from "../run/crew.ts";
import type { Pointsman } from "../run/pointsman.ts";
import type { FaultPlan, HostFault, Outage } from "./plan.ts";

/** What was done so far. */
export type Done = {
  readonly outages: PastOutage[];
  /** By kind, such as `vanish` or `server`. */
  readonly faults: Map<string, number>;
};

/** `faults` aborts when no more is to go wrong, `run` when all is to end at once. */
export type Until = { readonly faults: AbortSignal; readonly run: AbortSignal };

/**
 * Does everything of the plan when it is due. Hosts whose time away is not over at the end stay away. Throws when a
 * killed process does not start again.
 */
export async function injectFaults(
  plan: FaultPlan,
  crew: Crew,
  pointsman: Pointsman,
  done: Done,
  clock: Clock,
  ends: Until,
): Promise<void> {
  const signal = ends.faults;
  // Every host that is away waits for it.
  setMaxListeners(0, signal);
  const beganMs = clock.monotonicMs();
  const until = (atMs: number) => clock.sleep(Math.max(0, beganMs + atMs - clock.monotonicMs()), signal);
  const count = (what: string) => done.faults.set(what, (done.faults.get(what) ?? 0) + 1);
  const hosts = plan.hosts.map(async (fault) => {
    await until(fault.atMs);
    const agent = victimOf(fault, crew);
    if (signal.aborted || agent === undefined) return;
    count(fault.kind);
    if (fault.kind === "leave") void agent.leave();
    else agent.halt();
    await until(fault.atMs + fault.awayMs);
    if (!signal.aborted) agent.start(0);
  });
  const outages = async (): Promise<void> => {
    for (const outage of plan.outages) {
      await until(outage.atMs);
      if (signal.aborted) return;
      count(`${outage.victim} killed`);
      await strike(outage, crew, pointsman, done, clock, ends.run);
    }
  };
  void Promise.all(hosts);
  await outages();
}

function victimOf({ kind, location, pick }: HostFault, crew: Crew): LightAgent | undefined {
  const running = (crew.byLocation[location] ?? []).filter((agent) => agent.isRunning);
  // Somebody has to be there to take over.
  if (running.length < 2) return undefined;
  const hit = running.filter((agent) => agent.isActive === (kind !== "standby-vanish"));
  return hit[Math.floor(pick * hit.length)];
}

async function strike(
  { victim, downMs }: Outage,
  crew: Crew,
  pointsman: Pointsman,
  done: Done,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const outage: PastOutage = { victim, killedMs: clock.nowMs(), upMs: undefined };
  done.outages.push(outage);
  await pointsman[victim].kill();
  const goneMs = clock.nowMs();
  await clock.sleep(downMs, signal);
  if (victim === "server") pointsman.startServer();
  else pointsman.startDatabase();
  const lateMs = clock.monotonicMs() + soakBounds.startMs;
  while (outage.upMs === undefined && !signal.aborted) {
    await clock.sleep(100, signal);
    const first = crew.agents.flatMap(({ record }) => record.good.at(-1) ?? []).filter(({ sentMs }) => sentMs > goneMs);
    outage.upMs = first.length === 0 ? undefined : Math.min(...first.map(({ answeredMs }) => answeredMs));
    if (clock.monotonicMs() > lateMs) throw new Error(`no heartbeat is answered since the ${victim} was killed`);
  }
}
