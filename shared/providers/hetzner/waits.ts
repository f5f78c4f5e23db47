import { limits } from "../../domain/limits.ts";

/**
 * The pauses between two looks at an action. Actions of one project take about equally long, so the first look comes a
 * little before the last one was seen to be done; the next ones follow in growing pauses. Learns from every action.
 */
export type Waits = {
  /** How long to wait before the first look and, by their number, the ones after it. ms */
  pauseMs(looks: number): number;
  /** An action was seen to be done this long after its call was answered. ms */
  took(ms: number): void;
};

export function waits(): Waits {
  let expectedMs = 0;
  return {
    pauseMs(looks) {
      const grownMs = Math.min(limits.hetznerPollMs * 1.25 ** looks, limits.hetznerPollMaxMs);
      return looks === 0 ? Math.max(limits.hetznerPollMs, Math.min(expectedMs, limits.hetznerPollMaxMs)) : grownMs;
    },
    took(ms) {
      expectedMs = ms * 0.85;
    },
  };
}
