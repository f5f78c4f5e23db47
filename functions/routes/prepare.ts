import { familyOf } from "../../shared/domain/cidr.ts";
import { type Cloud, familiesOf } from "../../shared/domain/clouds/cloud.ts";
import { limits } from "../../shared/domain/limits.ts";
import { planRoutes } from "../../shared/domain/plan.ts";
import type { Step, WriteStep } from "../../shared/domain/plan-steps.ts";
import type { Route, RouteTarget, TableRef } from "../../shared/domain/routes.ts";
import { reachedNetworks } from "../../shared/domain/topology.ts";
import type { RouteProvider } from "../../shared/ports/route-provider.ts";
import { askCloud } from "./ask-cloud.ts";
import type { Look } from "./carry-out.ts";
import type { Fence } from "./fence.ts";
import { findTables } from "./find-tables.ts";
import type { Job } from "./job.ts";
import { type LedgerBook, openBook } from "./ledger-book.ts";
import type { Situation } from "./situation.ts";
import type { StaleCause } from "./story.ts";
import { findTargets, type HostTargets, noteTargets } from "./targets.ts";
import { createTries, type Failure } from "./tries.ts";

/**
 * A location's job with its first look, or why there is none. `failures`: what could not be had; beside a job, tables
 * that are missing from it.
 */
export type Prepared = { readonly ready: ReadyJob | undefined; readonly failures: readonly Failure[] };

export type ReadyJob = { readonly job: Job; readonly first: Look; readonly own: ReadonlySet<RouteTarget> };

type OpenTables = {
  readonly tables: readonly TableRef[];
  readonly routes: readonly Route[];
  readonly book: LedgerBook;
  readonly readMs: number;
};

/**
 * Asks the cloud and the ledger for all that a plan needs, in parallel, and takes the lease at once if routes are
 * expected to be written. Throws `DatabaseError`.
 */
export async function prepare(situation: Situation, cloud: Cloud, fence: Fence): Promise<Prepared> {
  const { deps, budget, head, location } = situation;
  const opened = await askCloud(deps.clock, budget, () => deps.openProvider(cloud, location.id));
  if (opened.kind !== "answer") return without(opened.kind === "failed" ? [opened.failure] : []);
  const provider = opened.value;
  const [open, targets, isTaken] = await Promise.all([
    openTables(situation, cloud, provider),
    findTargets(deps, provider, location, situation.records, budget),
    head.value.swap.state === "pending" ? fence.take() : true,
  ]);
  if (!isTaken) return without([]);
  const target = activeTarget(situation, targets);
  const failures = [...open.failures, ...("failure" in target ? [target.failure] : [])];
  if (open.tables === undefined || "failure" in target) return without(failures);
  return { ready: jobOf(situation, cloud, fence, provider, open.tables, targets, target.active), failures };
}

function without(failures: readonly Failure[]): Prepared {
  return { ready: undefined, failures };
}

async function openTables(
  situation: Situation,
  cloud: Cloud,
  provider: RouteProvider,
): Promise<{ readonly tables: OpenTables | undefined; readonly failures: readonly Failure[] }> {
  const { deps, budget, location } = situation;
  const readMs = deps.clock.monotonicMs();
  const { tables, routes, failures } = await findTables(deps, cloud, location.id, provider, budget);
  if (tables.length === 0) return { tables: undefined, failures };
  const book = await openBook(deps.store, cloud, tables);
  return { tables: { tables, routes, book, readMs }, failures };
}

function activeTarget(
  situation: Situation,
  targets: HostTargets,
): { readonly active: RouteTarget | null } | { readonly failure: Failure } {
  const host = situation.activeHost;
  if (host === undefined) return { active: null };
  const active = targets.found.get(host.id);
  if (active !== undefined) return { active };
  const failure = targets.failures.get(host.id);
  if (failure === undefined) throw new Error(`no outcome for the interface of host ${host.id}`);
  return { failure };
}

function jobOf(
  situation: Situation,
  cloud: Cloud,
  fence: Fence,
  provider: RouteProvider,
  open: OpenTables,
  targets: HostTargets,
  active: RouteTarget | null,
): ReadyJob {
  const { deps, budget, link, location, head, noted, teller, ref } = situation;
  const found = [...targets.found.values()];
  const own = new Set([...(noted?.value ?? []), ...found]);
  const families = familiesOf(cloud);
  const desired = reachedNetworks(link, location).filter((destination) => families.has(familyOf(destination)));
  const { generation, removeRoutes, id: locationId } = location;
  const aim = { desired, tables: open.tables, active, own, locationId, generation, removeRoutes };
  let noting: Promise<void> | undefined;
  const job: Job = {
    deps,
    provider,
    tables: open.tables,
    book: open.book,
    fence,
    budget,
    tries: createTries(),
    teller,
    writer: { ...ref, generation, epoch: head.value.epoch },
    plan: (routes, entries) =>
      planRoutes({ ...aim, routes, entries }).filter((step) => !mayStillLand(step, deps.clock.nowMs())),
    beforeWriting: () => {
      noting ??= noteTargets(deps.store, locationId, noted, found);
      return noting;
    },
    believeMs: believeMs(situation),
    staleCause: (step) => staleCause(step, situation, targets, active),
  };
  return { job, first: { steps: job.plan(open.routes, open.book.entries()), readMs: open.readMs }, own };
}

/**
 * A call that creates the route, which was removed since or never seen to stand, may still land: until it cannot any
 * more, the ledger remembers that it would be ours.
 */
function mayStillLand({ kind, reason, entry }: Step, nowMs: number): boolean {
  const isForgotten = kind === "settle" && reason === "gone";
  const isAwaited = entry?.state === "removed" || entry?.state === "intended";
  return isForgotten && isAwaited && nowMs - entry.atMs < limits.lateCallMs;
}

/** Soon after a confirmation a read may still be an old one: a surprise is believed only once that is over. */
function believeMs(situation: Situation): number | undefined {
  const { swap } = situation.head.value;
  if (swap.state === "pending") return undefined;
  const settlesMs = swap.atMs + limits.routeSettleMs - situation.deps.clock.nowMs();
  return Math.min(Math.max(limits.believeMs, settlesMs), limits.routeSettleMs);
}

/**
 * A route at an interface of another host was pointed there by a call that landed late. Where the active host's own
 * interface is a new one, it is the interface that changed.
 */
function staleCause(
  step: WriteStep,
  situation: Situation,
  targets: HostTargets,
  active: RouteTarget | null,
): StaleCause {
  const others = [...targets.found].filter(([hostId]) => hostId !== situation.activeHost?.id);
  const isAnothers = others.some(([, target]) => target === step.found?.target);
  const isKnown = active !== null && situation.noted?.value.includes(active) === true;
  return isAnothers || isKnown ? "late-call" : "target-moved";
}
