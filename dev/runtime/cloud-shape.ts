import { limits } from "../../shared/domain/limits.ts";

/** How the deployment template sets up queues and functions, so that they behave the same here. */
export const cloudShape = {
  schedule: { everyMs: limits.sweepMs },
  queue: { visibilityMs: 36_000, functionMs: 30_000, maxReceives: 3 },
  concurrency: { ticks: 5, swaps: 10 },
  /** One tick in so many is delivered twice, so that what runs here also runs where that happens. */
  doubleEvery: 20,
} as const;
