import type { Clock, Random } from "../../shared/ports/clock.ts";
import type { Examinations, ExamineQueue } from "../../shared/ports/examinations.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { SwapQueue, TickQueue } from "../../shared/ports/queues.ts";
import type { Secrets } from "../../shared/ports/secrets.ts";
import type { Store } from "../../shared/ports/store.ts";
import type { TableCare } from "../../shared/ports/table-care.ts";

/** What the admin API stands on. The queues are opened when first needed. */
export type AdminDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly swapQueue: () => Promise<SwapQueue>;
  readonly tickQueue: () => Promise<TickQueue>;
  /** What `doctor` stands on; left out where no routes function takes examinations. */
  readonly doctor?: { readonly examinations: Examinations; readonly queue: () => Promise<ExamineQueue> };
  /** How the table is replicated; left out where it is not DynamoDB's. */
  readonly tableCare?: TableCare;
  /** `host` or `host:port` of every heartbeat endpoint, as they stand in a host's URI. */
  readonly endpoints: readonly string[];
};
