import type { Id } from "../ids.ts";
import { limits } from "../limits.ts";
import type { Host, Location } from "../network.ts";
import type { Decision, HostRecord } from "../records.ts";
import type { LocationFacts } from "./state.ts";

/** Why a host cannot carry traffic now, or that it can. */
export type Availability = "available" | "unheard" | "left" | "drained" | "silent" | "clock";

/** `clock`: its last-seen lies in the future, which is no evidence of anything. */
export function availabilityOf(host: Host, facts: LocationFacts, nowMs: number): Availability {
  return facts.wish?.drains[host.id] === undefined ? presenceOf(host, facts, nowMs) : "drained";
}

/** Whether a host is there by its record, leaving aside that an operator may have drained it. */
export function presenceBy(
  host: Host,
  record: HostRecord | undefined,
  nowMs: number,
): Exclude<Availability, "drained"> {
  if (record === undefined) return "unheard";
  if (record.left !== null) return "left";
  if (nowMs < believableMs(record)) return "clock";
  return nowMs - record.lastSeenMs <= host.timeoutMs ? "available" : "silent";
}

/** Whether a host is there, leaving aside that an operator may have drained it. */
export function presenceOf(host: Host, facts: LocationFacts, nowMs: number): Exclude<Availability, "drained"> {
  return presenceBy(host, facts.hosts.get(host.id), nowMs);
}

/** A last-seen in the future becomes evidence once it is no more than a clock's error ahead. */
export const believableMs = (record: HostRecord): number => record.lastSeenMs - limits.clockSkewMs;

/** Whether what a host last said of others still counts: it was heard just now, and has not left. */
export function hasSay(record: HostRecord, nowMs: number): boolean {
  return record.left === null && nowMs >= believableMs(record) && nowMs - record.lastSeenMs <= limits.freshMs;
}

/** The moments at which `hasSay` can change by time alone. */
export const sayMoments = (record: HostRecord): readonly number[] => [
  believableMs(record),
  record.lastSeenMs + limits.freshMs + 1,
];

/** A host that could be made active, with what the choice between several rests on. */
export type Candidate = {
  readonly host: Host;
  readonly record: HostRecord;
  readonly isBackedOff: boolean;
  readonly isFresh: boolean;
  /** Heard over the whole of the location's hold-up: a host that just fell silent does not grow steady by that. */
  readonly isSteady: boolean;
  readonly steadyAtMs: number;
};

/**
 * A host that is still heard at this time has been there for the location's hold-up: without a gap, and counted anew
 * after it was failed over from. ms
 */
export function steadyFrom(record: HostRecord, location: Location, head: Decision | undefined): number {
  return Math.max(record.upSinceMs, head?.demotedMs[record.hostId] ?? 0) + location.holdUpMs;
}

/** The available hosts of a location, in order of id, without the one named. */
export function candidatesOf(
  location: Location,
  facts: LocationFacts,
  exceptId: Id | null,
  nowMs: number,
): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const host of location.hosts) {
    const record = facts.hosts.get(host.id);
    if (host.static || host.id === exceptId || record === undefined) continue;
    if (availabilityOf(host, facts, nowMs) !== "available") continue;
    const demotedMs = facts.head?.demotedMs[host.id];
    // A host that was failed over from without a time-out is still "available" by its old last-seen.
    if (demotedMs !== undefined && record.lastSeenMs <= demotedMs) continue;
    const steadyAtMs = steadyFrom(record, location, facts.head);
    candidates.push({
      host,
      record,
      isBackedOff: demotedMs !== undefined && nowMs - demotedMs < host.backoffMs,
      isFresh: nowMs - record.lastSeenMs <= limits.freshMs,
      isSteady: record.lastSeenMs >= steadyAtMs,
      steadyAtMs,
    });
  }
  return candidates.sort((a, b) => (a.host.id < b.host.id ? -1 : 1));
}
