import { RouteError } from "../../shared/domain/errors.ts";
import { limits } from "../../shared/domain/limits.ts";
import { isWrite, type Step } from "../../shared/domain/plan-steps.ts";
import type { Wake } from "../../shared/ports/queues.ts";
import { beginBudget } from "./budget.ts";
import { carryOut } from "./carry-out.ts";
import type { RoutesDeps } from "./deps.ts";
import { createFence, type Fence } from "./fence.ts";
import { handOver, record } from "./finish.ts";
import { orphanLeftTables } from "./left-tables.ts";
import { type Prepared, prepare, type ReadyJob } from "./prepare.ts";
import type { Outcome } from "./report.ts";
import { retireOld } from "./retired.ts";
import { type Run, readSituation, type Situation } from "./situation.ts";
import { retellBucket } from "./story.ts";
import { tellDecisions, tellLastDecisions } from "./tell-decisions.ts";
import type { Failure } from "./tries.ts";
import { wakeAt } from "./wake-again.ts";

/**
 * The routes function: reads the newest decision of the location that it is woken for, points every route that is ours
 * at the active host, reads back until two equal reads show it, and confirms. What the message says besides the
 * location does not matter, nor how often or how late it comes. Errors of the cloud are put on record, with a time to
 * try again, and never thrown; throws `DatabaseError`.
 */
export function createSwapper(deps: RoutesDeps): (wake: Wake) => Promise<void> {
  return async (wake) => {
    const budget = beginBudget(deps.clock);
    const owner = Buffer.from(deps.random.bytes(9)).toString("base64url");
    const ref = { linkId: wake.linkId, locationId: wake.locationId };
    try {
      await runOnce({ deps, wake, ref, budget, owner });
    } finally {
      budget.end();
    }
  };
}

async function runOnce(run: Run): Promise<void> {
  const found = await readSituation(run);
  switch (found.kind) {
    case "nothing":
      return;
    case "clock":
      return tellClock(run, found.databaseMs);
    case "gone":
      await tellLastDecisions(run);
      return retireOld(run, { generation: undefined, epoch: found.epoch, name: run.ref.locationId });
    case "present": {
      const { situation } = found;
      const { location, head, teller } = situation;
      const isInPlace = await swapLocation(situation);
      if (isInPlace && location.generation > 1) {
        await retireOld(run, { generation: location.generation, epoch: head.value.epoch, name: teller.name });
      }
      return;
    }
    default:
      found satisfies never;
  }
}

/** True when all routes of the location are verified to be in place. */
async function swapLocation(situation: Situation): Promise<boolean> {
  const { head, location } = situation;
  const { cloud } = location;
  const isPending = head.value.swap.state === "pending";
  const telling = isPending ? tellDecisions(situation, situation.link.name, location) : Promise.resolve();
  const fence = fenceOf(situation);
  const preparing = cloud === undefined ? nothingToPrepare : prepare(situation, cloud, fence);
  const [{ ready, failures }] = await Promise.all([preparing, telling]);
  const outcome = cloud === undefined ? noRoutes : await carryOutReady(situation, ready, failures);
  const next = await record(situation, fence, outcome);
  const isInPlace = outcome.isDone && fence.lost() === undefined;
  if (isInPlace && isPending && cloud !== undefined && ready !== undefined) {
    await orphanLeftTables(situation, cloud, ready);
  }
  await handOver(situation, fence, next);
  return isInPlace;
}

const nothingToPrepare: Prepared = { ready: undefined, failures: [] };

const noRoutes: Outcome = {
  end: "verified",
  steps: [],
  tally: { written: 0, firstWriteMs: undefined },
  failures: [],
  isDone: true,
};

async function carryOutReady(
  { network }: Situation,
  ready: ReadyJob | undefined,
  failures: readonly Failure[],
): Promise<Outcome> {
  if (ready === undefined) return { ...noRoutes, end: "out-of-time", failures, isDone: false };
  const result = await carryOut(ready.job, ready.first);
  const present = new Set(network.links.flatMap((link) => link.locations.map((location) => location.id)));
  const isLeaving = ({ kind, entry }: Step): boolean => kind === "conflict" && !present.has(entry?.locationId ?? "");
  const steps = result.steps.filter((step) => !isLeaving(step));
  const leaving = result.steps.filter(isLeaving).map(leavingFailure);
  const dead = steps.filter((step) => step.kind === "dead").map(deadFailure);
  const all = [...failures, ...result.failures, ...dead, ...leaving];
  const isThrough = result.end === "verified" || result.end === "quiet";
  return { ...result, steps, failures: all, isDone: isThrough && all.length === 0 && !steps.some(isWrite) };
}

/** The owner is not in the configuration any more: what it left is removed or listed as an orphan within a minute or so. */
function leavingFailure(step: Step): Failure {
  const message = `${step.destination} in ${step.table.id} is still being cleared away for a location that was removed`;
  const next = "nothing: it is taken over when that is done";
  const error = new RouteError("LOCKED", message, { retry: "soon", next });
  return { error, table: step.table.key, destination: step.destination };
}

function deadFailure(step: Step): Failure {
  const why = step.found?.warning === undefined ? "" : `: ${step.found.warning}`;
  const message = `${step.destination} in ${step.table.id} points at ${step.found?.target}, and the cloud shows it as a blackhole${why}`;
  const next = "see that the interface of the active host is attached to a running instance";
  const error = new RouteError("TARGET_MISSING", message, { retry: "later", next });
  return { error, table: step.table.key, destination: step.destination };
}

function fenceOf(situation: Situation): Fence {
  const { deps, ref, head, owner } = situation;
  const { epoch } = head.value;
  return createFence({
    store: deps.store,
    clock: deps.clock,
    locationId: ref.locationId,
    claim: { owner, epoch },
    ask: async () => {
      const read = await deps.store.readHead(ref.linkId, ref.locationId);
      return { isLatest: read.value?.value.epoch === epoch, monotonicMs: read.monotonicMs };
    },
    knownMs: situation.askedMs,
    overlapped: (untilMs) => wakeAt(situation, "verify", untilMs + limits.routeCallMs),
  });
}

/** With a clock that is wrong nothing is written but this. */
async function tellClock(run: Run, databaseMs: number): Promise<void> {
  const { deps, ref } = run;
  deps.log.error("clock differs from the database's: no route is written", { ...ref, databaseMs });
  await deps.store.tell({
    atMs: databaseMs,
    kind: "elector-clock",
    severity: "error",
    by: "routes",
    message: `the routes function's clock is ${Math.round((deps.clock.nowMs() - databaseMs) / 1_000)} s off the database's: it does nothing until that is corrected`,
    once: `elector-clock#routes#${retellBucket(databaseMs)}`,
  });
}
