import { setMaxListeners } from "node:events";
import { limits } from "../../shared/domain/limits.ts";
import type { Clock } from "../../shared/ports/clock.ts";

/** The time of one run, by the monotonic clock. */
export type Budget = {
  /** Until no call may be started any more, ms. */
  leftMs(): number;
  /** Aborts at that moment. */
  readonly signal: AbortSignal;
  /** Lets go of the timer. */
  end(): void;
};

/** `runMs`: how long the run may take. */
export function beginBudget(clock: Clock, runMs: number = limits.swapRunMs): Budget {
  const deadlineMs = clock.monotonicMs() + runMs;
  const over = new AbortController();
  const ended = new AbortController();
  // Every call and every pause of the run listens: many at once are meant.
  setMaxListeners(0, over.signal);
  void clock.sleep(runMs, ended.signal).then(() => {
    if (!ended.signal.aborted) over.abort();
  });
  return {
    leftMs: () => Math.max(0, deadlineMs - clock.monotonicMs()),
    signal: over.signal,
    end: () => ended.abort(),
  };
}
