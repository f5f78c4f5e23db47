import { limits } from "./limits.ts";
import type { HostRecord } from "./records.ts";

/** An agent's clock that gains more than this between two heartbeats has leapt, not drifted. ms */
const leapMs = 1_000;

/** What a signed heartbeat says of time: the agent's own clock in Unix seconds. */
export type SignedTime = { readonly agentTimeS: number };

/**
 * How far a heartbeat moves what is believed of its host. `credited`: last-seen becomes `lastSeenMs` and the anchor
 * `anchor`. `stale`: it says nothing that is not known. Either way the sender gets its answer.
 */
export type Credit =
  | {
      readonly kind: "credited";
      readonly lastSeenMs: number;
      readonly anchor: HostRecord["anchor"];
      /** The agent's clock leapt ahead: the new anchor has to be on record before anything rests on the old one. */
      readonly isLeap: boolean;
      readonly isSkewed: boolean;
    }
  | { readonly kind: "stale"; readonly isSkewed: boolean };

/**
 * Credits a heartbeat. A host's clock can shorten, never lengthen, what is believed:
 * - an agent time within 5 s of server time is always creditable up to now and re-anchors, so that a corrected clock
 *   recovers at once and a replay buys at most 5 s;
 * - otherwise only a newer agent time counts, up to `anchor server time + time passed on the agent's clock + 5 s`; an
 *   agent whose clock ran ahead is anchored anew, since the old anchor would let its heartbeats be kept for later;
 * - the first heartbeat of a host sets the anchor.
 * A last-seen in the future (written by a function whose clock was wrong) is no evidence and gives way.
 */
export function credit(record: HostRecord | undefined, time: SignedTime, nowMs: number): Credit {
  const isSkewed = Math.abs(time.agentTimeS * 1000 - nowMs) > limits.creditSlackMs;
  const here = { agentTimeS: time.agentTimeS, serverMs: nowMs };
  if (record === undefined || !isSkewed) {
    const known = record === undefined ? 0 : believableLastSeen(record, nowMs);
    return { kind: "credited", lastSeenMs: Math.max(known, nowMs), anchor: here, isLeap: false, isSkewed };
  }
  if (time.agentTimeS <= record.agentTimeS) return { kind: "stale", isSkewed };
  const agentPassedMs = (time.agentTimeS - record.anchor.agentTimeS) * 1000;
  const sentMs = record.anchor.serverMs + agentPassedMs;
  const lastSeenMs = Math.min(nowMs, sentMs + limits.creditSlackMs);
  if (lastSeenMs <= believableLastSeen(record, nowMs)) return { kind: "stale", isSkewed };
  const anchor = sentMs > nowMs ? here : record.anchor;
  return { kind: "credited", lastSeenMs, anchor, isLeap: sentMs > nowMs + leapMs, isSkewed };
}

function believableLastSeen(record: HostRecord, nowMs: number): number {
  return record.lastSeenMs > nowMs + limits.clockSkewMs ? 0 : record.lastSeenMs;
}

/** Whether a leave counts: its agent time is not older than the newest credited heartbeat's. */
export function leaveCounts(record: HostRecord, time: SignedTime): boolean {
  return time.agentTimeS >= record.agentTimeS;
}

/**
 * Whether a heartbeat ends a leave: only one that the agent sent after it, unless the leave's agent time lies ahead of
 * server time, which a corrected clock leaves behind. So a late or replayed heartbeat does not undo a good-bye.
 */
export function endsLeave(left: NonNullable<HostRecord["left"]>, time: SignedTime, nowMs: number): boolean {
  return time.agentTimeS > left.agentTimeS || left.agentTimeS * 1000 > nowMs + limits.creditSlackMs;
}
