import { limits } from "../../shared/domain/limits.ts";
import type { Network } from "../../shared/domain/network.ts";
import { inParallel } from "../../shared/platform/parallel.ts";
import type { AdminDeps } from "./deps.ts";
import type { StrayRoute } from "./status-schemas.ts";

/** Routes of the ledger that are not ours to change: orphans of what is gone, and what was found to be somebody else's. */
export async function readStrays(deps: AdminDeps, network: Network): Promise<readonly StrayRoute[]> {
  const tables = await deps.store.knownTables();
  const names = locationNames(network);
  const found = await inParallel(tables, limits.parallelLocations, async ({ table, tableId }) => {
    const entries = [...(await deps.store.readLedger(table)).values()].map((entry) => entry.value);
    return entries.flatMap(({ state, destination, locationId, seen }): readonly StrayRoute[] =>
      state === "orphan" || state === "foreign"
        ? [{ state, table: tableId, destination, location: names.get(locationId) ?? locationId, seen }]
        : [],
    );
  });
  return found.flat();
}

function locationNames(network: Network): ReadonlyMap<string, string> {
  return new Map(
    network.links.flatMap((link) =>
      link.locations.map((location) => [location.id, `${link.name}/${location.name}`] as const),
    ),
  );
}
