import { loadavg } from "node:os";
import type { Network } from "../../shared/domain/network.ts";
import type { Clock, Random } from "../../shared/ports/clock.ts";
import { emptyTally, openIn, spread } from "../agents/tally.ts";
import { soakBounds } from "../bounds.ts";
import { type Done, injectFaults } from "../faults/inject.ts";
import { planFaults } from "../faults/plan.ts";
import type { History } from "../judge/history.ts";
import { judge } from "../judge/judge.ts";
import { soakNetworkFile } from "../network-file.ts";
import type { SoakOptions } from "../options.ts";
import { makeReport, type Report } from "../report.ts";
import { calibrate } from "./calibrate.ts";
import { type Crew, hireCrew } from "./crew.ts";
import { readLog, routesAfterQuiet } from "./evidence.ts";
import { createMeters, type Meters } from "./meters.ts";
import { createObserver, keepLooking, type Observer } from "./observer.ts";
import { type Pointsman, startPointsman } from "./pointsman.ts";
import { keepTelling } from "./progress.ts";

export type RunWorld = {
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly tell: (text: string) => void;
};

/** The whole run: start, load, faults, quiet, judgement. Throws when something cannot be started. */
export async function soak(options: SoakOptions, world: RunWorld): Promise<Report> {
  const { clock, random, signal, tell } = world;
  tell(`starting database and server in ${world.folder} …`);
  const networkFile = soakNetworkFile(options.locations, options.hosts);
  const pointsman = await startPointsman({ ...world, networkFile });
  const beside = new AbortController();
  const ended = beside.signal;
  const end = () => beside.abort();
  signal.addEventListener("abort", end, { once: true });
  try {
    const { network } = (await pointsman.store.readNetwork()).value;
    tell(`asking for the URIs of ${options.hosts} hosts …`);
    const crew = await hireCrew(pointsman, network, options.sleepMs ?? soakBounds.firstSleepMs, { clock, random });
    const observer = createObserver(pointsman, clock, idsByName(network));
    const meters = createMeters(pointsman);
    const looking = keepLooking(observer, clock, ended);
    try {
      return await perform(options, world, { pointsman, network, crew, observer, meters, ended });
    } finally {
      end();
      for (const agent of crew.agents) agent.halt();
      await looking;
    }
  } finally {
    end();
    await pointsman.close();
  }
}

type Stage = {
  readonly pointsman: Pointsman;
  readonly network: Network;
  readonly crew: Crew;
  readonly observer: Observer;
  readonly meters: Meters;
  /** Aborts when the run is over. */
  readonly ended: AbortSignal;
};

async function perform(options: SoakOptions, world: RunWorld, stage: Stage): Promise<Report> {
  const { clock, signal, tell } = world;
  const { crew, meters, pointsman, network, observer, ended } = stage;
  const load = [loadavg()[0] ?? 0];
  const done: Done = { outages: [], faults: new Map() };
  const began = { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
  void keepTelling({ ...stage, done, tell, clock });
  await warmUp(stage, world);
  const pace = await calibrate(crew, meters, options.sleepMs, clock, signal);
  crew.sleepMs = pace.sleepMs;
  if (spread(crew.tally.latenciesMs).p50 > soakBounds.carriedLatencyMs) throw new Error(TOO_SLOW);
  const cost =
    pace.cpuMs === undefined ? "" : `a heartbeat costs ${pace.cpuMs.toFixed(1)} ms of processor time in all: `;
  tell(`${cost}agents sleep ${(pace.sleepMs / 1000).toFixed(1)} s after each answer`);

  const lengthMs = options.minutes * 60_000;
  crew.tally = emptyTally();
  const { tally } = crew;
  const faultsFromMs = clock.monotonicMs();
  const faults = new AbortController();
  void clock.sleep(lengthMs, ended).then(() => faults.abort());
  const plan = planFaults({ ...options, lengthMs });
  await injectFaults(plan, crew, pointsman, done, clock, { faults: faults.signal, run: ended });
  await clock.sleep(Math.max(0, faultsFromMs + lengthMs - clock.monotonicMs()), ended);
  const seconds = (clock.monotonicMs() - faultsFromMs) / 1000;
  crew.tally = emptyTally();

  tell("no more faults: waiting for quiet, then looking at every route …");
  const atEnd = await routesAfterQuiet(pointsman, network, clock, signal);
  signal.throwIfAborted();
  await observer.look();
  await meters.sample();
  load.push(loadavg()[0] ?? 0);
  const history: History = {
    endMs: clock.nowMs(),
    agents: crew.agents.map(({ record }) => record),
    outages: done.outages,
    ...(await readLog(pointsman, network, began.wallMs - 60_000, clock)),
    seen: observer.seen,
    routes: atEnd.routes,
    deaths: [pointsman.server, pointsman.database].flatMap(({ name, deaths }) =>
      deaths === 0 ? [] : [`the ${name} ended ${deaths} times by itself: see ${name}.log`],
    ),
  };
  return makeReport({
    ...judge(history),
    options,
    pace,
    seconds,
    tally,
    server: meters.server,
    database: meters.database,
    wholeSeconds: (clock.monotonicMs() - began.monotonicMs) / 1000,
    longestDelayMs: meters.longestDelayMs(),
    load,
    faults: done.faults,
    history,
    routeWrites: [...observer.writes.values()].reduce((sum, count) => sum + count, 0),
    routesRightAfterMs: atEnd.rightAfterMs,
    folder: world.folder,
  });
}

const TOO_SLOW = "this machine does not carry so many hosts now: try again with fewer, or when less else runs on it";

/**
 * Starts one host of each location and waits for its routes, then all others, no faster than they are answered. Throws
 * when the machine does not carry them.
 */
async function warmUp({ crew, observer }: Stage, { clock, signal, tell }: RunWorld): Promise<void> {
  const lateMs = clock.monotonicMs() + soakBounds.readyMs;
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) {
      signal.throwIfAborted();
      if (clock.monotonicMs() > lateMs) throw new Error(TOO_SLOW);
      await clock.sleep(20, signal);
    }
  };
  const agents = rowByRow(crew.byLocation);
  const isKeptUpWith = (running: number) => openIn(crew.tally) <= 10 + running * soakBounds.startWaitingShare;
  tell("starting a host of each location, and waiting for its routes …");
  for (const [at, agent] of agents.entries()) {
    if (at === crew.byLocation.length) {
      await until(() => observer.unconfirmed === 0);
      tell("starting the other hosts …");
    }
    agent.start(0);
    await clock.sleep(soakBounds.startEveryMs, signal);
    await until(() => isKeptUpWith(at));
  }
  await until(() => agents.every(({ record }) => record.good.length > 0) && observer.unconfirmed === 0);
  await until(() => isKeptUpWith(agents.length));
}

/** The first of each location, then the second of each, and so on. */
function rowByRow<T>(rows: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(...rows.map((row) => row.length));
  return Array.from({ length: longest }, (_, at) => rows.flatMap((row) => row.slice(at, at + 1))).flat();
}

function idsByName(network: Network): ReadonlyMap<string, string> {
  return new Map(
    network.links.flatMap((link) => link.locations.map(({ name, id }) => [`${link.name}/${name}`, id] as const)),
  );
}
