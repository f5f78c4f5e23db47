import { limits } from "./limits.ts";

/** When something was read: local clocks around the request, and the database's clock floored to a second. */
export type ReadTimes = {
  readonly sentMs: number;
  readonly receivedMs: number;
  readonly monotonicMs: number;
  readonly databaseMs: number | undefined;
};

/**
 * How far the local clock is from the database's at least, in ms: 0 when both can be right. The database's own time
 * lay somewhere within its floored second, and its answer was made somewhere between request and answer.
 */
export function clockOffsetMs(times: ReadTimes): number {
  if (times.databaseMs === undefined) return 0;
  const aheadMs = times.sentMs - (times.databaseMs + 1_000);
  const behindMs = times.databaseMs - times.receivedMs;
  return Math.max(0, aheadMs, behindMs);
}

/** Whether the local clock may be used to decide anything. */
export function isClockRight(times: ReadTimes): boolean {
  return clockOffsetMs(times) <= limits.clockSkewMs;
}

/**
 * Whether evidence is young enough to commit on. Judged on the monotonic clock and on the wall clock, since a frozen
 * container may stop either, and by what both say at once.
 */
export function isFresh(times: ReadTimes, now: { readonly nowMs: number; readonly monotonicMs: number }): boolean {
  return now.monotonicMs - times.monotonicMs <= limits.evidenceMs && now.nowMs - times.sentMs <= limits.evidenceMs;
}
