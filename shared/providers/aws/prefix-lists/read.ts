import type { Route as Ec2Route } from "@aws-sdk/client-ec2";
import type { RouteTables } from "../../../domain/clouds/route-tables.ts";
import { listDestinations } from "../../../domain/routes.ts";
import type { Route, Survey, TableRef } from "../../../ports/route-provider.ts";
import { stateOf, targetOf } from "../read.ts";
import { describeTablesById, type LocationTable, locationTables } from "../tables.ts";
import type { ListSession } from "./change-list.ts";
import { findLists, type OwnList, readEntries } from "./lists.ts";
import { ENTRY, FAMILIES, type Family, familyOfTable, listTable, routesTable } from "./names.ts";

type Lists = ReadonlyMap<Family, OwnList>;

/** A look at a location: its lists with their entries, its tables with the routes for the lists. */
export type ListSurvey = Survey & { readonly lists: Lists };

/** The lists and tables of a location, and what stands in them. Throws `RouteError` like `locationTables`. */
export async function surveyLists(session: ListSession, wanted: RouteTables, signal: AbortSignal): Promise<ListSurvey> {
  const [tables, found] = await Promise.all([
    locationTables(session, wanted, signal),
    listsWithEntries(session, FAMILIES, signal),
  ]);
  const listed = tables.map(({ ref, described }) => ({
    ref: routesTable(session.region, session.locationId, ref.id),
    described,
  }));
  const refs = [...found.tables, ...listed.map(({ ref }) => ref)];
  return {
    tables: refs.sort((a, b) => (a.key < b.key ? -1 : 1)),
    routes: inOrder([...found.entries, ...routesIn(listed, found.lists)]),
    lists: found.lists,
  };
}

/** Everything that stands in the lists and tables; nothing for those that are gone. Throws `RouteError`. */
export async function readLists(
  session: ListSession,
  tables: readonly TableRef[],
  signal: AbortSignal,
): Promise<Pick<ListSurvey, "routes" | "lists">> {
  const families = FAMILIES.filter((family) => tables.some((table) => familyOfTable(table) === family));
  const refs = new Map(
    tables.filter((table) => familyOfTable(table) === undefined).map((table) => [table.id, table] as const),
  );
  const [described, found] = await Promise.all([
    describeTablesById(session, [...refs.keys()], signal),
    listsWithEntries(session, families, signal),
  ]);
  const listed = described.flatMap((table) => {
    const ref = refs.get(table.RouteTableId ?? "");
    return ref === undefined ? [] : [{ ref, described: table }];
  });
  return { routes: inOrder([...found.entries, ...routesIn(listed, found.lists)]), lists: found.lists };
}

async function listsWithEntries(session: ListSession, families: readonly Family[], signal: AbortSignal) {
  const { region, locationId } = session;
  const lists = await findLists(session, locationId, signal);
  const tables = families.map((family) => listTable(region, locationId, family, lists.get(family)?.id));
  const entries = await Promise.all(
    families.map(async (family, at): Promise<readonly Route[]> => {
      const [list, table] = [lists.get(family), tables[at]];
      if (list === undefined || table === undefined) return [];
      const cidrs = await readEntries(session, list, signal);
      return [...cidrs].map((destination) => ({ table, destination, target: ENTRY, state: "active", isStatic: true }));
    }),
  );
  return { lists, tables, entries: entries.flat() };
}

/** The routes for the location's own lists. Every other route of a table is somebody else's. */
function routesIn(tables: readonly LocationTable[], lists: Lists): readonly Route[] {
  const families = new Map([...lists].map(([family, { id }]) => [id, family]));
  const toRoute = (table: TableRef, route: Ec2Route): readonly Route[] => {
    const family = families.get(route.DestinationPrefixListId ?? "");
    if (family === undefined) return [];
    const isStatic = route.Origin === "CreateRoute";
    return [{ table, destination: listDestinations[family], target: targetOf(route), state: stateOf(route), isStatic }];
  };
  return tables.flatMap(({ ref, described }) => (described.Routes ?? []).flatMap((route) => toRoute(ref, route)));
}

function inOrder(routes: readonly Route[]): readonly Route[] {
  const keyOf = ({ table, destination }: Route) => `${table.key} ${destination}`;
  return [...routes].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
