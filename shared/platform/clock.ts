import { setTimeout as timer } from "node:timers/promises";
import type { Clock } from "../ports/clock.ts";

/** The machine's own time. A sleep never keeps the process alive for longer than its signal allows. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await timer(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
  },
};
