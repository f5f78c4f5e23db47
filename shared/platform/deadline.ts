import type { Clock } from "../ports/clock.ts";

/**
 * Runs `work` with a signal that aborts after `ms`, and then rejects whether or not the work listened to it. Throws what the
 * work throws, or an Error that says `no answer within … ms`.
 */
export async function within<T>(clock: Clock, ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController();
  const done = new AbortController();
  const late = clock.sleep(ms, done.signal).then((): Promise<never> => {
    if (done.signal.aborted) return new Promise(() => undefined);
    const error = new Error(`no answer within ${ms} ms`);
    over.abort(error);
    throw error;
  });
  try {
    return await Promise.race([work(over.signal), late]);
  } finally {
    done.abort();
  }
}
