import type { Clock } from "../../shared/ports/clock.ts";
import type { Timeline } from "../engine/timeline.ts";

/** The clock of a cloud, which is always right. Its sleep ends in its time only. */
export function timelineClock(timeline: Timeline): Clock {
  return {
    nowMs: () => Math.floor(timeline.nowMs()),
    monotonicMs: timeline.nowMs,
    sleep: timeline.after,
  };
}
