import { familyOf } from "../../../shared/domain/cidr.ts";
import { type PrefixList, seededList, seedOfList } from "./prefix-lists/list.ts";
import type {
  Instance,
  NetworkAcl,
  NetworkInterface,
  RegionWorld,
  RouteTableSeed,
  SecurityGroup,
  TableRoute,
  Vpc,
} from "./world.ts";

/** A route table as it stands; routes by `routeKey`. */
export type Table = Omit<RouteTableSeed, "routes"> & { readonly routes: ReadonlyMap<string, TableRoute> };

/** One account's part of one region at one moment. Never changed in place, so that an older one can still be read. */
export type RegionState = {
  readonly account: string;
  readonly region: string;
  readonly routeQuota: number;
  readonly vpcs: ReadonlyMap<string, Vpc>;
  readonly tables: ReadonlyMap<string, Table>;
  readonly interfaces: ReadonlyMap<string, NetworkInterface>;
  readonly instances: ReadonlyMap<string, Instance>;
  readonly securityGroups: ReadonlyMap<string, SecurityGroup>;
  readonly networkAcls: ReadonlyMap<string, NetworkAcl>;
  readonly prefixLists: ReadonlyMap<string, PrefixList>;
  readonly prefixListQuota: number;
  /** Ids that were given out by the tokens that they were asked for with, and what was asked for. */
  readonly listTokens: ReadonlyMap<string, { readonly id: string; readonly asked: string }>;
};

/** A propagated route may stand beside a static one of the same destination. */
export function routeKey(route: TableRoute): string {
  return route.origin === "EnableVgwRoutePropagation" ? `${route.destination} propagated` : route.destination;
}

/** A region in which nothing was made yet. */
export function emptyRegion(account: string, region: string): RegionState {
  return {
    account,
    region,
    routeQuota: 500,
    vpcs: new Map(),
    tables: new Map(),
    interfaces: new Map(),
    instances: new Map(),
    securityGroups: new Map(),
    networkAcls: new Map(),
    prefixLists: new Map(),
    prefixListQuota: 100,
    listTokens: new Map(),
  };
}

/** Adds what a seed names to a region; what has an id that is there already is replaced. */
export function addToRegion(state: RegionState, seed: RegionWorld): RegionState {
  const vpcs = new Map(state.vpcs);
  const tables = new Map(state.tables);
  const interfaces = new Map(state.interfaces);
  const instances = new Map(state.instances);
  const securityGroups = new Map(state.securityGroups);
  for (const group of seed.securityGroups) securityGroups.set(group.id, group);
  for (const vpc of seed.vpcs) vpcs.set(vpc.id, vpc);
  for (const instance of seed.instances) instances.set(instance.id, instance);
  for (const made of seed.interfaces) {
    const attachment =
      made.attachment === undefined ? { instanceId: made.id.replace(/^eni-/, "i-"), deviceIndex: 0 } : made.attachment;
    interfaces.set(made.id, { ...made, attachment });
    if (attachment !== null && !instances.has(attachment.instanceId)) {
      instances.set(attachment.instanceId, { id: attachment.instanceId, vpc: made.vpc, state: "running", tags: {} });
    }
  }
  for (const table of seed.routeTables) {
    const vpc = vpcs.get(table.vpc);
    if (vpc === undefined) throw new Error(`ec2 emulator: ${table.id} is in ${table.vpc}, which was not seeded`);
    const local = vpc.cidrs.map((destination) => ({
      destination,
      target: "local",
      origin: "CreateRouteTable" as const,
    }));
    tables.set(table.id, { ...table, routes: new Map([...local, ...table.routes].map((r) => [routeKey(r), r])) });
  }
  const prefixLists = new Map(state.prefixLists);
  for (const list of seed.prefixLists) prefixLists.set(list.id, seededList(list));
  const { routeQuota, prefixListQuota } = seed;
  return {
    ...state,
    routeQuota,
    prefixListQuota,
    vpcs,
    tables,
    interfaces,
    instances,
    securityGroups,
    networkAcls: new Map([...state.networkAcls, ...seed.networkAcls.map((acl) => [acl.id, acl] as const)]),
    prefixLists,
  };
}

/** A region as a seed that makes it again. */
export function regionWorld(state: RegionState): RegionWorld {
  return {
    account: state.account,
    region: state.region,
    routeQuota: state.routeQuota,
    vpcs: [...state.vpcs.values()],
    interfaces: [...state.interfaces.values()],
    instances: [...state.instances.values()],
    securityGroups: [...state.securityGroups.values()],
    networkAcls: [...state.networkAcls.values()],
    prefixLists: [...state.prefixLists.values()].map(seedOfList),
    prefixListQuota: state.prefixListQuota,
    routeTables: [...state.tables.values()].map((table) => ({
      ...table,
      routes: [...table.routes.values()].filter((route) => route.target !== "local"),
    })),
  };
}

/** The region with a route of a table put (or, with null, taken away). */
export function withRoute(state: RegionState, tableId: string, key: string, route: TableRoute | null): RegionState {
  const table = state.tables.get(tableId);
  if (table === undefined) return state;
  const routes = new Map(table.routes);
  if (route === null) routes.delete(key);
  else routes.set(key, route);
  return { ...state, tables: new Map(state.tables).set(tableId, { ...table, routes }) };
}

/** Whether packets that a route takes arrive anywhere: a target that is gone, detached or not running drops them. */
export function routeState(state: RegionState, route: TableRoute): "active" | "blackhole" {
  if (!route.target.startsWith("eni-")) return "active";
  const attachment = state.interfaces.get(route.target)?.attachment;
  const instance = attachment ? state.instances.get(attachment.instanceId) : undefined;
  return instance?.state === "running" ? "active" : "blackhole";
}

/** How many routes of a table count against its quota for one address family: a prefix list counts as all that it has room for. */
export function quotaUse(state: RegionState, table: Table, family: 4 | 6): number {
  let count = 0;
  for (const { origin, destination } of table.routes.values()) {
    if (origin !== "CreateRoute") continue;
    const list = state.prefixLists.get(destination);
    if (list !== undefined) count += list.family === `IPv${family}` ? list.maxEntries : 0;
    else if (!destination.startsWith("pl-") && familyOf(destination) === family) count++;
  }
  return count;
}
