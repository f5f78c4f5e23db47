import type { Route as Ec2Route } from "@aws-sdk/client-ec2";
import { parseCidr } from "../../domain/cidr.ts";
import type { RouteTables } from "../../domain/clouds/route-tables.ts";
import type { Route, Survey, TableRef } from "../../ports/route-provider.ts";
import type { Ec2Session } from "./call.ts";
import { describeTablesById, type LocationTable, locationTables } from "./tables.ts";

/**
 * Every route of the tables, in order of table and destination; none for a table that is gone. A propagated route may
 * stand beside a static one of the same destination. Throws `RouteError`.
 */
export async function readRoutes(
  session: Ec2Session,
  tables: readonly TableRef[],
  signal: AbortSignal,
): Promise<readonly Route[]> {
  const refs = new Map(tables.map((table) => [table.id, table]));
  const described = await describeTablesById(session, [...refs.keys()], signal);
  return routesIn(
    described.flatMap((table) => {
      const ref = refs.get(table.RouteTableId ?? "");
      return ref === undefined ? [] : [{ ref, described: table }];
    }),
  );
}

/** The location's tables and their routes, as one look shows them. Throws `RouteError` like `locationTables`. */
export async function surveyRoutes(session: Ec2Session, wanted: RouteTables, signal: AbortSignal): Promise<Survey> {
  const tables = await locationTables(session, wanted, signal);
  return { tables: tables.map((table) => table.ref), routes: routesIn(tables) };
}

function routesIn(tables: readonly LocationTable[]): readonly Route[] {
  const routes = tables.flatMap(({ ref, described }) =>
    (described.Routes ?? []).flatMap((route) => toRoute(ref, route)),
  );
  return routes.sort((a, b) => compare(a.table.key, b.table.key) || compare(a.destination, b.destination));
}

function toRoute(table: TableRef, route: Ec2Route): readonly Route[] {
  const cidr = route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock;
  const destination = cidr === undefined ? route.DestinationPrefixListId : canonical(cidr);
  if (destination === undefined) return [];
  return [
    {
      table,
      destination,
      target: targetOf(route),
      state: stateOf(route),
      isStatic: cidr !== undefined && route.Origin === "CreateRoute" && route.GatewayId !== "local",
    },
  ];
}

/** Whether packets that a route takes arrive anywhere. */
export function stateOf({ State }: Ec2Route): Route["state"] {
  return State === "blackhole" ? "blackhole" : "active";
}

/** EC2 shows an instance's interface beside the instance: the interface is the target, the instance only its owner. */
export function targetOf(route: Ec2Route): string {
  return (
    route.NetworkInterfaceId ??
    route.GatewayId ??
    route.NatGatewayId ??
    route.TransitGatewayId ??
    route.VpcPeeringConnectionId ??
    route.EgressOnlyInternetGatewayId ??
    route.LocalGatewayId ??
    route.CarrierGatewayId ??
    route.CoreNetworkArn ??
    route.OdbNetworkArn ??
    route.InstanceId ??
    route.IpAddress ??
    "unknown"
  );
}

function canonical(cidr: string): string {
  const read = parseCidr(cidr);
  return "cidr" in read ? read.cidr : (read.canonical ?? cidr);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
