import { type Conditions, type FaultRule, fairConditions, type Latency } from "../common/faults.ts";
import { editedList, type PrefixList } from "./prefix-lists/list.ts";
import type { LoggedCall, RouteMoment } from "./record.ts";
import type { Regions } from "./regions.ts";
import { type RegionState, routeKey, withRoute } from "./state.ts";
import { DEFAULT_ACCOUNT, type Instance, type NetworkInterface, type TableRoute } from "./world.ts";

/** The hand of a test (or of the demonstration) inside the emulator. Everything takes effect at once. */
export type Control = {
  /** How long calls of an action (or of all, with `*`) take. */
  latency(action: string, latency: Latency): void;
  /** Whether EC2's own token buckets apply. */
  throttling(on: boolean): void;
  /** Reads show the state of up to this many milliseconds ago, drawn anew for every read. */
  readLag(mostMs: number): void;
  fail(rule: FaultRule): void;
  /** Ends all faults, latency, lag and throttling. */
  calm(): void;
  /** Every changing call so far, in order of arrival. */
  calls(): readonly LoggedCall[];
  /** What stood at every destination from when on, in order of time. */
  moments(): readonly RouteMoment[];
  /** Destinations (`table destination`) that stood without a route, or with one that drops packets, at any time since. */
  gaps(sinceMs: number): readonly string[];
  region(region: string, account?: string): RegionControl;
};

/** Changes made behind Pointsman's back, by a person or by AWS itself. */
type RegionControl = {
  putRoute(table: string, route: Omit<TableRoute, "origin"> & Partial<Pick<TableRoute, "origin">>): void;
  removeRoute(table: string, destination: string): void;
  removeTable(table: string): void;
  removeInterface(id: string): void;
  detachInterface(id: string): void;
  attachInterface(id: string, instanceId: string): void;
  tagInterface(id: string, tags: Readonly<Record<string, string>>): void;
  setInstance(id: string, state: Instance["state"]): void;
  /** Puts entries into a prefix list and takes others out, in a new version that is in force at once. */
  editList(id: string, edit: { readonly add?: readonly string[]; readonly remove?: readonly string[] }): void;
  removeList(id: string): void;
  /** The prefix lists, in order of id. */
  lists(): readonly PrefixList[];
  /** The routes of a table, sorted by destination. */
  routes(table: string): readonly TableRoute[];
};

/** Ties the controls to the conditions, the record and the regions of one emulator. */
export function control(conditions: Conditions, calls: readonly LoggedCall[], regions: Regions): Control {
  return {
    latency: (action, latency) => void conditions.latency.set(action, latency),
    throttling(on) {
      conditions.throttling = on;
    },
    readLag(mostMs) {
      conditions.readLagMs = mostMs;
    },
    fail: (rule) => void conditions.rules.push({ rule, left: rule.count ?? 1 }),
    calm: () => void Object.assign(conditions, fairConditions()),
    calls: () => calls,
    moments: () => regions.moments,
    gaps(sinceMs) {
      const gap = regions.moments.filter(({ atMs, state }) => atMs >= sinceMs && state !== "active");
      return [...new Set(gap.map(({ table, destination }) => `${table} ${destination}`))];
    },
    region: (region, account = DEFAULT_ACCOUNT) => regionControl(regions, account, region),
  };
}

function regionControl(regions: Regions, account: string, region: string): RegionControl {
  const edit = (change: (state: RegionState) => RegionState) => regions.put(change(regions.current(account, region)));
  const editInterface = (id: string, change: (found: NetworkInterface) => NetworkInterface) =>
    edit((state) => {
      const found = state.interfaces.get(id);
      if (found === undefined) throw new Error(`ec2 emulator: no interface ${id} in ${region}`);
      return { ...state, interfaces: new Map(state.interfaces).set(id, change(found)) };
    });
  return {
    putRoute: (table, { origin = "CreateRoute", ...rest }) =>
      edit((state) => withRoute(state, table, routeKey({ ...rest, origin }), { ...rest, origin })),
    removeRoute: (table, destination) => edit((state) => withRoute(state, table, destination, null)),
    removeTable: (table) => edit((state) => ({ ...state, tables: without(state.tables, table) })),
    removeInterface: (id) => edit((state) => ({ ...state, interfaces: without(state.interfaces, id) })),
    detachInterface: (id) => editInterface(id, (found) => ({ ...found, attachment: null })),
    attachInterface: (id, instanceId) =>
      editInterface(id, (found) => ({ ...found, attachment: { instanceId, deviceIndex: 0 } })),
    tagInterface: (id, tags) => editInterface(id, (found) => ({ ...found, tags: { ...tags } })),
    setInstance: (id, state) =>
      edit((current) => {
        const found = current.instances.get(id);
        if (found === undefined) throw new Error(`ec2 emulator: no instance ${id} in ${region}`);
        return { ...current, instances: new Map(current.instances).set(id, { ...found, state }) };
      }),
    editList: (id, { add = [], remove = [] }) =>
      edit((current) => {
        const found = current.prefixLists.get(id);
        if (found === undefined) throw new Error(`ec2 emulator: no prefix list ${id} in ${region}`);
        return { ...current, prefixLists: new Map(current.prefixLists).set(id, editedList(found, add, remove)) };
      }),
    removeList: (id) => edit((current) => ({ ...current, prefixLists: without(current.prefixLists, id) })),
    lists() {
      regions.settle(account, region);
      const lists = regions.current(account, region).prefixLists.values();
      return [...lists].sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    routes(table) {
      const routes = regions.current(account, region).tables.get(table)?.routes.values() ?? [];
      return [...routes].sort((a, b) => (a.destination < b.destination ? -1 : 1));
    },
  };
}

function without<T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> {
  const left = new Map(map);
  left.delete(key);
  return left;
}
