import type { RouteTable } from "@azure/arm-network";
import type { RouteTables } from "../../domain/clouds/route-tables.ts";
import { RouteError } from "../../domain/errors.ts";
import type { TableRef } from "../../ports/route-provider.ts";
import { inLane } from "../common/write-run.ts";
import { type ArmSession, allPages, networkPlace, pageOf, read, tableCall } from "./call.ts";
import { idOf, placeOf } from "./ids.ts";
import { networkSubnets } from "./subnets.ts";

export type LocationTable = { readonly ref: TableRef; readonly described: RouteTable };

/**
 * The tables of a location as Azure describes them, in order of key, with their refs. Throws `RouteError`: TABLE_MISSING
 * when a table that is named is not there, when none has the tag, or no subnet of the network has one; INVALID when a
 * named table is associated with other networks alone.
 */
export async function locationTables(
  session: ArmSession,
  wanted: RouteTables,
  signal: AbortSignal,
): Promise<readonly LocationTable[]> {
  const tables = await tablesBy(session, wanted, signal);
  const byId = new Map(tables.map((table) => [(table.id ?? "").toLowerCase(), table]));
  return [...byId].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, described]) => ({ ref: refOf(id), described }));
}

/** Tables by their ids; undefined for each that is not there. Throws `RouteError`. */
export async function describeTables(
  session: ArmSession,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, RouteTable | undefined>> {
  const found = new Map<string, RouteTable | undefined>();
  await inLane(new Set(ids), async (id) => void found.set(id, await tableIfThere(session, id, signal)));
  return found;
}

/** One table with all its routes. Throws `RouteError`, TABLE_MISSING when it is not there. */
export function describeTable(session: ArmSession, id: string, signal: AbortSignal): Promise<RouteTable> {
  const place = placeOf(id, "routetables");
  if (place === undefined) throw missing(id, "is not the id of a route table");
  return read(
    session,
    place.subscription,
    tableCall(session, id),
    (client, abortSignal) => client.routeTables.get(place.resourceGroup, place.name, { abortSignal }),
    signal,
  );
}

function refOf(id: string): TableRef {
  return { key: `azure${id}`, id };
}

async function tableIfThere(session: ArmSession, id: string, signal: AbortSignal): Promise<RouteTable | undefined> {
  try {
    return await describeTable(session, id, signal);
  } catch (error) {
    if (error instanceof RouteError && error.code === "TABLE_MISSING") return undefined;
    throw error;
  }
}

async function tablesBy(session: ArmSession, wanted: RouteTables, signal: AbortSignal): Promise<readonly RouteTable[]> {
  switch (wanted.by) {
    case "id":
      return named(session, wanted.ids, signal);
    case "tag":
      return tagged(session, wanted.key, wanted.value, signal);
    case "network":
      return associated(session, signal);
    default:
      return wanted satisfies never;
  }
}

async function named(session: ArmSession, ids: readonly string[], signal: AbortSignal): Promise<readonly RouteTable[]> {
  const found = await describeTables(session, ids, signal);
  const absent = ids.filter((id) => found.get(id) === undefined);
  if (absent.length > 0) throw missing(absent.join(", "), "is not there");
  const tables = [...found.values()].flatMap((table) => table ?? []);
  const foreign = tables.find((table) => !isInNetwork(session, table));
  if (foreign === undefined) return tables;
  const id = (foreign.id ?? "").toLowerCase();
  const message = `azure: route table ${id} belongs to subnets of other networks, none of ${session.cloud.virtualNetwork}`;
  throw new RouteError("INVALID", message, {
    retry: "never",
    next: `take ${id} out of the location's routeTables, or correct its virtualNetwork`,
  });
}

async function tagged(
  session: ArmSession,
  key: string,
  value: string,
  signal: AbortSignal,
): Promise<readonly RouteTable[]> {
  const { subscription, resourceGroup } = session.cloud;
  const group = `/subscriptions/${subscription}/resourcegroups/${resourceGroup}`;
  const call = { ...tableCall(session, group), about: `tables of resource group ${resourceGroup}` };
  const tables = await allPages(call, (token) =>
    read(
      session,
      subscription,
      call,
      (client, abortSignal) => pageOf(client.routeTables.list(resourceGroup, { abortSignal }), token),
      signal,
    ),
  );
  // Names of tags are compared without regard to case, their values with it.
  const hasTag = ({ tags = {} }: RouteTable) =>
    Object.entries(tags).some(([name, text]) => name.toLowerCase() === key.toLowerCase() && text === value);
  const found = tables.filter((table) => hasTag(table) && isInNetwork(session, table));
  if (found.length > 0) return found;
  const message = `azure: no route table of resource group ${resourceGroup} has the tag ${key}=${value}`;
  throw new RouteError("TABLE_MISSING", message, {
    retry: "later",
    next: `set the tag ${key}=${value} on the tables of ${resourceGroup} that the routes belong into`,
  });
}

async function associated(session: ArmSession, signal: AbortSignal): Promise<readonly RouteTable[]> {
  const subnets = await networkSubnets(session, "TABLE_MISSING", signal);
  const ids = subnets.flatMap(({ routeTable }) => (routeTable?.id === undefined ? [] : [routeTable.id.toLowerCase()]));
  const tables = await describeTables(session, ids, signal);
  const found = [...tables.values()].flatMap((table) => table ?? []);
  if (found.length > 0) return found;
  const network = session.cloud.virtualNetwork;
  throw new RouteError("TABLE_MISSING", `azure: no subnet of ${network} has a route table`, {
    retry: "later",
    next: `associate a route table with the subnets of ${network}, or name the location's routeTables`,
  });
}

/** A table knows no network but by its subnets: one without any may still be meant for the location's. */
function isInNetwork(session: ArmSession, { subnets = [] }: RouteTable): boolean {
  const network = `${idOf("virtualnetworks", networkPlace(session))}/`;
  return subnets.length === 0 || subnets.some(({ id = "" }) => id.toLowerCase().startsWith(network));
}

function missing(id: string, what: string): RouteError {
  return new RouteError("TABLE_MISSING", `azure: route table ${id} ${what}`, {
    retry: "later",
    next: "correct the location's routeTables, or make the table again",
  });
}
