import { limits } from "../../domain/limits.ts";

/**
 * The pauses between two looks at an action. Actions of one project take about equally long, so the first look comes when
 * the last one was about done; the next ones follow in growing pauses. Learns from every action.
 */
export type Waits = {
  /** How long to wait before the first look and, by their number, the ones after it. ms */
  pauseMs(looks: number): number;
  /**
   * An action was still running at a look that began `runningMs` after it was accepted (0 for none), and done at one that
   * began `doneMs` after it.
   */
  learn(runningMs: number, doneMs: number): void;
};

/** What a first look that came late enough is tried earlier the next time: a look that comes too early costs a second one. */
const EARLIER = 0.99;
/** Where between a look that came too early and the one after it the end of an action is taken to have been. */
const BETWEEN = 0.25;

export function waits(): Waits {
  let expectedMs = 0;
  return {
    pauseMs(looks) {
      const pauseMs = looks === 0 ? expectedMs : limits.hetznerPollMs * 1.3 ** (looks - 1);
      return Math.min(Math.max(pauseMs, limits.hetznerPollMs), limits.hetznerPollMaxMs);
    },
    learn(runningMs, doneMs) {
      expectedMs = runningMs === 0 ? doneMs * EARLIER : runningMs + (doneMs - runningMs) * BETWEEN;
    },
  };
}
