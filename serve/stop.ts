import type { Clock } from "../shared/ports/clock.ts";
import type { Health } from "./health.ts";
import type { HttpServer } from "./http/server.ts";
import { serveLimits } from "./limits.ts";
import type { ServeLog } from "./log.ts";
import type { LocalQueues } from "./queues/local-queues.ts";
import type { Settings } from "./settings.ts";

/** What a server is made of, as far as it has to be ended. */
export type Parting = {
  readonly settings: Pick<Settings, "drainMs">;
  readonly health: Health;
  /** Ends the schedules after the runs under way. */
  readonly schedules: () => Promise<void>;
  readonly server: HttpServer;
  readonly queues: LocalQueues;
  readonly close: () => Promise<void>;
};

/**
 * Ends a server: tells load balancers, stops to accept, lets requests, the scheduled run and swaps under way or waiting end
 * within 10 s, then closes. False when something was cut off.
 */
export async function part(
  parting: Parting,
  { clock, log }: { readonly clock: Clock; readonly log: ServeLog },
): Promise<boolean> {
  const { settings, health, schedules, server, queues } = parting;
  log.info("stopping", { drainMs: settings.drainMs });
  health.stopping();
  if (settings.drainMs > 0) await clock.sleep(settings.drainMs);

  const late = new AbortController();
  const lateMs = clock.monotonicMs() + serveLimits.stopMs;
  const tooLate = clock.sleep(serveLimits.stopMs, late.signal).then(() => false);
  const inTime = (work: Promise<void>): Promise<boolean> => Promise.race([work.then(() => true), tooLate]);

  const ended = async (): Promise<void> => {
    // A request or a run can still send a swap on its way: the queues come after them.
    await Promise.all([server.stop(serveLimits.stopMs), schedules()]);
    await queues.drained();
  };
  const isClean = await inTime(ended());
  if (!isClean) log.warn("what was still under way is cut off: the next server's schedule finishes it");
  await inTime(queues.stop());
  late.abort();
  await parting.close();
  log.info("stopped", { tookMs: Math.round(serveLimits.stopMs - (lateMs - clock.monotonicMs())), isClean });
  return isClean;
}
