import { setMaxListeners } from "node:events";
import type { Clock } from "../../ports/clock.ts";

/** The time after a run in which what it has begun is finished. `signal` aborts at its end. */
type Grace = { readonly signal: AbortSignal; close(): void };

/** Time that ends `ms` after `signal` aborts. To be closed when nothing is left to finish. */
export function graceAfter(clock: Clock, signal: AbortSignal, ms: number): Grace {
  const over = new AbortController();
  const closed = new AbortController();
  // Everything that is being finished listens: many at once are meant.
  setMaxListeners(0, over.signal);
  const onAbort = (): void => {
    void clock.sleep(ms, closed.signal).then(() => {
      if (!closed.signal.aborted) over.abort();
    });
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return {
    signal: over.signal,
    close() {
      signal.removeEventListener("abort", onAbort);
      closed.abort();
    },
  };
}
