import { type Conditions, type FaultRule, fairConditions, type Latency } from "../common/faults.ts";
import type { MethodName } from "./methods.ts";
import type { OperationError } from "./operations.ts";
import type { Projects } from "./projects.ts";
import type { LoggedCall, RouteMoment } from "./record.ts";
import { instanceKey, type ProjectState, withRoute } from "./state.ts";
import type { Tokens } from "./tokens.ts";
import type { Instance, StaticRoute } from "./world.ts";

/** An operation that is accepted and ends in an error; once when `count` is left out. */
export type OperationRule = {
  readonly action: "routes.insert" | "routes.delete";
  readonly error: OperationError;
  readonly destination?: string;
  readonly count?: number;
};

/** What is set for operations beside the conditions that every emulator has. */
export type OperationConditions = {
  takes: Latency;
  rules: { rule: OperationRule; left: number }[];
  readonly down: Set<string>;
};

export const fairOperations = (): OperationConditions => ({ takes: 0, rules: [], down: new Set() });

/** The hand of a test (or of the demonstration) inside the emulator. Everything takes effect at once. */
export type Control = {
  /** How long calls of a method (or of all, with `*`) take. */
  latency(action: string, latency: Latency): void;
  /** How long an operation takes after it was accepted. */
  operations(takes: Latency): void;
  /** Whether Google's own rates apply. */
  throttling(on: boolean): void;
  /** Reads show the state of up to this many milliseconds ago, drawn anew for every read. */
  readLag(mostMs: number): void;
  fail(rule: FaultRule): void;
  failOperation(rule: OperationRule): void;
  /** A zone does not answer. */
  zoneDown(zone: string): void;
  /** Ends all faults, latency, lag and throttling. */
  calm(): void;
  /** Every changing call so far, in order of arrival. */
  calls(): readonly LoggedCall[];
  /** How many calls of each method came. */
  counts(): Readonly<Partial<Record<MethodName, number>>>;
  /** What carried the traffic for every destination from when on, in order of time. */
  moments(): readonly RouteMoment[];
  /** Destinations (`network destination`) that were without a working route at any time since. */
  gaps(sinceMs: number): readonly string[];
  readonly tokens: Pick<Tokens, "revoke" | "refuse">;
  project(project: string): ProjectControl;
};

/** Changes made behind Pointsman's back, by a person or by Google itself. */
type ProjectControl = {
  putRoute(route: Pick<StaticRoute, "name" | "network" | "destRange"> & Partial<StaticRoute>): void;
  removeRoute(name: string): void;
  removeNetwork(name: string): void;
  removeInstance(zone: string, name: string): void;
  setInstance(zone: string, name: string, to: Partial<Instance>): void;
  setQuota(routes: number): void;
  /** The routes that somebody made in a network, by destination and priority. */
  routes(network: string): readonly StaticRoute[];
};

type Inside = {
  readonly conditions: Conditions;
  readonly operations: OperationConditions;
  readonly calls: readonly LoggedCall[];
  readonly counts: Readonly<Partial<Record<MethodName, number>>>;
  readonly projects: Projects;
  readonly tokens: Tokens;
};

/** Ties the controls to the conditions, the record and the projects of one emulator. */
export function control(inside: Inside): Control {
  const { conditions, operations, projects } = inside;
  return {
    latency: (action, latency) => void conditions.latency.set(action, latency),
    operations(takes) {
      operations.takes = takes;
    },
    throttling(on) {
      conditions.throttling = on;
    },
    readLag(mostMs) {
      conditions.readLagMs = mostMs;
    },
    fail: (rule) => void conditions.rules.push({ rule, left: rule.count ?? 1 }),
    failOperation: (rule) => void operations.rules.push({ rule, left: rule.count ?? 1 }),
    zoneDown: (zone) => void operations.down.add(zone),
    calm() {
      Object.assign(conditions, fairConditions());
      Object.assign(operations, { takes: 0, rules: [] });
      operations.down.clear();
    },
    calls: () => inside.calls,
    counts: () => inside.counts,
    moments: () => projects.moments,
    gaps(sinceMs) {
      const gap = projects.moments.filter(({ atMs, state }) => atMs >= sinceMs && state !== "active");
      return [...new Set(gap.map(({ table, destination }) => `${table} ${destination}`))];
    },
    tokens: inside.tokens,
    project: (project) => projectControl(projects, project),
  };
}

function projectControl(projects: Projects, project: string): ProjectControl {
  const edit = (change: (state: ProjectState) => ProjectState) => projects.put(change(projects.current(project)));
  return {
    putRoute: (route) =>
      edit((state) => withRoute(state, route.name, { priority: 1_000, description: "", tags: [], ...route })),
    removeRoute: (name) => edit((state) => withRoute(state, name, null)),
    removeNetwork: (name) =>
      edit((state) => ({
        ...state,
        networks: without(state.networks, name),
        routes: new Map([...state.routes].filter(([, route]) => route.network !== name)),
      })),
    removeInstance: (zone, name) =>
      edit((state) => ({ ...state, instances: without(state.instances, instanceKey({ zone, name })) })),
    setInstance: (zone, name, to) =>
      edit((state) => {
        const key = instanceKey({ zone, name });
        const found = state.instances.get(key);
        if (found === undefined) throw new Error(`gcp emulator: no instance ${key} in ${project}`);
        return { ...state, instances: new Map(state.instances).set(key, { ...found, ...to }) };
      }),
    setQuota: (routes) => edit((state) => ({ ...state, routeQuota: routes })),
    routes(network) {
      const routes = [...projects.current(project).routes.values()].filter((route) => route.network === network);
      return routes.sort((a, b) => a.priority - b.priority).sort((a, b) => a.destRange.localeCompare(b.destRange));
    },
  };
}

function without<T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> {
  const left = new Map(map);
  left.delete(key);
  return left;
}
