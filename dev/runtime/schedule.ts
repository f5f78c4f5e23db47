import type { Clock } from "../../shared/ports/clock.ts";
import type { Log } from "../../shared/ports/log.ts";

/**
 * Runs `work` at once and then at every full period of the wall clock, as the cloud's schedule does. A failed run is
 * logged and the next one comes all the same. Returns what ends it, after the run under way.
 */
export function startSchedule(
  deps: { readonly clock: Clock; readonly log: Log },
  everyMs: number,
  work: () => Promise<void>,
): () => Promise<void> {
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await work();
      } catch (error) {
        deps.log.error("schedule: run failed", { reason: error instanceof Error ? error.message : String(error) });
      }
      await deps.clock.sleep(everyMs - (deps.clock.nowMs() % everyMs), stopping.signal);
    }
  })();
  return async () => {
    stopping.abort();
    await running;
  };
}
