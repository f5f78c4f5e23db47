import { limits } from "../../shared/domain/limits.ts";
import type { Timeline } from "../engine/timeline.ts";

/** One heartbeat that waits for its answers. `left`: requests that may still be answered. */
export type Waiting = { readonly deadlineMs: number; readonly giveUp: (waiting: Waiting) => void; left: number };

/** How an agent waits: for one heartbeat at a time, and not for ever. */
export type Patience = {
  /** Waits for a heartbeat of so many requests; `giveUp` is called when none was answered well in time. */
  begin(requests: number, giveUp: (waiting: Waiting) => void): Waiting;
  isFor(waiting: Waiting): boolean;
  end(): void;
};

/** One event of the timeline serves all heartbeats that are answered in time. */
export function createPatience(timeline: Timeline): Patience {
  let now: Waiting | undefined;
  let isGuarded = false;
  const guard = (): void => {
    if (isGuarded || now === undefined) return;
    isGuarded = true;
    timeline.at(now.deadlineMs, () => {
      isGuarded = false;
      if (now !== undefined && now.deadlineMs <= timeline.nowMs()) now.giveUp(now);
      else guard();
    });
  };
  return {
    begin(requests, giveUp) {
      now = { deadlineMs: timeline.nowMs() + limits.agentRequestMs, giveUp, left: requests };
      guard();
      return now;
    },
    isFor: (waiting) => waiting === now,
    end() {
      now = undefined;
    },
  };
}
