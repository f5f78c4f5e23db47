/** What all agents together saw of the heartbeat endpoint. */
export type Tally = {
  sent: number;
  answered: number;
  /** Heartbeats whose own host was stopped while they were under way. */
  cutOff: number;
  /** By cause. */
  readonly failed: Map<string, number>;
  /** Of the answered ones, from before the connection is made until the answer is read. ms */
  readonly latenciesMs: number[];
};

export function emptyTally(): Tally {
  return { sent: 0, answered: 0, cutOff: 0, failed: new Map(), latenciesMs: [] };
}

/** Heartbeats under way. */
export function openIn(tally: Tally): number {
  const failed = [...tally.failed.values()].reduce((sum, count) => sum + count, 0);
  return tally.sent - tally.answered - tally.cutOff - failed;
}

/** Counts a failure under a cause in few words. */
export function countFailure(tally: Tally, error: unknown): void {
  const cause = causeOf(error);
  tally.failed.set(cause, (tally.failed.get(cause) ?? 0) + 1);
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  switch ((error as NodeJS.ErrnoException).code) {
    case "ECONNREFUSED":
      return "connection refused";
    case "ECONNRESET":
    case "EPIPE":
      return "connection reset";
    default:
      return error.message;
  }
}

/** Value below which a share of the sorted values lies, by the nearest rank; 0 of none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** Half of the values, all but a hundredth, and all of them lie at or below these. */
export function spread(values: readonly number[]): {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
} {
  const sorted = [...values].sort((a, b) => a - b);
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), max: sorted.at(-1) ?? 0 };
}
