import { createAdmin } from "../functions/admin/admin.ts";
import { createFailover } from "../functions/failover/failover.ts";
import { createReceiver } from "../functions/heartbeat/receive.ts";
import { createExaminer } from "../functions/routes/examine.ts";
import { createSwapper } from "../functions/routes/swap.ts";
import type { Clock, Random } from "../shared/ports/clock.ts";
import type { Examinations, Examine, ExamineQueue } from "../shared/ports/examinations.ts";
import type { Log } from "../shared/ports/log.ts";
import type { SwapQueue, Tick, TickQueue, Wake } from "../shared/ports/queues.ts";
import type { Secrets } from "../shared/ports/secrets.ts";
import type { Store } from "../shared/ports/store.ts";
import type { TableCare } from "../shared/ports/table-care.ts";
import { createDoctorRegistry } from "../shared/providers/doctors.ts";
import { createProviderRegistry, type ProviderParts } from "../shared/providers/registry.ts";

/** What the functions stand on, whatever runs them. */
export type Parts = {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly swapQueue: () => Promise<SwapQueue>;
  readonly tickQueue: () => Promise<TickQueue>;
  readonly examineQueue: () => Promise<ExamineQueue>;
  readonly examinations: Examinations;
  /** Where the database is DynamoDB itself. */
  readonly tableCare?: TableCare;
  /** `host:port` of the heartbeat endpoint. */
  readonly endpoints: readonly string[];
} & Pick<ProviderParts, "cloudSecrets" | "awsToken" | "cloudEndpoints">;

/** Everything that is deployed, by what sets it off. */
export type Functions = {
  heartbeat(request: Request): Promise<Response>;
  admin(request: Request): Promise<Response>;
  scheduled(): Promise<void>;
  tick(tick: Tick): Promise<void>;
  swap(wake: Wake): Promise<void>;
  examine(request: Examine): Promise<void>;
};

/** The functions as they are deployed, over other parts. */
export function deployedFunctions(parts: Parts): Functions {
  const failover = createFailover(parts);
  const openProvider = createProviderRegistry(parts);
  return {
    heartbeat: createReceiver(parts),
    admin: createAdmin({ ...parts, doctor: { examinations: parts.examinations, queue: parts.examineQueue } }),
    scheduled: () => failover.scheduled(),
    tick: (tick) => failover.tick(tick),
    swap: createSwapper({ ...parts, openProvider }),
    examine: createExaminer({ ...parts, openProvider, openDoctor: createDoctorRegistry(parts) }),
  };
}
