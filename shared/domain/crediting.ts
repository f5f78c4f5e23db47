import { limits } from "./limits.ts";
import type { HostRecord } from "./records.ts";

/** An agent's clock that gains more than this between two heartbeats has leapt, not drifted. ms */
const leapMs = 1_000;
/** Heartbeats that were answered may be missing from the record for this long: agent seconds. */
const unwrittenS = 10;

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
 * - A heartbeat that by its anchor is still to be sent moves the anchor back: the agent's clock is further ahead than
 *   was known, and the old anchor would let its heartbeats be kept for later.
 * - The same or an older agent time counts only within 5 s of server time; a second endpoint's copy, a heartbeat that
 *   was overtaken, a clock that was set back a little.
 * - A clock that ran ahead and is right again is anchored anew, so that it recovers at once.
 * A last-seen in the future (written by a function whose clock was wrong) is no evidence and gives way.
 */
export function credit(record: HostRecord | undefined, time: SignedTime, nowMs: number): Credit {
  const { agentTimeS } = time;
  const isOff = Math.abs(agentTimeS * 1000 - nowMs) > limits.creditSlackMs;
  const here = { agentTimeS, serverMs: nowMs };
  const anew = { kind: "credited", lastSeenMs: nowMs, agentTimeS, anchor: here, isReanchored: true } as const;
  if (record === undefined) return { ...anew, isSkewed: isOff };
  if (isOff && agentTimeS <= record.agentTimeS) return { kind: "stale", isSkewed: true };

  const sentMs = record.anchor.serverMs + (agentTimeS - record.anchor.agentTimeS) * 1000;
  const countsMs = Math.min(nowMs, sentMs + limits.creditSlackMs);
  if (countsMs < nowMs && !isOff && isCorrection(record, agentTimeS)) return { ...anew, isSkewed: false };
  const isSkewed = isOff || countsMs < nowMs;
  if (countsMs < believableLastSeen(record, nowMs)) return { kind: "stale", isSkewed };
  return {
    kind: "credited",
    lastSeenMs: countsMs,
    agentTimeS: Math.max(agentTimeS, record.agentTimeS),
    anchor: sentMs > nowMs + leapMs ? here : setBack(record.anchor, sentMs - nowMs),
    isReanchored: sentMs > nowMs,
    isSkewed,
  };
}

/** The anchor of a clock that drifts ahead; its agent time stays, since it says since when the clock is as it is. */
function setBack(anchor: HostRecord["anchor"], byMs: number): HostRecord["anchor"] {
  return byMs <= 0 ? anchor : { ...anchor, serverMs: anchor.serverMs - byMs };
}

/**
 * Whether a heartbeat with the right time comes from a clock that ran ahead and was corrected. Agent times that were
 * used up ahead of time come back when real time gets to them, and cannot be told from a replay then: they are no
 * correction, unless the clock ran ahead for so long that real time had got to them while it did.
 */
function isCorrection({ anchor, agentTimeS, lastSeenMs }: HostRecord, rightTimeS: number): boolean {
  const ranAheadFromMs = anchor.agentTimeS * 1000;
  if (ranAheadFromMs - anchor.serverMs <= limits.creditSlackMs) return false;
  const isUsedUp = rightTimeS >= anchor.agentTimeS && rightTimeS <= agentTimeS + unwrittenS;
  return !isUsedUp || lastSeenMs >= ranAheadFromMs;
}

function believableLastSeen(record: HostRecord, nowMs: number): number {
  return record.lastSeenMs > nowMs + limits.clockSkewMs ? 0 : record.lastSeenMs;
}

/** Whether a leave counts: its agent time is not older than the newest credited heartbeat's. */
export function leaveCounts(record: HostRecord, time: SignedTime): boolean {
  return time.agentTimeS >= record.agentTimeS;
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
