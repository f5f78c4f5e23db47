import type { Route as ArmRoute, RouteTable } from "@azure/arm-network";
import { parseCidr } from "../../domain/cidr.ts";
import type { RouteTables } from "../../domain/clouds/route-tables.ts";
import type { Route, Survey, TableRef } from "../../ports/route-provider.ts";
import type { ArmSession } from "./call.ts";
import { describeTables, locationTables } from "./tables.ts";

/** Every route of the tables, in order of table and destination; none for a table that is gone. Throws `RouteError`. */
export async function readRoutes(
  session: ArmSession,
  tables: readonly TableRef[],
  signal: AbortSignal,
): Promise<readonly Route[]> {
  const described = await describeTables(
    session,
    tables.map(({ id }) => id),
    signal,
  );
  return inOrder(tables.flatMap((ref) => routesIn(ref, described.get(ref.id))));
}

/** The location's tables and their routes, as one look shows them. Throws `RouteError` like `locationTables`. */
export async function surveyRoutes(session: ArmSession, wanted: RouteTables, signal: AbortSignal): Promise<Survey> {
  const tables = await locationTables(session, wanted, signal);
  return {
    tables: tables.map(({ ref }) => ref),
    routes: inOrder(tables.flatMap(({ ref, described }) => routesIn(ref, described))),
  };
}

/** The destination of a route in canonical form; a service tag such as `Storage` as it is. */
export function destinationOf({ addressPrefix = "" }: ArmRoute): string {
  const read = parseCidr(addressPrefix);
  return "cidr" in read ? read.cidr : (read.canonical ?? addressPrefix);
}

/** Where a route points: an address, or the kind of next hop when that needs none, such as `Internet`. */
export function targetOf({ nextHopType = "unknown", nextHopIpAddress }: ArmRoute): string {
  return nextHopType === "VirtualAppliance" ? (nextHopIpAddress ?? nextHopType) : nextHopType;
}

/** Whether the last change of a route ended in error: what it says may then not be what takes effect. */
export function isUnsound({ provisioningState }: ArmRoute): boolean {
  return provisioningState === "Failed";
}

function routesIn(table: TableRef, described: RouteTable | undefined): readonly Route[] {
  return (described?.routes ?? []).map((route) => {
    const destination = destinationOf(route);
    return {
      table,
      destination,
      target: targetOf(route),
      // Azure does not say that a next hop is dead, and one of the type `None` is what somebody wants.
      state: "active",
      isStatic: "cidr" in parseCidr(destination),
      // Putting it once more is what clears the remains of a change that failed.
      ...(isUnsound(route) && { residue: true, warning: "its last change ended in error" }),
    } satisfies Route;
  });
}

function inOrder(routes: readonly Route[]): readonly Route[] {
  return [...routes].sort((a, b) => compare(a.table.key, b.table.key) || compare(a.destination, b.destination));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
