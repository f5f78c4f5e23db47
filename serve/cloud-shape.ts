import { limits } from "../shared/domain/limits.ts";

/** How the deployment template sets up queues and functions, so that they behave the same in one process. */
export const cloudShape = {
  schedule: { everyMs: limits.sweepMs },
  queue: { visibilityMs: 36_000, functionMs: 30_000, maxReceives: 3 },
  concurrency: { ticks: 5, swaps: 10 },
} as const;
