import { interfaceBody, networkBody, routeBody, subnetBody, tableBody } from "./bodies.ts";
import { tableOf } from "./change-route.ts";
import { invalid, notFound } from "./errors.ts";
import type { Asked } from "./paths.ts";
import { securityGroupBody } from "./security-groups.ts";
import { keyOf, type State } from "./state.ts";
import type { Network } from "./world.ts";

/** The body of what a call reads. `origin`: where the emulator is reached. Throws `ApiError`. */
export function readResource(state: State, at: Asked, origin: string, pageSize: number): unknown {
  const kind = at.action.replace("Microsoft.Network/", "");
  switch (kind) {
    case "routeTables/read":
      return tableBody(state, tableOf(state, at));
    case "routeTables/list":
    case "routeTables/listAll":
      return pageOf(tablesOf(state, at), at, origin, pageSize);
    case "routeTables/routes/list": {
      const table = tableOf(state, at);
      const routes = [...table.routes.values()].map((route) => routeBody(table, route));
      return pageOf(routes, at, origin, pageSize);
    }
    case "routeTables/routes/read": {
      const table = tableOf(state, at);
      return routeBody(table, table.routes.get(at.child.toLowerCase()) ?? missing(at));
    }
    case "virtualNetworks/read":
      return networkBody(state, networkOf(state, at));
    case "virtualNetworks/subnets/list": {
      const network = networkOf(state, at);
      const subnets = network.subnets.map(({ name }) => subnetBody(state, network, name, false));
      return pageOf(subnets, at, origin, pageSize);
    }
    case "virtualNetworks/subnets/read": {
      const expand = at.query.get("$expand");
      if (expand !== null && expand !== "ipConfigurations")
        throw invalid("InvalidExpand", `'${expand}' is not expanded.`);
      return subnetBody(state, networkOf(state, at), at.child, expand !== null) ?? missing(at);
    }
    case "networkInterfaces/read":
      return interfaceBody(state.interfaces.get(keyOf("networkInterfaces", at)) ?? missing(at));
    case "networkSecurityGroups/read":
      return securityGroupBody(state.securityGroups.get(keyOf("networkSecurityGroups", at)) ?? missing(at));
    default:
      throw new Error(`azure emulator: nothing reads ${kind}`);
  }
}

function tablesOf(state: State, at: Asked): readonly unknown[] {
  const isIn = (text: string, wanted: string) => wanted === "" || text.toLowerCase() === wanted.toLowerCase();
  return [...state.tables.values()]
    .filter(
      ({ subscription, resourceGroup }) => isIn(subscription, at.subscription) && isIn(resourceGroup, at.resourceGroup),
    )
    .map((table) => tableBody(state, table));
}

function networkOf(state: State, at: Asked): Network {
  return state.networks.get(keyOf("virtualNetworks", at)) ?? missing(at);
}

function missing(at: Asked): never {
  throw notFound(at.path);
}

function pageOf(items: readonly unknown[], at: Asked, origin: string, size: number): unknown {
  const from = Number(at.query.get("$skipToken") ?? "0");
  if (!Number.isInteger(from) || from < 0) throw invalid("InvalidSkipToken", "The skip token is not valid.");
  const query = new URLSearchParams({
    "api-version": at.query.get("api-version") ?? "",
    $skipToken: String(from + size),
  });
  return {
    value: items.slice(from, from + size),
    ...(items.length > from + size && { nextLink: `${origin}${at.path}?${query}` }),
  };
}
