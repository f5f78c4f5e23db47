import type { Clock } from "../../shared/ports/clock.ts";
import type { Timeline } from "../engine/timeline.ts";

/** The clock of a cloud. */
export type CloudClock = Clock & {
  /** What was made before has stood for a while: reads that lag show it too. */
  open(): void;
};

/** What is made before a cloud opens was made so long before, ms. */
const ageMs = 60_000;

/** A clock that is always right, once it was opened. Its sleep ends in its time only. */
export function timelineClock(timeline: Timeline): CloudClock {
  let agoMs = ageMs;
  return {
    nowMs: () => Math.floor(timeline.nowMs()),
    monotonicMs: () => timeline.nowMs() - agoMs,
    sleep: timeline.after,
    open() {
      agoMs = 0;
    },
  };
}
