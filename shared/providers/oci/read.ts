import type { PrivateIp } from "oci-core/lib/model/private-ip.js";
import type { RouteTables } from "../../domain/clouds/route-tables.ts";
import type { Route, RouteTarget, Survey, TableRef } from "../../ports/route-provider.ts";
import { inLane } from "../common/write-run.ts";
import { find, type OciSession } from "./call.ts";
import { addressRoute, addressTable, readAddress } from "./floating-ip.ts";
import { heldTable, isAddress } from "./held-table.ts";
import { destinationOf, isStaticRule } from "./rules.ts";
import { type LocationTable, locationTables, tablesById } from "./tables.ts";

/** Every route of the tables, in order of table and destination; none for a table that is gone. Throws `RouteError`. */
export async function readRoutes(
  session: OciSession,
  tables: readonly TableRef[],
  signal: AbortSignal,
): Promise<readonly Route[]> {
  const refs = new Map(tables.filter((ref) => !isAddress(ref)).map((ref) => [ref.id, ref]));
  const [found, addresses] = await Promise.all([
    tablesById(session, [...refs.keys()], signal),
    Promise.all(tables.filter(isAddress).map((ref) => readAddressRoute(session, ref, signal))),
  ]);
  const here = found.flatMap((table) => {
    const ref = refs.get(table.id);
    return ref === undefined ? [] : [{ ref, found: table }];
  });
  return [...(await routesIn(session, here, signal)), ...addresses.flat()].sort(inOrder);
}

/**
 * The location's tables and their routes, as one look shows them. Where an address floats, the tables hold the networks
 * at that address, and beside them stands the address itself at the active host. Throws `RouteError` like `locationTables`.
 */
export async function surveyRoutes(session: OciSession, wanted: RouteTables, signal: AbortSignal): Promise<Survey> {
  const { floatingIp } = session;
  const tables = await locationTables(session, wanted, signal);
  if (floatingIp === undefined) {
    return { tables: tables.map(({ ref }) => ref), routes: (await routesIn(session, tables, signal)).sort(inOrder) };
  }
  const held = tables.map(({ ref, found }) => ({ ref: heldTable(session, ref), found }));
  const [{ address }, standing] = await Promise.all([
    readAddress(session, floatingIp, signal),
    routesIn(session, held, signal),
  ]);
  const own = addressTable(session, floatingIp, address);
  const routes = [...standing, ...addressRoute(own, address)];
  const refs = [...held.map(({ ref }) => ref), own].sort((a, b) => compare(a.key, b.key));
  return { tables: refs, routes: routes.sort(inOrder) };
}

async function readAddressRoute(session: OciSession, ref: TableRef, signal: AbortSignal): Promise<readonly Route[]> {
  const address = await findAddress(session, ref.id, signal);
  return address === undefined ? [] : addressRoute(ref, address);
}

async function routesIn(session: OciSession, tables: readonly LocationTable[], signal: AbortSignal): Promise<Route[]> {
  const targets = new Set(tables.flatMap(({ found }) => found.routeRules.map((rule) => rule.networkEntityId)));
  const known = await knownAddresses(session, targets, signal);
  return tables.flatMap(({ ref, found }) =>
    found.routeRules.map((rule): Route => {
      const { networkEntityId: target } = rule;
      const place = { table: ref, destination: destinationOf(rule), target, isStatic: isStaticRule(rule) };
      if (!isAddressId(target)) return { ...place, state: "active" };
      const address = known.get(target);
      if (address === undefined) return { ...place, state: "active", warning: `${target} is not there, or not for us` };
      return { ...place, state: address.vnicId ? "active" : "blackhole" };
    }),
  );
}

/**
 * The private IPs among targets. OCI does not say which rules lead nowhere: those whose private IP is on no VNIC do. One
 * that is not there cannot be told from one that is not for us to see, so that its rule may well lead somewhere.
 */
async function knownAddresses(
  session: OciSession,
  targets: ReadonlySet<RouteTarget>,
  signal: AbortSignal,
): Promise<ReadonlyMap<RouteTarget, PrivateIp>> {
  const known = new Map<RouteTarget, PrivateIp>();
  await inLane([...targets].filter(isAddressId), async (target) => {
    const address = await findAddress(session, target, signal);
    if (address !== undefined) known.set(target, address);
  });
  return known;
}

function isAddressId(target: RouteTarget): boolean {
  return target.startsWith("ocid1.privateip.");
}

async function findAddress(session: OciSession, id: string, signal: AbortSignal): Promise<PrivateIp | undefined> {
  const call = { operation: "GetPrivateIp", region: session.region, about: id, absent: "TARGET_MISSING" } as const;
  return (await find(session, call, (network) => network.getPrivateIp({ privateIpId: id }), signal))?.privateIp;
}

function inOrder(a: Route, b: Route): number {
  return compare(a.table.key, b.table.key) || compare(a.destination, b.destination);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
