import { type Conditions, type FaultRule, fairConditions, type Latency } from "../common/faults.ts";
import type { Operations } from "./actions.ts";
import type { Project } from "./project.ts";
import type { RateLimit } from "./rate-limit.ts";
import { type Gap, gapsIn, type LoggedCall, type LoggedRequest, type RouteMoment } from "./record.ts";
import type { NetworkRoute, Server } from "./world.ts";

/** An action that is accepted and then ends in an error, having changed nothing. */
export type OperationFault = {
  readonly command: "add_route" | "delete_route";
  readonly destination?: string;
  readonly code: string;
  readonly message: string;
  readonly count?: number;
};

/** The hand of a test (or of the demonstration) inside the emulator. Everything takes effect at once. */
export type Control = {
  /** How long calls of an operation take: `add_route`, `delete_route`, another one such as `GET /servers`, or `*`. */
  latency(operation: string, latency: Latency): void;
  /** How long an accepted action runs, and when a deleted route stops to work. */
  operations(operations: Operations): void;
  /** Whether the project's allowance of requests applies; it is counted, and told, in any case. */
  throttling(on: boolean): void;
  rateLimit(perHour: number, remaining: number): void;
  /** Reads show the state of up to this many milliseconds ago, drawn anew for every read. */
  readLag(mostMs: number): void;
  /** `action`: as for `latency`, or `change` for both calls that change a route. */
  fail(rule: FaultRule): void;
  failOperation(fault: OperationFault): void;
  /** Ends all faults, latency, lag and throttling. */
  calm(): void;
  /** Every changing call so far, in order of arrival. */
  calls(): readonly LoggedCall[];
  /** Every request so far. */
  requests(): readonly LoggedRequest[];
  moments(): readonly RouteMoment[];
  /** Destinations (`network destination`) that stood without a route at any time since, ms since 1970. */
  gaps(sinceMs: number): readonly string[];
  /** The same with beginning and end. */
  gapTimes(sinceMs: number): readonly Gap[];
  putRoute(network: number, route: NetworkRoute): void;
  removeRoute(network: number, destination: string): void;
  removeNetwork(network: number): void;
  putServer(server: Server): void;
  removeServer(id: number): void;
  setQuota(network: number, routes: number): void;
  /** Lets only these tokens in, each to read and write. */
  setTokens(tokens: readonly string[]): void;
  /** The routes of a network, sorted by destination. */
  routes(network: number): readonly NetworkRoute[];
};

/** What is set to go wrong with actions, and how they run. */
export type ActionConditions = { operations: Operations; faults: { fault: OperationFault; left: number }[] };

export const fairActions = (): ActionConditions => ({ operations: { ms: 0, deleted: "when accepted" }, faults: [] });

export function control(parts: {
  readonly conditions: Conditions;
  readonly actions: ActionConditions;
  readonly project: Project;
  readonly limit: RateLimit;
  readonly calls: readonly LoggedCall[];
  readonly requests: readonly LoggedRequest[];
}): Control {
  const { conditions, actions, project, limit, calls, requests } = parts;
  const gapTimes = (sinceMs: number) =>
    gapsIn(project.moments).filter(({ untilMs }) => untilMs === null || untilMs >= sinceMs);
  return {
    latency: (operation, latency) => void conditions.latency.set(operation, latency),
    operations(operations) {
      actions.operations = operations;
    },
    throttling(on) {
      conditions.throttling = on;
    },
    rateLimit: (perHour, remaining) => limit.set(perHour, remaining),
    readLag(mostMs) {
      conditions.readLagMs = mostMs;
    },
    fail: (rule) => void conditions.rules.push({ rule, left: rule.count ?? 1 }),
    failOperation: (fault) => void actions.faults.push({ fault, left: fault.count ?? 1 }),
    calm() {
      Object.assign(conditions, fairConditions());
      Object.assign(actions, fairActions());
    },
    calls: () => calls,
    requests: () => requests,
    moments: () => project.moments,
    gaps: (sinceMs) => [...new Set(gapTimes(sinceMs).map(({ table, destination }) => `${table} ${destination}`))],
    gapTimes,
    ...edits(project),
  };
}

/** Changes made behind Pointsman's back, by a person or by Terraform. */
function edits(project: Project) {
  const without = <T>(map: ReadonlyMap<number, T>, id: number): ReadonlyMap<number, T> =>
    new Map([...map].filter(([key]) => key !== id));
  return {
    putRoute: (network: number, { destination, gateway }: NetworkRoute) =>
      project.putRoute(network, destination, gateway),
    removeRoute: (network: number, destination: string) => project.putRoute(network, destination, null),
    removeNetwork(network: number) {
      const state = project.current();
      project.put({ ...state, networks: without(state.networks, network) });
    },
    putServer(server: Server) {
      const state = project.current();
      project.put({ ...state, servers: new Map(state.servers).set(server.id, server) });
    },
    removeServer(id: number) {
      const state = project.current();
      project.put({ ...state, servers: without(state.servers, id) });
    },
    setQuota(id: number, routeQuota: number) {
      const state = project.current();
      const network = state.networks.get(id);
      if (network === undefined) throw new Error(`hetzner emulator: no network ${id}`);
      project.put({ ...state, networks: new Map(state.networks).set(id, { ...network, routeQuota }) });
    },
    setTokens: (tokens: readonly string[]) =>
      project.setTokens(tokens.map((token) => ({ token, access: "read-write" as const }))),
    routes(network: number): readonly NetworkRoute[] {
      const routes = project.current().networks.get(network)?.routes ?? [];
      return [...routes].sort((a, b) => (a.destination < b.destination ? -1 : 1));
    },
  };
}
