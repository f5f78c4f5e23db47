import type { Network, NetworkInterface, NextHop, Route, RouteTableSeed, SecurityGroup, World } from "./world.ts";

/** A route table as it stands; routes by their names in lower case. */
export type Table = Omit<RouteTableSeed, "routes"> & { readonly routes: ReadonlyMap<string, Route> };

/** Everything at one moment, by resource ids in lower case. Never changed in place, so that an older one can still be read. */
export type State = {
  readonly networks: ReadonlyMap<string, Network>;
  readonly tables: ReadonlyMap<string, Table>;
  readonly interfaces: ReadonlyMap<string, NetworkInterface>;
  readonly securityGroups: ReadonlyMap<string, SecurityGroup>;
  readonly routeQuota: number;
};

/** Routes that Azure lets a table have. */
const ROUTE_QUOTA = 400;

export const emptyState: State = {
  networks: new Map(),
  tables: new Map(),
  interfaces: new Map(),
  securityGroups: new Map(),
  routeQuota: ROUTE_QUOTA,
};

type Kind = "virtualNetworks" | "routeTables" | "networkInterfaces" | "networkSecurityGroups";
type Place = { readonly subscription: string; readonly resourceGroup: string; readonly name: string };

/** A resource id in the case in which Azure writes it. */
export function resourceId(kind: Kind, { subscription, resourceGroup, name }: Place): string {
  return `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Network/${kind}/${name}`;
}

/** The key of a resource: its id in lower case. */
export function keyOf(kind: Kind, place: Place): string {
  return resourceId(kind, place).toLowerCase();
}

/** Adds what a seed names; what has an id that is there already is replaced. */
export function addWorld(state: State, world: World): State {
  const networks = new Map(state.networks);
  const tables = new Map(state.tables);
  const interfaces = new Map(state.interfaces);
  const securityGroups = new Map(state.securityGroups);
  for (const group of world.securityGroups) securityGroups.set(keyOf("networkSecurityGroups", group), group);
  for (const network of world.networks) networks.set(keyOf("virtualNetworks", network), network);
  for (const found of world.interfaces) interfaces.set(keyOf("networkInterfaces", found), found);
  for (const table of world.routeTables) {
    const routes = new Map(table.routes.map((route) => [route.name.toLowerCase(), route]));
    tables.set(keyOf("routeTables", table), { ...table, routes });
  }
  return { networks, tables, interfaces, securityGroups, routeQuota: world.routeQuota ?? state.routeQuota };
}

/** The state as a seed that makes it again. */
export function worldOf(state: State): World {
  return {
    networks: [...state.networks.values()],
    interfaces: [...state.interfaces.values()],
    securityGroups: [...state.securityGroups.values()],
    routeTables: [...state.tables.values()].map((table) => ({ ...table, routes: [...table.routes.values()] })),
    routeQuota: state.routeQuota,
  };
}

/** The state with a route of a table put (or, with null, taken away). */
export function withRoute(state: State, tableKey: string, name: string, route: Route | null): State {
  const table = state.tables.get(tableKey);
  if (table === undefined) return state;
  const routes = new Map(table.routes);
  if (route === null) routes.delete(name.toLowerCase());
  else routes.set(name.toLowerCase(), route);
  return { ...state, tables: new Map(state.tables).set(tableKey, { ...table, routes }) };
}

/** What packets follow; null when nothing. */
export function effectiveHop(route: Route): NextHop | null {
  return route.effective === undefined ? route : route.effective;
}

/** Where packets go, as one word: an address, or the kind of next hop. */
export function hopText(hop: NextHop): string {
  return hop.nextHopType === "VirtualAppliance" ? (hop.nextHopIpAddress ?? "?") : hop.nextHopType;
}

/** Whether packets that go there arrive: an address must be one of an interface that forwards. */
export function hopState(state: State, hop: NextHop): "active" | "blackhole" {
  if (hop.nextHopType === "None") return "blackhole";
  if (hop.nextHopType !== "VirtualAppliance") return "active";
  for (const { addresses, ipForwarding } of state.interfaces.values()) {
    if (ipForwarding && addresses.some(({ address }) => address === hop.nextHopIpAddress)) return "active";
  }
  return "blackhole";
}
