import type { Clock } from "../../../shared/ports/clock.ts";
import { type History, history } from "../common/history.ts";
import { keep } from "../common/keep.ts";
import { type RouteMoment, routeMoments } from "./record.ts";
import {
  type Firewall,
  type Network,
  type NetworkRoute,
  type Server,
  type Token,
  World,
  type WorldSeed,
} from "./world.ts";

/** What stands in a project at one moment. Never changed in place, so that an older one can still be read. */
export type ProjectState = {
  readonly networks: ReadonlyMap<number, Network>;
  readonly servers: ReadonlyMap<number, Server>;
  readonly firewalls: ReadonlyMap<number, Firewall>;
};

/** A project with its recent past and its tokens. */
export type Project = {
  current(): ProjectState;
  past(lagMs: number): ProjectState;
  put(state: ProjectState): void;
  /** Adds a route to a network or, with null, takes the one for a destination away. */
  putRoute(network: number, destination: string, gateway: string | null): void;
  readonly moments: readonly RouteMoment[];
  tokens(): readonly Token[];
  setTokens(tokens: readonly Token[]): void;
  seed(world: WorldSeed): World;
  dump(lastActionId: number): World;
  restore(world: WorldSeed): World;
};

const empty: ProjectState = { networks: new Map(), servers: new Map(), firewalls: new Map() };

export function project(clock: Clock): Project {
  let states: History<ProjectState> = history(clock, empty);
  let tokens: readonly Token[] = [];
  const moments: RouteMoment[] = [];

  const put = (state: ProjectState): void => {
    keep(moments, ...routeMoments(states.current().networks, state.networks, clock.nowMs()));
    states.put(state);
  };
  const seed = (input: WorldSeed): World => {
    const world = World.parse(input);
    const { networks, servers, firewalls } = states.current();
    tokens = [...tokens.filter(({ token }) => !world.tokens.some((other) => other.token === token)), ...world.tokens];
    put({
      networks: new Map([...networks, ...world.networks.map((network) => [network.id, network] as const)]),
      servers: new Map([...servers, ...world.servers.map((server) => [server.id, server] as const)]),
      firewalls: new Map([...firewalls, ...world.firewalls.map((firewall) => [firewall.id, firewall] as const)]),
    });
    return world;
  };
  return {
    current: () => states.current(),
    past: (lagMs) => states.past(lagMs),
    put,
    putRoute(id, destination, gateway) {
      const state = states.current();
      const network = state.networks.get(id);
      if (network === undefined) return;
      const others: readonly NetworkRoute[] = network.routes.filter((route) => route.destination !== destination);
      const routes = gateway === null ? [...others] : [...others, { destination, gateway }];
      put({ ...state, networks: new Map(state.networks).set(id, { ...network, routes }) });
    },
    moments,
    tokens: () => tokens,
    setTokens(next) {
      tokens = next;
    },
    seed,
    dump(lastActionId) {
      const { networks, servers, firewalls } = states.current();
      return structuredClone({
        tokens: [...tokens],
        networks: [...networks.values()],
        servers: [...servers.values()],
        firewalls: [...firewalls.values()],
        lastActionId,
      });
    },
    restore(world) {
      states = history(clock, empty);
      moments.length = 0;
      tokens = [];
      return seed(world);
    },
  };
}
