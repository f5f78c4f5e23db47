import { byId, type ReadAction, tagSet } from "./action.ts";
import { ApiError } from "./errors.ts";
import { applyFilters, type FilterFields } from "./filters.ts";
import { pageOf } from "./paging.ts";
import { type RegionState, routeState, type Table } from "./state.ts";
import type { TableRoute } from "./world.ts";
import type { Xml } from "./xml.ts";

/** Element of a route's target by the prefix of its id; what has no prefix of these is a gateway. */
const TARGET_ELEMENTS: readonly (readonly [prefix: string, element: string])[] = [
  ["eni-", "networkInterfaceId"],
  ["nat-", "natGatewayId"],
  ["pcx-", "vpcPeeringConnectionId"],
  ["tgw-", "transitGatewayId"],
  ["eigw-", "egressOnlyInternetGatewayId"],
  ["lgw-", "localGatewayId"],
  ["cagw-", "carrierGatewayId"],
  ["arn:aws:networkmanager:", "coreNetworkArn"],
  ["arn:aws:odb:", "odbNetworkArn"],
];

export const describeRouteTables: ReadAction = {
  kind: "read",
  parameters: new Set(["DryRun", "Filter.N.Name", "Filter.N.Value.N", "MaxResults", "NextToken", "RouteTableId.N"]),
  run(state, parameters) {
    const ids = parameters.list("RouteTableId");
    for (const id of ids) {
      if (!state.tables.has(id)) {
        throw new ApiError("InvalidRouteTableID.NotFound", `The routeTable ID '${id}' does not exist`);
      }
    }
    const asked =
      ids.length === 0
        ? byId(state.tables.values())
        : byId(state.tables.values()).filter((table) => ids.includes(table.id));
    const matching = applyFilters(asked, parameters.filters(), filterFields(state));
    const page = pageOf("DescribeRouteTables", matching, parameters, {
      least: 5,
      most: 100,
      idsParameter: "RouteTableId",
    });
    return { routeTableSet: page.items.map((table) => renderTable(state, table)), nextToken: page.nextToken };
  },
};

function filterFields(state: RegionState): FilterFields<Table> {
  const routes = (table: Table) => [...table.routes.values()];
  return {
    tags: (table) => table.tags,
    fields: {
      "route-table-id": (table) => [table.id],
      "vpc-id": (table) => [table.vpc],
      "owner-id": () => [state.account],
      "association.main": (table) => [String(table.main)],
      "association.subnet-id": (table) => table.subnets,
      "route.destination-cidr-block": (table) => routes(table).map((route) => route.destination),
      "route.origin": (table) => routes(table).map((route) => route.origin),
      "route.state": (table) => routes(table).map((route) => routeState(state, route)),
    },
  };
}

function renderTable(state: RegionState, table: Table): Xml {
  const associated = [...(table.main ? [undefined] : []), ...table.subnets];
  return {
    routeTableId: table.id,
    vpcId: table.vpc,
    ownerId: state.account,
    routeSet: [...table.routes.values()].map((route) => renderRoute(state, route)),
    associationSet: associated.map((subnetId, place) => ({
      routeTableAssociationId: `rtbassoc-${table.id.replace(/^rtb-/, "")}${place}`,
      routeTableId: table.id,
      subnetId,
      main: subnetId === undefined,
      associationState: { state: "associated" },
    })),
    propagatingVgwSet: propagating(table).map((gatewayId) => ({ gatewayId })),
    tagSet: tagSet(table.tags),
  };
}

function propagating(table: Table): readonly string[] {
  const routes = [...table.routes.values()].filter((route) => route.origin === "EnableVgwRoutePropagation");
  return [...new Set(routes.map((route) => route.target))];
}

function renderRoute(state: RegionState, route: TableRoute): Xml {
  const attachment = state.interfaces.get(route.target)?.attachment ?? null;
  return {
    [destinationElement(route.destination)]: route.destination,
    [TARGET_ELEMENTS.find(([prefix]) => route.target.startsWith(prefix))?.[1] ?? "gatewayId"]: route.target,
    instanceId: attachment?.instanceId,
    instanceOwnerId: attachment === null ? undefined : state.account,
    state: routeState(state, route),
    origin: route.origin,
  };
}

function destinationElement(destination: string): string {
  if (destination.startsWith("pl-")) return "destinationPrefixListId";
  return destination.includes(":") ? "destinationIpv6CidrBlock" : "destinationCidrBlock";
}
