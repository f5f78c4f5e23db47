import { isMovedAddress, isSameNetwork, keepsLists, mayMean } from "../../shared/domain/clouds/cloud.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Network } from "../../shared/domain/network.ts";
import { planRoutes } from "../../shared/domain/plan.ts";
import { isWrite, type Step } from "../../shared/domain/plan-steps.ts";
import type { LedgerEntry } from "../../shared/domain/records.ts";
import type { Route, RouteTarget, TableRef } from "../../shared/domain/routes.ts";
import { reachedNetworks } from "../../shared/domain/topology.ts";
import type { KnownTable, Retired, Revised } from "../../shared/ports/store.ts";
import { askCloud } from "./ask-cloud.ts";
import { carryOut } from "./carry-out.ts";
import { createFence, type Fence } from "./fence.ts";
import { failureEvents } from "./finish.ts";
import type { Job } from "./job.ts";
import { openBook } from "./ledger-book.ts";
import type { Run } from "./situation.ts";
import { createTries, type Failure } from "./tries.ts";
import { wakeAt } from "./wake-again.ts";

/** A location as it is now: `generation` undefined when it is not in the newest network any more. */
export type Successor = { readonly generation: number | undefined; readonly epoch: number; readonly name: string };

type Work = {
  readonly run: Run;
  readonly retired: Retired;
  readonly successor: Successor;
  readonly network: Network;
  readonly own: ReadonlySet<RouteTarget>;
  readonly fence: Fence;
};

/**
 * Clears away what generations that are gone left behind: their routes are removed, where removal was on and nobody
 * else wants them, else listed as orphans. To be called once the routes of the generation in force, if there is one,
 * are verified to be in place. What fails is tried again at the next reconcile. Throws `DatabaseError`.
 */
export async function retireOld(run: Run, successor: Successor): Promise<void> {
  const { store } = run.deps;
  const isOld = (one: Revised<Retired>): boolean =>
    one.value.locationId === run.ref.locationId &&
    (successor.generation === undefined || one.value.generation < successor.generation);
  const old = (await store.readRetired()).filter(isOld).sort((a, b) => a.value.generation - b.value.generation);
  for (const retired of old) {
    if (run.budget.leftMs() <= 0) return;
    if (await clearAway(run, retired.value, successor)) await store.removeRetired(retired);
  }
}

/** True when nothing of the generation is left but orphans. */
async function clearAway(run: Run, retired: Retired, successor: Successor): Promise<boolean> {
  const { store, clock } = run.deps;
  const [applied, known, noted] = await Promise.all([
    store.readNetwork(),
    store.knownTables(),
    store.readTargets(retired.locationId),
  ]);
  if (isInForce(applied.value.network, retired)) return false;
  const fence = createFence({
    store,
    clock,
    locationId: retired.locationId,
    claim: { owner: `${run.owner}.${retired.generation}`, epoch: successor.epoch },
    ask: async () => {
      const read = await store.readNetwork();
      return { isLatest: !isInForce(read.value.network, retired), monotonicMs: read.monotonicMs };
    },
    knownMs: applied.monotonicMs,
    overlapped: (untilMs) => wakeAt(run, "verify", untilMs + limits.routeCallMs),
  });
  const { network } = applied.value;
  const work: Work = { run, retired, successor, network, own: new Set(noted?.value), fence };
  let isClear = true;
  const failures: Failure[] = [];
  for (const table of known) {
    const result = await clearTable(work, table);
    failures.push(...result.failures);
    isClear &&= result.isClear;
  }
  const lost = fence.lost();
  if (lost?.why === "busy") await wakeAt(run, run.wake.cause, lost.untilMs);
  await tellFailures(work, failures);
  await fence.release();
  return isClear;
}

type Cleared = { readonly isClear: boolean; readonly failures: readonly Failure[] };

async function clearTable(work: Work, table: KnownTable): Promise<Cleared> {
  const { run, retired } = work;
  const noted: TableRef = { key: table.table, id: table.tableId };
  const book = await openBook(run.deps.store, table.cloud, [noted]);
  const isLeft = (entry: LedgerEntry): boolean =>
    entry.locationId === retired.locationId &&
    entry.generation <= retired.generation &&
    (entry.state !== "orphan" || retired.removeRoutes);
  if (!book.entries().some(isLeft)) return { isClear: true, failures: [] };
  const opened = await askCloud(run.deps.clock, run.budget, () =>
    run.deps.openProvider(table.cloud, retired.locationId),
  );
  if (opened.kind !== "answer") return { isClear: false, failures: opened.kind === "failed" ? [opened.failure] : [] };
  const ref = opened.value.tableOf?.(noted) ?? noted;
  const { linkId, locationId, generation } = retired;
  const job: Job = {
    deps: run.deps,
    provider: opened.value,
    tables: [ref],
    book,
    fence: work.fence,
    budget: run.budget,
    tries: createTries(),
    teller: { linkId, locationId, name: `${retired.linkName}/${retired.locationName}`, epoch: work.successor.epoch },
    writer: { linkId, locationId, generation, epoch: work.successor.epoch },
    plan: (routes, entries) => planClearing(work, table, ref, routes, entries),
    beforeWriting: () => Promise.resolve(),
    believeMs: undefined,
    staleCause: () => "late-call",
  };
  const result = await carryOut(job);
  const isClear = result.end === "verified" && result.failures.length === 0 && !result.steps.some(isWrite);
  return { isClear, failures: result.failures };
}

/** Nothing is desired any more; but what another location wants to have in the same table is left for it to take over. */
function planClearing(
  work: Work,
  table: KnownTable,
  ref: TableRef,
  routes: readonly Route[],
  entries: readonly LedgerEntry[],
): readonly Step[] {
  const { retired, own } = work;
  const wanted = ref.holds?.kind === "list" ? new Set<string>() : wantedByOthers(work, table, entries);
  const { locationId, generation } = retired;
  const clear = (part: readonly LedgerEntry[], removeRoutes: boolean): readonly Step[] =>
    planRoutes({
      desired: [],
      tables: [ref],
      routes,
      entries: part,
      active: null,
      own,
      locationId,
      generation,
      removeRoutes,
    });
  return [
    ...clear(
      entries.filter((entry) => wanted.has(entry.destination)),
      false,
    ),
    ...clear(
      entries.filter((entry) => !wanted.has(entry.destination)),
      retired.removeRoutes,
    ),
  ];
}

function wantedByOthers(work: Work, table: KnownTable, entries: readonly LedgerEntry[]): ReadonlySet<string> {
  const wanted = new Set<string>();
  for (const link of work.network.links) {
    for (const location of link.locations) {
      const cloud = location.cloud;
      if (location.id === work.retired.locationId || cloud === undefined) continue;
      // What one keeps in lists takes no plain route over.
      if (keepsLists(cloud) !== keepsLists(table.cloud)) continue;
      const isMeant = isSameNetwork(cloud, table.cloud) && mayMean(cloud, table.tableId);
      if (isMeant) for (const network of reachedNetworks(link, location)) wanted.add(network);
      if (isMeant && isMovedAddress(cloud, table.tableId)) for (const entry of entries) wanted.add(entry.destination);
    }
  }
  return wanted;
}

function isInForce(network: Network, retired: Retired): boolean {
  const link = network.links.find((one) => one.id === retired.linkId);
  const location = link?.locations.find((one) => one.id === retired.locationId);
  return location !== undefined && location.generation <= retired.generation;
}

async function tellFailures(work: Work, failures: readonly Failure[]): Promise<void> {
  const { deps, ref } = work.run;
  if (work.fence.lost() !== undefined) return;
  const nowMs = deps.clock.nowMs();
  const name = `${work.retired.linkName}/${work.retired.locationName} (retired)`;
  const teller = { ...ref, name, epoch: work.successor.epoch };
  const next = { kind: "reconcile", dueMs: nowMs + limits.sweepMs } as const;
  await Promise.all(failureEvents(teller, failures, next, nowMs).map((event) => deps.store.tell(event)));
}
