import type { Cloud } from "../../shared/domain/network.ts";
import { planRoutes } from "../../shared/domain/plan.ts";
import type { KnownTable } from "../../shared/ports/store.ts";
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
    (table) => isOfNetwork(table, cloud) && !done.tables.some((one) => one.key === table.table),
  );
  for (const table of left) {
    const ref = { key: table.table, id: table.tableId };
    const book = await openBook(deps.store, table.cloud, [ref]);
    const isOurs = book.entries().some((entry) => entry.locationId === location.id && entry.state !== "orphan");
    if (!isOurs) continue;
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
          entries,
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

function isOfNetwork(table: KnownTable, cloud: Cloud): boolean {
  const other = table.cloud;
  return other.provider === cloud.provider && other.region === cloud.region && other.vpc === cloud.vpc;
}
