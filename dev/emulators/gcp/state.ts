import type { Firewall, FirewallPolicy, Instance, Network, Project, StaticRoute } from "./world.ts";

/** One project at one moment. Never changed in place, so that an older one can still be read. */
export type ProjectState = {
  readonly id: string;
  readonly routeQuota: number;
  readonly networks: ReadonlyMap<string, Network>;
  readonly routes: ReadonlyMap<string, StaticRoute>;
  /** By `zones/z/instances/n`. */
  readonly instances: ReadonlyMap<string, Instance>;
  readonly firewalls: ReadonlyMap<string, Firewall>;
  readonly firewallPolicies: readonly FirewallPolicy[];
  readonly deniedPermissions: readonly string[];
};

/** What finds an instance of any project, as a route of a Shared VPC may name one of another. */
export type FindInstance = (path: string) => Instance | undefined;

export function emptyProject(id: string): ProjectState {
  return {
    id,
    routeQuota: 10_000,
    networks: new Map(),
    routes: new Map(),
    instances: new Map(),
    firewalls: new Map(),
    firewallPolicies: [],
    deniedPermissions: [],
  };
}

/** Adds what a seed names to a project; what has a name that is there already is replaced. */
export function addToProject(state: ProjectState, seed: Project): ProjectState {
  const { networks, routes, instances, firewalls } = seed;
  return {
    ...state,
    routeQuota: seed.routeQuota,
    deniedPermissions: seed.deniedPermissions,
    firewallPolicies: [
      ...state.firewallPolicies.filter(({ name }) => !seed.firewallPolicies.some((one) => one.name === name)),
      ...seed.firewallPolicies,
    ],
    firewalls: new Map([...state.firewalls, ...firewalls.map((rule) => [rule.name, rule] as const)]),
    networks: new Map([...state.networks, ...networks.map((network) => [network.name, network] as const)]),
    routes: new Map([...state.routes, ...routes.map((route) => [route.name, route] as const)]),
    instances: new Map([...state.instances, ...instances.map((made) => [instanceKey(made), made] as const)]),
  };
}

/** A project as a seed that makes it again. */
export function projectSeed(state: ProjectState): Project {
  return {
    id: state.id,
    routeQuota: state.routeQuota,
    networks: [...state.networks.values()],
    routes: [...state.routes.values()],
    instances: [...state.instances.values()],
    firewalls: [...state.firewalls.values()],
    firewallPolicies: [...state.firewallPolicies],
    deniedPermissions: [...state.deniedPermissions],
  };
}

export const instanceKey = ({ zone, name }: Pick<Instance, "zone" | "name">): string =>
  `zones/${zone}/instances/${name}`;

/** The project with a route put (or, with null, taken away). */
export function withRoute(state: ProjectState, name: string, route: StaticRoute | null): ProjectState {
  const routes = new Map(state.routes);
  if (route === null) routes.delete(name);
  else routes.set(name, route);
  return { ...state, routes };
}

/** `projects/p/global/networks/n` of a network as an instance of `project` names it. */
export function networkPath(project: string, network: string): string {
  return network.startsWith("projects/") ? network : `projects/${project}/global/networks/${network}`;
}

/** What an instance or a route points at, as one text. */
export function hopOf(route: StaticRoute): string {
  const { nextHopInstance, nextHopIp, nextHopIlb, nextHopGateway, nextHopVpnTunnel } = route;
  return nextHopInstance ?? nextHopIp ?? nextHopIlb ?? nextHopGateway ?? nextHopVpnTunnel ?? "";
}

export type RouteWarning = { readonly code: string; readonly message: string };

/** Why packets that a route takes arrive nowhere; undefined when they arrive. */
export function warningOf(state: ProjectState, route: StaticRoute, find: FindInstance): RouteWarning | undefined {
  const network = networkPath(state.id, route.network);
  if (route.nextHopIp !== undefined) {
    const isThere = [...state.instances.values()].some((instance) =>
      isAt(instance, state.id, network, route.nextHopIp),
    );
    if (isThere) return undefined;
    const message = `Next hop IP '${route.nextHopIp}' is not assigned to an instance on the network.`;
    return { code: "NEXT_HOP_ADDRESS_NOT_ASSIGNED", message };
  }
  const path = route.nextHopInstance;
  if (path === undefined) return undefined;
  const instance = find(path);
  if (instance === undefined) {
    return { code: "NEXT_HOP_INSTANCE_NOT_FOUND", message: `Next hop instance '${path}' was not found.` };
  }
  const project = path.split("/")[1] ?? "";
  if (!instance.interfaces.some((nic) => networkPath(project, nic.network) === network)) {
    return { code: "NEXT_HOP_INSTANCE_NOT_ON_NETWORK", message: `Next hop instance '${path}' is not on the network.` };
  }
  if (!instance.canIpForward) {
    return { code: "NEXT_HOP_CANNOT_IP_FORWARD", message: `Next hop instance '${path}' cannot forward IP traffic.` };
  }
  if (instance.status === "RUNNING") return undefined;
  return { code: "NEXT_HOP_NOT_RUNNING", message: `Next hop instance '${path}' is not running.` };
}

function isAt(instance: Instance, project: string, network: string, address: string | undefined): boolean {
  return instance.interfaces.some((nic) => nic.address === address && networkPath(project, nic.network) === network);
}
