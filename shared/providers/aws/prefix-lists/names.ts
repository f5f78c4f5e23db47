import { listDestinations, type TableRef } from "../../../domain/routes.ts";

/** Prefix lists hold addresses of one family. */
export type Family = 4 | 6;
export const FAMILIES: readonly Family[] = [4, 6];

/** The tag that says whose list a prefix list is; its value is the location's id. */
export const LOCATION_TAG = "pointsman:location";

/** What entries of a list point at: they are in the list, which is all that there is to say of them. */
export const ENTRY = "entry";

/** The family whose list a route is for; undefined for another destination. */
export function familyOfDestination(destination: string): Family | undefined {
  return FAMILIES.find((family) => listDestinations[family] === destination);
}

/** The name of a location's list, which nothing depends on. */
export function listName(locationId: string, family: Family): string {
  return `pointsman-${locationId}-ipv${family}`;
}

/** A list as a table of its entries. `id`: the list's, or its name while there is none. */
export function listTable(region: string, locationId: string, family: Family, id?: string): TableRef {
  return {
    key: `aws/${region}/prefix-list/${locationId}/ipv${family}`,
    id: id ?? listName(locationId, family),
    holds: { kind: "list", target: ENTRY, family },
  };
}

/**
 * A route table as a table of the routes for a location's lists, which are no other location's. Its key differs from
 * that of the table's plain routes: a location that moves from the one to the other has routes of both in the table
 * until those of the other are verified.
 */
export function routesTable(region: string, locationId: string, id: string): TableRef {
  const key = `aws/${region}/${id}/prefix-list/${locationId}`;
  return { key, id, holds: { kind: "lists", destinations: listDestinations } };
}

/** The family of the list that a table stands for; undefined for a route table. */
export function familyOfTable(table: Pick<TableRef, "key">): Family | undefined {
  const [, , kind, , name] = table.key.split("/");
  return kind === "prefix-list" ? FAMILIES.find((family) => name === `ipv${family}`) : undefined;
}

/** A table that was noted by key and id, with what it holds; as it is, where it is none of the location's. */
export function listedTable(region: string, locationId: string, noted: Pick<TableRef, "key" | "id">): TableRef {
  const family = familyOfTable(noted);
  if (family !== undefined) return listTable(region, locationId, family, noted.id);
  const routes = routesTable(region, locationId, noted.id);
  return routes.key === noted.key ? routes : noted;
}
