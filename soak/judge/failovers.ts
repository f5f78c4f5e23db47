import { limits } from "../../shared/domain/limits.ts";
import type { Decision } from "../../shared/domain/records.ts";
import { type AgentRecord, ranThroughout } from "../agents/record.ts";
import { soakBounds } from "../bounds.ts";
import type { Finding, History, JudgedLocation, PastOutage } from "./history.ts";

/** Reasons that rest on not having heard something. */
const silence: ReadonlySet<Decision["reason"]> = new Set(["timed-out", "suspected", "tunnels-down"]);

/** A failover for silence away from a host that ran. */
export type AwayFromAlive = {
  /**
   * `false`: Pointsman had every reason to know better: the host's heartbeats were answered within 5/6 of its time-out (what
   * is recorded of a host may be a sixth older than what it was answered), or what was missing lay in an outage of
   * Pointsman, and the hold after that has to protect every host. `starved`: beside outages nothing that the host sent in
   * its time-out was answered, as by a server under more load than it carries.
   */
  readonly kind: "false" | "starved";
  readonly text: string;
};

/** Every failover for silence away from a host that was not silent. */
export function awayFromAlive(history: History): readonly AwayFromAlive[] {
  const agents = new Map(history.agents.map((record) => [record.hostId, record]));
  return history.locations.flatMap(({ name, decisions }) =>
    decisions.flatMap((decision) => {
      const record = agents.get(decision.previousHostId ?? "");
      if (record === undefined || !silence.has(decision.reason)) return [];
      const found = judgeOne(record, decision.decidedMs, history.outages);
      if (found === undefined) return [];
      const text = `${name} epoch ${decision.epoch} (${decision.reason}) away from ${record.name}, ${found.why}`;
      return [{ kind: found.kind, text }];
    }),
  );
}

export function falseFailovers(away: readonly AwayFromAlive[]): readonly Finding[] {
  return away.flatMap(({ kind, text }) => (kind === "false" ? [{ promise: "false-failover" as const, text }] : []));
}

function judgeOne(
  record: AgentRecord,
  decidedMs: number,
  outages: readonly PastOutage[],
): { readonly kind: AwayFromAlive["kind"]; readonly why: string } | undefined {
  const { timeoutMs } = record;
  const last = record.good.findLast(({ answeredMs }) => answeredMs <= decidedMs);
  const agoMs = last === undefined ? undefined : decidedMs - last.sentMs;
  if (agoMs !== undefined && agoMs < (timeoutMs * 5) / 6) {
    return { kind: "false", why: `whose heartbeat of ${agoMs} ms before was answered` };
  }
  if (!ranThroughout(record, decidedMs - timeoutMs, decidedMs)) return undefined;
  const why = `which ran all the time, and was last answered ${agoMs === undefined ? "never" : `${agoMs} ms before`}`;
  const outage = outages.findLast(({ killedMs }) => killedMs <= decidedMs);
  if (outage === undefined || decidedMs >= heldUntilMs(outage)) return { kind: "starved", why };
  const seconds = Math.round((decidedMs - outage.killedMs) / 1000);
  return { kind: "false", why: `${why}; ${seconds} s after the ${outage.victim} was killed` };
}

/** Until when every host is protected after an outage that was long enough for a hold. */
function heldUntilMs({ upMs }: PastOutage): number {
  return upMs === undefined ? Number.POSITIVE_INFINITY : upMs + Math.max(soakBounds.timeoutMs, limits.shortestHoldMs);
}

/** An active host that stopped while another could take over, and what came of it. */
export type Failover = {
  readonly name: string;
  readonly stoppedMs: number;
  readonly how: "silent" | "left";
  /** Until when Pointsman may take, with outages and holds. */
  readonly dueMs: number;
  /** When it was decided; undefined when it never was. */
  readonly decidedMs: number | undefined;
};

/** Every failover that had to come: hosts that came back before it was due have none. */
export function expectedFailovers(history: History): readonly Failover[] {
  const locations = new Map(history.locations.map((location) => [location.id, location]));
  return history.agents.flatMap((record) => {
    const location = locations.get(record.locationId);
    return location === undefined ? [] : ofHost(history, location, record);
  });
}

function ofHost(history: History, location: JudgedLocation, record: AgentRecord): readonly Failover[] {
  return record.runs.flatMap((run, at) => {
    const { endMs: stoppedMs, how } = run;
    if (stoppedMs === undefined || how === undefined) return [];
    if (activeAt(location, stoppedMs) !== record.hostId) return [];
    const dueMs = dueAfter(history.outages, stoppedMs + record.timeoutMs);
    const backMs = record.runs[at + 1]?.startMs ?? history.endMs;
    const decision = location.decisions.find(
      (one) => one.previousHostId === record.hostId && one.decidedMs >= stoppedMs && one.decidedMs <= backMs,
    );
    const isForced = backMs > dueMs + soakBounds.marginMs && hasStandby(history, record, stoppedMs, dueMs);
    if (!isForced && decision === undefined) return [];
    return [{ name: record.name, stoppedMs, how, dueMs, decidedMs: decision?.decidedMs }];
  });
}

function activeAt({ decisions }: JudgedLocation, atMs: number): string | null | undefined {
  return decisions.filter(({ decidedMs }) => decidedMs <= atMs).at(-1)?.activeHostId;
}

/** A time-out that ends in an outage, or in the hold after it, ends with the hold. */
function dueAfter(outages: readonly PastOutage[], timedOutMs: number): number {
  let dueMs = timedOutMs;
  for (const outage of outages) {
    if (outage.killedMs <= dueMs && dueMs < heldUntilMs(outage)) dueMs = heldUntilMs(outage);
  }
  return dueMs;
}

function hasStandby({ agents }: History, stopped: AgentRecord, fromMs: number, toMs: number): boolean {
  return agents.some(
    (other) =>
      other.locationId === stopped.locationId &&
      other.hostId !== stopped.hostId &&
      ranThroughout(other, fromMs, toMs + soakBounds.marginMs),
  );
}

/** Failovers that had to come and never did. */
export function missedFailovers(failovers: readonly Failover[]): readonly Finding[] {
  return failovers
    .filter(({ decidedMs }) => decidedMs === undefined)
    .map(({ name, how, dueMs, stoppedMs }) => {
      const text = `${name} was active and ${how === "left" ? "left" : "vanished"}, and was not replaced ${dueMs - stoppedMs} ms later, nor ever`;
      return { promise: "missed-failover", text };
    });
}
