import { limits } from "../../shared/domain/limits.ts";
import type { Decision } from "../../shared/domain/records.ts";
import type { Tick, Wake } from "../../shared/ports/queues.ts";
import type { TableCare } from "../../shared/ports/table-care.ts";
import type { FailoverDeps } from "./deps.ts";
import { electNow } from "./elect-now.ts";
import { checkReplication } from "./replication-guard.ts";
import { type SweepResult, sweep } from "./sweep.ts";

export type { ElectionOutcome } from "./commit.ts";
export { electNow } from "./elect-now.ts";

/** What the schedule needs besides an election's needs: the care of the table, where that is DynamoDB's. */
export type ScheduleDeps = FailoverDeps & { readonly tableCare?: TableCare };

/** The failover function: what its schedule and its queue call. */
export type Failover = {
  /**
   * The run of the schedule, once a minute: sends the ticks until the next one, looks whether the table may be elected
   * over, sweeps, wakes every reconcile, and deletes what has expired where the table does not do so itself.
   */
  scheduled(): Promise<void>;
  /** One delayed message. A late one is dropped: the next tick or schedule does its work. */
  tick(tick: Tick): Promise<void>;
};

/**
 * Only the schedule sends sweep ticks; a sweep tick sends at most moments, and a moment sends nothing: a chain of
 * messages is never longer than three, since the platform stops functions that wake themselves without end.
 */
export function createFailover(deps: ScheduleDeps): Failover {
  return {
    async scheduled() {
      const failures: unknown[] = [];
      const attempt = (work: Promise<void>): Promise<void> => work.catch((error: unknown) => void failures.push(error));
      const startedMs = deps.clock.nowMs();
      let unconfirmed: readonly Decision[] = [];
      let mustClean = false;
      const sweepAll = async () => {
        const replication = await checkReplication(deps, deps.tableCare);
        const result = await sweep(deps, "sweep", replication);
        unconfirmed = result.unconfirmed;
        await attempt(sendMoments(deps, result));
        await attempt(sendSecondReconcile(deps, result, startedMs));
        if (result.swept > 0 || result.skipped === 0) await deps.store.noteSwept(deps.clock.nowMs());
        mustClean = replication.kind === "strong";
      };
      await Promise.all([attempt(sendTicks(deps, startedMs)), attempt(sweepAll())]);
      await attempt(wakeReconcile(deps, unconfirmed));
      if (mustClean) await removeExpired(deps);
      if (failures.length > 0)
        throw new AggregateError(failures, `the scheduled run failed in part: ${failures.join("; ")}`);
    },

    async tick(tick) {
      const lateMs = deps.clock.nowMs() - tick.dueMs;
      if (lateMs > limits.tickLateMs && tick.kind !== "wake") return;
      // A queue delays by whole seconds: what comes early waits for its moment here. A sweep has none of its own.
      if (lateMs < 0 && tick.kind !== "sweep") await deps.clock.sleep(Math.min(-lateMs, limits.tickEarlyMs));
      switch (tick.kind) {
        case "sweep":
          await sendMoments(deps, await sweep(deps, "sweep"));
          return;
        case "moment":
          await electNow(deps, tick, "tick");
          return;
        case "wake": {
          const { linkId, locationId, cause, round } = tick;
          const queue = await deps.swapQueue();
          await queue.wake([{ linkId, locationId, cause, round }]);
          return;
        }
        default:
          tick satisfies never;
      }
    },
  };
}

/** Time to live is off in a global table with strong consistency. Readers pass over what has expired, so it can wait. */
async function removeExpired({ tableCare, log }: ScheduleDeps): Promise<void> {
  try {
    await tableCare?.removeExpired();
  } catch (error) {
    log.warn("expired items could not be deleted: the next run goes on", { error: String(error) });
  }
}

async function sendTicks(deps: FailoverDeps, startedMs: number): Promise<void> {
  const ticks = await deps.tickQueue();
  await ticks.send(
    Array.from({ length: limits.ticks }, (_, n) => ({ kind: "sweep", dueMs: startedMs + (n + 1) * limits.tickMs })),
  );
}

async function sendMoments(deps: FailoverDeps, result: SweepResult): Promise<void> {
  if (result.moments.length === 0) return;
  const ticks = await deps.tickQueue();
  await ticks.send(result.moments.map((moment) => ({ kind: "moment", ...moment })));
}

/**
 * Soon after a decision a call for the one before may still land, from a container that stood still. What it does has
 * to be found and undone within a minute: the next reconcile alone, which reads twice before it believes, is too late.
 */
async function sendSecondReconcile(deps: FailoverDeps, { recent }: SweepResult, startedMs: number): Promise<void> {
  if (recent.length === 0) return;
  const dueMs = startedMs + limits.secondReconcileMs;
  const ticks = await deps.tickQueue();
  await ticks.send(recent.map((ref) => ({ kind: "wake", ...ref, cause: "reconcile", round: 0, dueMs })));
}

/** Wakes every location with routes, those that are retired, and decisions not confirmed: drift is repaired each minute. */
async function wakeReconcile(deps: FailoverDeps, unconfirmed: readonly Decision[]): Promise<void> {
  const [applied, retired] = await Promise.all([deps.store.readNetwork(), deps.store.readRetired()]);
  const withRoutes = applied.value.network.links.flatMap((link) =>
    link.locations
      .filter((location) => location.cloud !== undefined)
      .map((location) => ({ linkId: link.id, locationId: location.id })),
  );
  const refs = new Map<string, Wake>();
  for (const { linkId, locationId } of [...withRoutes, ...retired.map((one) => one.value), ...unconfirmed]) {
    refs.set(locationId, { linkId, locationId, cause: "reconcile", round: 0 });
  }
  if (refs.size === 0) return;
  const queue = await deps.swapQueue();
  await queue.wake([...refs.values()]);
}
