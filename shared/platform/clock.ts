import { setTimeout as timer } from "node:timers/promises";
import type { Clock } from "../ports/clock.ts";

/** The two clocks of a machine run apart by less than this while it runs. ms */
const driftMs = 250;

/**
 * Time that has passed, in ms, by two clocks of which either may stand still: a machine that is paused as a whole may stop its
 * monotonic clock, and only its wall clock then shows that time went on. Wherever the two part, the difference counts as
 * time that has passed, also where the wall clock is set back: it may have been set while the machine stood still.
 */
export function elapsedTime(monotonicMs: () => number, wallMs: () => number): () => number {
  let apartMs = wallMs() - monotonicMs();
  let missedMs = 0;
  return () => {
    const nowMs = monotonicMs();
    const jumpMs = wallMs() - nowMs - apartMs;
    if (Math.abs(jumpMs) > driftMs) {
      missedMs += Math.abs(jumpMs);
      apartMs += jumpMs;
    }
    return nowMs + missedMs;
  };
}

/** The machine's own time. A sleep never keeps the process alive for longer than its signal allows. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: elapsedTime(
    () => performance.now(),
    () => Date.now(),
  ),
  async sleep(ms, signal) {
    try {
      await timer(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
  },
};
