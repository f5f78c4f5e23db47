import type { Cloud } from "../../shared/domain/clouds/cloud.ts";
import { isSameNetwork } from "../../shared/domain/clouds/cloud.ts";
import type { Location } from "../../shared/domain/network.ts";
import { planRoutes } from "../../shared/domain/plan.ts";
import type { LedgerEntry } from "../../shared/domain/records.ts";
import { carryOut } from "./carry-out.ts";
import type { Job } from "./job.ts";
import { openBook } from "./ledger-book.ts";
import type { ReadyJob } from "./prepare.ts";
import type { Situation } from "./situation.ts";
import { createTries } from "./tries.ts";

/**
 * Tables that the location has entries in and that are not among its tables any more, because they were deleted or
 * their tag was taken away: their routes are listed as orphans, never removed. Looked for once an epoch. What the cloud
 * does not answer is left to the next epoch. Throws `DatabaseError`.
 */
export async function orphanLeftTables(situation: Situation, cloud: Cloud, ready: ReadyJob): Promise<void> {
  const { job: done, own } = ready;
  const { deps, location } = situation;
  const known = await deps.store.knownTables();
  const left = known.filter(
    (table) => isSameNetwork(table.cloud, cloud) && !done.tables.some((one) => one.key === table.table),
  );
  for (const table of left) {
    const noted = { key: table.table, id: table.tableId };
    const ref = done.provider.tableOf?.(noted) ?? noted;
    const book = await openBook(deps.store, table.cloud, [ref]);
    if (!book.entries().some((entry) => isOfGeneration(entry, location) && entry.state !== "orphan")) continue;
    const job: Job = {
      ...done,
      tables: [ref],
      book,
      tries: createTries(),
      believeMs: undefined,
      plan: (routes, entries) =>
        planRoutes({
          desired: [],
          tables: [ref],
          routes,
          entries: entries.filter((entry) => isOfGeneration(entry, location)),
          active: null,
          own,
          locationId: location.id,
          generation: location.generation,
          removeRoutes: false,
        }),
    };
    await carryOut(job);
  }
}

/** Entries of older generations are the business of those that retire them. */
function isOfGeneration(entry: LedgerEntry, location: Location): boolean {
  return entry.locationId === location.id && entry.generation === location.generation;
}
