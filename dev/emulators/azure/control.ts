import { type Conditions, type FaultRule, fairConditions, type Latency } from "../common/faults.ts";
import type { OperationFailure, Operations } from "./operations.ts";
import type { LoggedCall, RouteMoment } from "./record.ts";
import { effectiveHop, hopText, type State, withRoute } from "./state.ts";
import type { Route } from "./world.ts";

/** What the emulator was told beside its conditions. */
export type Settings = {
  /** Bearer tokens that are taken; null takes any. */
  tokens: ReadonlySet<string> | null;
  /** Entries of one page of a listing. */
  pageSize: number;
};

export const fairSettings = (): Settings => ({ tokens: null, pageSize: 100 });

/** The hand of a test (or of the demonstration) inside the emulator. Everything takes effect at once. Tables go by id. */
export type Control = {
  /** How long calls of an action such as `Microsoft.Network/routeTables/read` (or of all, with `*`) take. */
  latency(action: string, latency: Latency): void;
  /** Whether Azure's own token buckets apply. */
  throttling(on: boolean): void;
  /** Reads show the state of up to this many milliseconds ago, drawn anew for every read. */
  readLag(mostMs: number): void;
  fail(rule: FaultRule): void;
  /** Lets accepted operations end in error. */
  failOperation(failure: OperationFailure): void;
  /** How long operations take. ms */
  operations(durationMs: number): void;
  /** Another's operation holds a table for so long. ms */
  lock(table: string, durationMs: number): void;
  /** Takes these bearer tokens alone; null takes any. */
  tokens(accepted: readonly string[] | null): void;
  pageSize(entries: number): void;
  /** Ends all faults, latency, lag and throttling. */
  calm(): void;
  /** Every changing call so far, in order of arrival. */
  calls(): readonly LoggedCall[];
  /** Every action so far, reads too. */
  actions(): ReadonlySet<string>;
  /** What carried packets to every destination from when on, in order of time. */
  moments(): readonly RouteMoment[];
  /** Destinations (`table destination`) that stood without a route, or with one that drops packets, at any time since. */
  gaps(sinceMs: number): readonly string[];
  /** Changes made behind Pointsman's back. */
  putRoute(table: string, route: Partial<Route> & Pick<Route, "name" | "addressPrefix">): void;
  removeRoute(table: string, name: string): void;
  removeTable(table: string): void;
  removeNetwork(id: string): void;
  removeInterface(id: string): void;
  ipForwarding(id: string, isOn: boolean): void;
  tagInterface(id: string, tags: Readonly<Record<string, string>>): void;
  /** The routes of a table as they are shown, sorted by destination. */
  routes(table: string): readonly Route[];
  /** Where the packets of a table go, by destination. */
  effective(table: string): ReadonlyMap<string, string>;
};

export type Inside = {
  readonly conditions: Conditions;
  readonly settings: Settings;
  readonly operations: Operations;
  readonly calls: readonly LoggedCall[];
  readonly actions: ReadonlySet<string>;
  readonly moments: readonly RouteMoment[];
  current(): State;
  edit(change: (state: State) => State): void;
};

/** Ties the controls to the inside of one emulator. */
export function control(inside: Inside): Control {
  const { conditions, settings, operations } = inside;
  const routes = (table: string) => [...(inside.current().tables.get(table.toLowerCase())?.routes.values() ?? [])];
  const editInterface = (id: string, change: object) =>
    inside.edit((state) => {
      const found = state.interfaces.get(id.toLowerCase());
      if (found === undefined) throw new Error(`azure emulator: no interface ${id}`);
      return { ...state, interfaces: new Map(state.interfaces).set(id.toLowerCase(), { ...found, ...change }) };
    });
  return {
    latency: (action, latency) => void conditions.latency.set(action, latency),
    throttling(on) {
      conditions.throttling = on;
    },
    readLag(mostMs) {
      conditions.readLagMs = mostMs;
    },
    fail: (rule) => void conditions.rules.push({ rule, left: rule.count ?? 1 }),
    failOperation: operations.fail,
    operations(durationMs) {
      operations.durationMs = durationMs;
    },
    lock: (table, durationMs) => void operations.begin(table.toLowerCase(), "", () => undefined, durationMs),
    tokens(accepted) {
      settings.tokens = accepted === null ? null : new Set(accepted);
    },
    pageSize(entries) {
      settings.pageSize = entries;
    },
    calm() {
      Object.assign(conditions, fairConditions());
      operations.clear();
    },
    calls: () => inside.calls,
    actions: () => inside.actions,
    moments: () => inside.moments,
    gaps(sinceMs) {
      const gap = inside.moments.filter(({ atMs, state }) => atMs >= sinceMs && state !== "active");
      return [...new Set(gap.map(({ table, destination }) => `${table} ${destination}`))];
    },
    putRoute: (table, route) =>
      inside.edit((state) =>
        withRoute(state, table.toLowerCase(), route.name, {
          nextHopType: "VirtualAppliance",
          provisioningState: "Succeeded",
          ...route,
        }),
      ),
    removeRoute: (table, name) => inside.edit((state) => withRoute(state, table.toLowerCase(), name, null)),
    removeTable: (table) => inside.edit((state) => ({ ...state, tables: without(state.tables, table) })),
    removeNetwork: (id) => inside.edit((state) => ({ ...state, networks: without(state.networks, id) })),
    removeInterface: (id) => inside.edit((state) => ({ ...state, interfaces: without(state.interfaces, id) })),
    ipForwarding: (id, ipForwarding) => editInterface(id, { ipForwarding }),
    tagInterface: (id, tags) => editInterface(id, { tags }),
    routes: (table) => routes(table).sort((a, b) => (a.addressPrefix < b.addressPrefix ? -1 : 1)),
    effective: (table) =>
      new Map(
        routes(table).flatMap((route) => {
          const hop = effectiveHop(route);
          return hop === null ? [] : [[route.addressPrefix, hopText(hop)] as const];
        }),
      ),
  };
}

function without<T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> {
  const left = new Map(map);
  left.delete(key.toLowerCase());
  return left;
}
