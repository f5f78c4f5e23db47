/** Bounds of what runs on a developer's machine, with their units. */
export const devLimits = {
  /** Entries of a simulated host's timeline that are kept. */
  timelineEntries: 1_000,
  /** Messages that one queue of the local runtime holds; more are refused, as a bug. */
  queueMessages: 100_000,
  /** One tick in so many is delivered twice, so that what runs here also runs where that happens. */
  doubleTickEvery: 20,
} as const;
