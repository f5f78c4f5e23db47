import { limits } from "../../shared/domain/limits.ts";
import type { Network } from "../../shared/domain/network.ts";
import type { LedgerEntry } from "../../shared/domain/records.ts";
import { inParallel } from "../../shared/platform/parallel.ts";
import type { Revised } from "../../shared/ports/store.ts";
import type { AdminDeps } from "./deps.ts";
import type { StrayRoute } from "./status-schemas.ts";

/** An entry of the ledger, and the cloud's own id of its table. */
export type TableEntry = Revised<LedgerEntry> & { readonly tableId: string };

/** Routes of the ledger that are not ours to change: orphans of what is gone, and what was found to be somebody else's. */
export async function readStrays(deps: AdminDeps, network: Network): Promise<readonly StrayRoute[]> {
  const names = locationNames(network);
  return (await readEntries(deps)).flatMap(({ tableId, value }): readonly StrayRoute[] => {
    const { state, destination, locationId, seen } = value;
    return state === "orphan" || state === "foreign"
      ? [{ state, table: tableId, destination, location: names.get(locationId) ?? locationId, seen }]
      : [];
  });
}

/** The whole ledger, table by table. Throws `DatabaseError`. */
export async function readEntries(deps: Pick<AdminDeps, "store">): Promise<readonly TableEntry[]> {
  const tables = await deps.store.knownTables();
  const found = await inParallel(tables, limits.parallelLocations, async ({ table, tableId }) =>
    [...(await deps.store.readLedger(table)).values()].map((entry) => ({ ...entry, tableId })),
  );
  return found.flat();
}

/** `LINK/LOCATION` by the id of a location. */
export function locationNames(network: Network): ReadonlyMap<string, string> {
  return new Map(
    network.links.flatMap((link) =>
      link.locations.map((location) => [location.id, `${link.name}/${location.name}`] as const),
    ),
  );
}
