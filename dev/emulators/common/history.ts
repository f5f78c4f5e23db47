import type { Clock } from "../../../shared/ports/clock.ts";

/** States that a reader may still be shown are kept for this long. ms */
const KEEP_MS = 60_000;

/** A state that is never changed in place, with its recent past: what a read that lags is shown. */
export type History<State> = {
  current(): State;
  /** The state of `lagMs` milliseconds ago, by the monotonic clock. */
  past(lagMs: number): State;
  put(state: State): void;
};

export function history<State>(clock: Clock, first: State): History<State> {
  let versions = [{ sinceMs: Number.NEGATIVE_INFINITY, state: first }];
  const past = (lagMs: number): State => {
    const atMs = clock.monotonicMs() - lagMs;
    return (versions.findLast(({ sinceMs }) => sinceMs <= atMs) ?? versions[0])?.state ?? first;
  };
  return {
    current: () => past(0),
    past,
    put(state) {
      const nowMs = clock.monotonicMs();
      versions.push({ sinceMs: nowMs, state });
      const oldest = versions.findLastIndex(({ sinceMs }) => sinceMs <= nowMs - KEEP_MS);
      if (oldest > 0) versions = versions.slice(oldest);
    },
  };
}
