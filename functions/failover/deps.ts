import type { Clock } from "../../shared/ports/clock.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { SwapQueue, TickQueue } from "../../shared/ports/queues.ts";
import type { Store } from "../../shared/ports/store.ts";

/** What an election needs. Queues are opened when first used: most elections change nothing. */
export type FailoverDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly swapQueue: () => Promise<SwapQueue>;
  readonly tickQueue: () => Promise<TickQueue>;
};
