import { errorFields } from "../shared/platform/json-log.ts";
import type { Clock } from "../shared/ports/clock.ts";
import type { Log } from "../shared/ports/log.ts";

/**
 * Runs `work` at once and then at every full period of the wall clock, as the cloud's schedule does. A failed run is
 * logged under `name` and the next one comes all the same. Returns what ends it, after the run under way.
 */
export function startSchedule(
  deps: { readonly clock: Clock; readonly log: Log; readonly name?: string },
  everyMs: number,
  work: () => Promise<void>,
): () => Promise<void> {
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await work();
      } catch (error) {
        deps.log.error(`${deps.name ?? "schedule"}: run failed`, errorFields(error));
      }
      const dueMs = (Math.floor(deps.clock.nowMs() / everyMs) + 1) * everyMs;
      // A timer can fire a moment before the wall clock says so.
      while (deps.clock.nowMs() < dueMs && !stopping.signal.aborted) {
        await deps.clock.sleep(dueMs - deps.clock.nowMs(), stopping.signal);
      }
    }
  })();
  return async () => {
    stopping.abort();
    await running;
  };
}
