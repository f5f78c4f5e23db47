import type { Clock, Random } from "../../shared/ports/clock.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { SwapQueue, TickQueue } from "../../shared/ports/queues.ts";
import type { OpenProvider } from "../../shared/ports/route-provider.ts";
import type { Store } from "../../shared/ports/store.ts";

/** What the routes function needs. Queues and clouds are opened when first used. */
export type RoutesDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly openProvider: OpenProvider;
  readonly swapQueue: () => Promise<SwapQueue>;
  readonly tickQueue: () => Promise<TickQueue>;
};
