import type { Cloud } from "../../shared/domain/clouds/cloud.ts";
import { isMovedAddress, isSameNetwork, keepsLists, mayMean } from "../../shared/domain/clouds/cloud.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Link, Location } from "../../shared/domain/network.ts";
import type { LedgerEntry } from "../../shared/domain/records.ts";
import { listDestinations, routeKey } from "../../shared/domain/routes.ts";
import { reachedNetworks } from "../../shared/domain/topology.ts";
import { inParallel } from "../../shared/platform/parallel.ts";
import type { KnownTable, Revised, Store } from "../../shared/ports/store.ts";

/** Which routes: all that the location desires, or those in one table (by the cloud's id), or of one destination. */
export type AdoptFilter = { readonly tableId?: string; readonly destination?: string };

export type Adoption = {
  /** The entries as they stand now; `seen` is what the route pointed at. */
  readonly adopted: readonly (LedgerEntry & { readonly tableId: string })[];
  readonly refused: readonly {
    readonly table: string;
    readonly tableId: string;
    readonly destination: string;
    readonly reason: string;
  }[];
};

/**
 * Hands routes that stand where a location's routes belong, and were found to be somebody else's or left as orphans,
 * over to the location: the next run of the routes function may point them at the active host, as long as they are
 * still what was seen. Refuses what another location owns. `by` is `operator NAME`. Wake the location afterwards.
 * Throws `DatabaseError`.
 */
export async function adoptRoutes(
  store: Store,
  where: { readonly link: Link; readonly location: Location },
  filter: AdoptFilter,
  by: `operator ${string}`,
  nowMs: number,
): Promise<Adoption> {
  const { link, location } = where;
  const { cloud } = location;
  if (cloud === undefined) return { adopted: [], refused: [] };
  const desired = new Set<string>(reachedNetworks(link, location));
  const known = (await store.knownTables()).filter((table) => isOf(table, cloud) && isMeant(table, filter));
  const parts = await inParallel(known, limits.parallelLedger, async (table) => {
    const isAddress = isMovedAddress(cloud, table.tableId);
    const entries = [...(await store.readLedger(table.table)).values()].filter(
      ({ value }) =>
        (isAddress || desired.has(value.destination) || isForList(value, location)) &&
        (filter.destination ?? value.destination) === value.destination,
    );
    return inParallel(entries, limits.parallelLedger, (entry) => adoptOne(store, where, table, entry, by, nowMs));
  });
  const results = parts.flat();
  return {
    adopted: results.flatMap((result) => (result !== undefined && "entry" in result ? [result.entry] : [])),
    refused: results.flatMap((result) => (result !== undefined && "refusal" in result ? [result.refusal] : [])),
  };
}

type Result =
  | { readonly entry: Adoption["adopted"][number] }
  | { readonly refusal: Adoption["refused"][number] }
  | undefined;

async function adoptOne(
  store: Store,
  { link, location }: { readonly link: Link; readonly location: Location },
  table: KnownTable,
  found: Revised<LedgerEntry>,
  by: string,
  nowMs: number,
): Promise<Result> {
  const { value: entry, revision } = found;
  const refuse = (reason: string): Result => ({
    refusal: { table: entry.table, tableId: table.tableId, destination: entry.destination, reason },
  });
  if (entry.state === "removed") return undefined;
  if (entry.state === "owned" || entry.state === "intended") {
    if (entry.locationId === location.id) return undefined;
    return refuse(`location ${entry.locationId} of link ${entry.linkId} owns it`);
  }
  // Told before it is done: of an adoption that is broken off in between, there is a record all the same.
  await store.tell({
    atMs: nowMs,
    kind: "route-adopted",
    severity: "info",
    linkId: link.id,
    locationId: location.id,
    by,
    message: `${link.name}/${location.name}: ${entry.destination} in ${table.tableId}, that points at ${entry.seen}, is adopted`,
    once: `route-adopted#${routeKey(entry.table, entry.destination)}#${revision}`,
  });
  const next: LedgerEntry = {
    ...entry,
    linkId: link.id,
    locationId: location.id,
    generation: location.generation,
    state: "owned",
    atMs: nowMs,
    by,
  };
  const claim = await store.writeLedger(next, revision);
  if (claim.kind === "lost") return refuse("it has just changed: look again");
  return { entry: { ...next, tableId: table.tableId } };
}

function isOf(table: KnownTable, cloud: Cloud): boolean {
  const isMeantByCloud = isSameNetwork(table.cloud, cloud) && mayMean(cloud, table.tableId);
  return isMeantByCloud && keepsLists(table.cloud) === keepsLists(cloud);
}

function isForList({ destination, locationId }: LedgerEntry, location: Location): boolean {
  return locationId === location.id && Object.values(listDestinations).includes(destination);
}

function isMeant(table: KnownTable, filter: AdoptFilter): boolean {
  return filter.tableId === undefined || filter.tableId === table.tableId;
}
