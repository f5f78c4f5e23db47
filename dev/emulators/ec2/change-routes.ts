import { familyOf, parseCidr } from "../../../shared/domain/cidr.ts";
import type { Subject } from "../common/faults.ts";
import type { ChangeAction } from "./action.ts";
import { interfacesOf } from "./describe-instances.ts";
import { missingInterface } from "./describe-network-interfaces.ts";
import { ApiError, dryRun, invalidValue, missing } from "./errors.ts";
import type { Parameters } from "./parameters.ts";
import { quotaUse, type RegionState, type Table, withRoute } from "./state.ts";
import type { TableRoute } from "./world.ts";

/** Parameter of a destination and what it must look like. */
const DESTINATIONS = ["DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"] as const;

/** Parameter of a target and the beginnings that its ids may have. */
const TARGETS: Readonly<Record<string, readonly string[]>> = {
  CarrierGatewayId: ["cagw-"],
  CoreNetworkArn: ["arn:aws:networkmanager:"],
  EgressOnlyInternetGatewayId: ["eigw-"],
  GatewayId: ["igw-", "vgw-"],
  InstanceId: ["i-"],
  LocalGatewayId: ["lgw-"],
  NatGatewayId: ["nat-"],
  NetworkInterfaceId: ["eni-"],
  OdbNetworkArn: ["arn:aws:odb:"],
  TransitGatewayId: ["tgw-"],
  VpcEndpointId: ["vpce-"],
  VpcPeeringConnectionId: ["pcx-"],
};

const DELETE_PARAMETERS = ["DryRun", "RouteTableId", ...DESTINATIONS];
const CREATE_PARAMETERS = [...DELETE_PARAMETERS, ...Object.keys(TARGETS)];

export const createRoute: ChangeAction = {
  kind: "change",
  parameters: new Set(CREATE_PARAMETERS),
  subject,
  run(state, parameters) {
    const table = tableOf(state, parameters);
    const given = destinationOf(parameters);
    const destination = given.startsWith("pl-") ? given : masked(given);
    const target = targetOf(state, table, parameters);
    if (table.routes.has(destination)) {
      throw new ApiError("RouteAlreadyExists", `The route identified by ${destination} already exists.`);
    }
    if (exceedsQuota(state, table, destination)) {
      throw new ApiError("RouteLimitExceeded", `The maximum number of routes (${state.routeQuota}) has been reached.`);
    }
    if (parameters.dryRun) throw dryRun();
    const route: TableRoute = { destination, target, origin: "CreateRoute" };
    return { state: withRoute(state, table.id, destination, route), answer: { return: true } };
  },
};

export const replaceRoute: ChangeAction = {
  kind: "change",
  parameters: new Set([...CREATE_PARAMETERS, "LocalTarget"]),
  subject,
  run(state, parameters) {
    const table = tableOf(state, parameters);
    const destination = destinationOf(parameters);
    if (parameters.text("LocalTarget") !== undefined) {
      throw new ApiError("UnsupportedOperation", "The emulator leaves local routes as they are.");
    }
    const target = targetOf(state, table, parameters);
    const standing = table.routes.get(destination);
    if (standing === undefined) {
      throw new ApiError(
        "InvalidParameterValue",
        `There is no route defined for '${destination}' in the route table. Use CreateRoute instead.`,
      );
    }
    refuseLocal(standing, table, "replace");
    if (parameters.dryRun) throw dryRun();
    return { state: withRoute(state, table.id, destination, { ...standing, target }), answer: { return: true } };
  },
};

export const deleteRoute: ChangeAction = {
  kind: "change",
  parameters: new Set(DELETE_PARAMETERS),
  subject,
  run(state, parameters) {
    const table = tableOf(state, parameters);
    const destination = destinationOf(parameters);
    const standing = table.routes.get(destination);
    if (standing === undefined) {
      const what = destination.startsWith("pl-") ? "destination-prefix-list-id" : "destination-cidr-block";
      throw new ApiError("InvalidRoute.NotFound", `no route with ${what} ${destination} in route table ${table.id}`);
    }
    refuseLocal(standing, table, "remove");
    if (parameters.dryRun) throw dryRun();
    return { state: withRoute(state, table.id, destination, null), answer: { return: true } };
  },
};

function exceedsQuota(state: RegionState, table: Table, destination: string): boolean {
  if (!destination.startsWith("pl-")) return quotaUse(state, table, familyOf(destination)) >= state.routeQuota;
  const list = state.prefixLists.get(destination);
  if (list === undefined) {
    throw new ApiError("InvalidPrefixListID.NotFound", `The prefix list ID '${destination}' does not exist`);
  }
  return quotaUse(state, table, list.family === "IPv6" ? 6 : 4) + list.maxEntries > state.routeQuota;
}

function subject(parameters: Parameters): Subject {
  const target = Object.keys(TARGETS).map((name) => parameters.text(name));
  return {
    table: parameters.text("RouteTableId") ?? "",
    destination: DESTINATIONS.map((name) => parameters.text(name)).find((value) => value !== undefined) ?? "",
    target: target.find((value) => value !== undefined) ?? null,
  };
}

function tableOf(state: RegionState, parameters: Parameters): Table {
  const id = parameters.text("RouteTableId");
  if (id === undefined) throw missing("routeTableId");
  if (!id.startsWith("rtb-")) throw new ApiError("InvalidRouteTableId.Malformed", `Invalid id: "${id}"`);
  const table = state.tables.get(id);
  if (table === undefined) {
    throw new ApiError("InvalidRouteTableID.NotFound", `The routeTable ID '${id}' does not exist`);
  }
  return table;
}

/** The one destination of a call as it was given, host bits and all. */
function destinationOf(parameters: Parameters): string {
  const given = DESTINATIONS.filter((name) => parameters.text(name) !== undefined);
  const [name] = given;
  if (name === undefined) throw missing("destinationCidrBlock");
  if (given.length > 1) {
    throw new ApiError("InvalidParameterCombination", `Only one of ${given.join(", ")} may be given`);
  }
  const value = parameters.text(name) ?? "";
  if (name === "DestinationPrefixListId") {
    if (!value.startsWith("pl-")) throw new ApiError("InvalidPrefixListId.Malformed", `Invalid id: "${value}"`);
    return value;
  }
  const read = parseCidr(value);
  const cidr = "cidr" in read ? read.cidr : read.canonical;
  const family = name === "DestinationIpv6CidrBlock" ? 6 : 4;
  if (cidr === undefined || familyOf(cidr) !== family) {
    throw invalidValue(name, value, `This is not a valid ${family === 6 ? "IPv6 " : ""}CIDR block.`);
  }
  return value;
}

function masked(cidr: string): string {
  const read = parseCidr(cidr);
  return "cidr" in read ? read.cidr : (read.canonical ?? cidr);
}

/** The one target of a call, an instance being its primary interface. */
function targetOf(state: RegionState, table: Table, parameters: Parameters): string {
  const given = Object.keys(TARGETS).filter((name) => parameters.text(name) !== undefined);
  const [name] = given;
  if (name === undefined) throw missing("networkInterfaceId");
  if (given.length > 1) {
    throw new ApiError("InvalidParameterCombination", `Only one of ${given.join(", ")} may be given`);
  }
  const id = parameters.text(name) ?? "";
  if (!TARGETS[name]?.some((prefix) => id.startsWith(prefix))) {
    throw new ApiError(`Invalid${name.replace(/Id$/, "ID")}.Malformed`, `Invalid id: "${id}"`);
  }
  if (name === "InstanceId") return ofVpc(state, table, primaryOf(state, id));
  return name === "NetworkInterfaceId" ? ofVpc(state, table, id) : id;
}

function primaryOf(state: RegionState, instanceId: string): string {
  if (!state.instances.has(instanceId)) {
    throw new ApiError("InvalidInstanceID.NotFound", `The instance ID '${instanceId}' does not exist`);
  }
  const interfaces = interfacesOf(state, instanceId);
  if (interfaces.length !== 1) {
    throw new ApiError("InvalidInstanceID", `There are multiple interfaces attached to instance '${instanceId}'.`);
  }
  return interfaces[0]?.id ?? "";
}

function ofVpc(state: RegionState, table: Table, interfaceId: string): string {
  const found = state.interfaces.get(interfaceId);
  if (found === undefined) throw missingInterface(interfaceId);
  if (found.vpc !== table.vpc) {
    throw new ApiError(
      "InvalidParameterValue",
      `route table ${table.id} and network interface ${interfaceId} belong to different networks`,
    );
  }
  return interfaceId;
}

function refuseLocal(route: TableRoute, table: Table, verb: string): void {
  if (route.target !== "local") return;
  throw new ApiError(
    "InvalidParameterValue",
    `cannot ${verb} local route ${route.destination} in route table ${table.id}`,
  );
}
