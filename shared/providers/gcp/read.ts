import type { Route, Survey, TableRef } from "../../ports/route-provider.ts";
import type { GcpSession } from "./call.ts";
import { checkNetwork, type GoogleRoute, listRoutes } from "./resources.ts";
import { carrierOf, destinationOf, isIn, isStatic, standingOf } from "./standing.ts";

/** The one table of a location: its network. */
export function tableOf({ cloud }: GcpSession): TableRef {
  return { key: `gcp/${cloud.project}/${cloud.network}`, id: cloud.network };
}

/** The location's network and its routes. Throws `RouteError`, TABLE_MISSING when the network is not there. */
export async function surveyRoutes(session: GcpSession, signal: AbortSignal): Promise<Survey> {
  const table = tableOf(session);
  const [routes] = await Promise.all([
    listRoutes(session, signal),
    checkNetwork(session, session.cloud.network, signal),
  ]);
  return { tables: [table], routes: routesIn(session, [table], routes) };
}

/** Every route of the networks, in order of network and destination; none for one that is gone. Throws `RouteError`. */
export async function readRoutes(
  session: GcpSession,
  tables: readonly TableRef[],
  signal: AbortSignal,
): Promise<readonly Route[]> {
  return routesIn(session, tables, await listRoutes(session, signal));
}

function routesIn(session: GcpSession, tables: readonly TableRef[], listed: readonly GoogleRoute[]): readonly Route[] {
  const refs = new Map(tables.map((table) => [table.id, table]));
  return [...refs.values()]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .flatMap((table) => {
      const inTable = listed.filter((route) => isIn(route, session.cloud.project, table.id));
      const made = byDestination(inTable.filter(isStatic));
      const given = byDestination(inTable.filter((route) => !isStatic(route)));
      const destinations = [...new Set([...made.keys(), ...given.keys()])].sort();
      return destinations.flatMap((destination) => [
        ...shown(session, table, destination, made.get(destination) ?? [], true),
        ...shown(session, table, destination, given.get(destination) ?? [], false),
      ]);
    });
}

/** All routes for one destination as the one that carries the traffic. */
function shown(
  session: GcpSession,
  table: TableRef,
  destination: string,
  routes: readonly GoogleRoute[],
  isStaticRoute: boolean,
): readonly Route[] {
  const standing = routes.map((route) => standingOf(route, session.locationId, destination));
  const carrier = carrierOf(standing);
  if (carrier === undefined) return [];
  const hasResidue = standing.some((route) => route.isOurs && route !== carrier);
  // One that was put before ours, and leads nowhere, is still whosever it is.
  const isDead = carrier.warning !== undefined && (carrier.isOurs || !hasResidue);
  return [
    {
      table,
      destination,
      target: carrier.target,
      state: isDead ? "blackhole" : "active",
      isStatic: isStaticRoute,
      ...(hasResidue && { residue: true }),
      ...(carrier.warning !== undefined && { warning: carrier.warning }),
    },
  ];
}

function byDestination(routes: readonly GoogleRoute[]): ReadonlyMap<string, readonly GoogleRoute[]> {
  const groups = new Map<string, GoogleRoute[]>();
  for (const route of routes) {
    const destination = destinationOf(route);
    const group = groups.get(destination);
    if (group === undefined) groups.set(destination, [route]);
    else group.push(route);
  }
  return groups;
}
