import { limits } from "./limits.ts";
import type { HostRecord } from "./records.ts";

/** What a signed heartbeat says of time: the agent's own clock in Unix seconds. */
export type SignedTime = { readonly agentTimeS: number };

/**
 * How far a heartbeat moves what is believed of its host. `credited`: last-seen, newest agent time and anchor become
 * these. `stale`: it says nothing that is not known. Either way the sender gets its answer.
 * `isSkewed`: the agent's clock is off, or holds back what is believed of its host.
 */
export type Credit =
  | {
      readonly kind: "credited";
      readonly lastSeenMs: number;
      readonly agentTimeS: number;
      readonly anchor: HostRecord["anchor"];
      /** The anchor moved: it has to be on record before anything more rests on the one before. */
      readonly isReanchored: boolean;
      readonly isSkewed: boolean;
    }
  | { readonly kind: "stale"; readonly isSkewed: boolean };

/**
 * Credits a heartbeat. A host's clock can shorten, never lengthen, what is believed.
 * - The anchor pairs an agent time with a server time; by it a heartbeat was sent at `anchor server time + time passed
 *   on the agent's clock`, and it counts up to 5 s after that, never beyond now: kept back or replayed, it buys 5 s.
 * - A heartbeat that by its anchor is still to be sent gives a new anchor: the agent's clock is further ahead than was
 *   known, and the old anchor would let its heartbeats be kept for later.
 * - The same or an older agent time counts only within 5 s of server time: a second endpoint's copy, a heartbeat that
 *   was overtaken, a clock that was set back a little.
 * - A clock that ran ahead and is right again is anchored anew, so that it recovers at once. It cannot be told from a
 *   replay of what such a clock signed ahead of time, which may therefore count until 5 s after the time it was signed
 *   for: the one case in which a replay buys more.
 * A last-seen in the future (written by a function whose clock was wrong) is no evidence and gives way.
 */
export function credit(record: HostRecord | undefined, time: SignedTime, nowMs: number): Credit {
  const { agentTimeS } = time;
  const isOff = Math.abs(agentTimeS * 1000 - nowMs) > limits.creditSlackMs;
  const here = { agentTimeS, serverMs: nowMs };
  const anew = { kind: "credited", lastSeenMs: nowMs, agentTimeS, isReanchored: true } as const;
  if (record === undefined) return { ...anew, anchor: here, isSkewed: isOff };
  if (isOff && agentTimeS <= record.agentTimeS) return { kind: "stale", isSkewed: true };

  const sentMs = record.anchor.serverMs + (agentTimeS - record.anchor.agentTimeS) * 1000;
  const countsMs = Math.min(nowMs, sentMs + limits.creditSlackMs);
  if (countsMs < nowMs && !isOff && ranAhead(record)) {
    return { ...anew, anchor: { agentTimeS, serverMs: Math.min(nowMs, agentTimeS * 1000) }, isSkewed: false };
  }
  const isSkewed = isOff || countsMs < nowMs;
  if (countsMs < believableLastSeen(record, nowMs)) return { kind: "stale", isSkewed };
  return {
    kind: "credited",
    lastSeenMs: countsMs,
    agentTimeS: Math.max(agentTimeS, record.agentTimeS),
    anchor: sentMs > nowMs ? here : record.anchor,
    isReanchored: sentMs > nowMs,
    isSkewed,
  };
}

function ranAhead({ anchor }: HostRecord): boolean {
  return anchor.agentTimeS * 1000 - anchor.serverMs > limits.creditSlackMs;
}

function believableLastSeen(record: HostRecord, nowMs: number): number {
  return record.lastSeenMs > nowMs + limits.clockSkewMs ? 0 : record.lastSeenMs;
}

/**
 * Whether a leave counts: its agent time is not older than the newest credited heartbeat's, and by the anchor it is not
 * still to be said. A clock that ran ahead and is right again leaves good-byes behind that anybody may repeat.
 */
export function leaveCounts({ agentTimeS, anchor }: HostRecord, time: SignedTime, nowMs: number): boolean {
  const sentMs = anchor.serverMs + (time.agentTimeS - anchor.agentTimeS) * 1000;
  return time.agentTimeS >= agentTimeS && sentMs <= nowMs + limits.creditSlackMs;
}

/**
 * Whether a heartbeat ends a leave: only one that the agent sent after it, unless the leave was signed ahead of server
 * time and the clock is right by now. So a late or replayed heartbeat does not undo a good-bye.
 */
export function endsLeave(left: NonNullable<HostRecord["left"]>, time: SignedTime, nowMs: number): boolean {
  if (time.agentTimeS > left.agentTimeS) return true;
  const wasAhead = left.agentTimeS * 1000 > nowMs + limits.creditSlackMs;
  return wasAhead && Math.abs(time.agentTimeS * 1000 - nowMs) <= limits.creditSlackMs;
}
