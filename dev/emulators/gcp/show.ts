import { familyOf } from "../../../shared/domain/cidr.ts";
import { type FindInstance, networkPath, type ProjectState, warningOf } from "./state.ts";
import type { Firewall, FirewallPolicy, Instance, StaticRoute } from "./world.ts";

export type Json = Readonly<Record<string, unknown>>;

const BASE = "https://www.googleapis.com/compute/v1/";

/** The URL of a resource by its path, as answers show it. */
export const linkOf = (path: string): string => `${BASE}${path}`;

/** A route as the API shows it. */
export function showRoute(state: ProjectState, route: StaticRoute, find: FindInstance): Json {
  const { nextHopInstance, nextHopIp, nextHopIlb, nextHopGateway, nextHopVpnTunnel } = route;
  const warning = warningOf(state, route, find);
  return {
    kind: "compute#route",
    id: idOf(route.name),
    creationTimestamp: new Date(route.createdMs ?? 0).toISOString(),
    name: route.name,
    description: route.description,
    network: linkOf(networkPath(state.id, route.network)),
    destRange: route.destRange,
    priority: route.priority,
    routeType: "STATIC",
    ...(route.tags.length > 0 && { tags: route.tags }),
    ...(nextHopInstance !== undefined && { nextHopInstance: linkOf(nextHopInstance) }),
    ...(nextHopIp !== undefined && { nextHopIp }),
    ...(nextHopIlb !== undefined && { nextHopIlb }),
    ...(nextHopGateway !== undefined && { nextHopGateway: linkOf(nextHopGateway) }),
    ...(nextHopVpnTunnel !== undefined && { nextHopVpnTunnel: linkOf(nextHopVpnTunnel) }),
    ...(warning !== undefined && { warnings: [warning] }),
    selfLink: linkOf(`projects/${state.id}/global/routes/${route.name}`),
  };
}

/** The routes of a project's subnets, which Google makes by itself. */
export function subnetRoutes(state: ProjectState): readonly Json[] {
  return [...state.networks.values()].flatMap(({ name, subnets }) =>
    subnets.map((destRange) => ({
      kind: "compute#route",
      id: idOf(`${name}${destRange}`),
      creationTimestamp: "2026-01-01T00:00:00.000-08:00",
      name: `default-route-r-${Number(idOf(`${name}${destRange}`)).toString(16)}`,
      description: `Default local route to the subnetwork ${destRange}.`,
      network: linkOf(networkPath(state.id, name)),
      nextHopNetwork: linkOf(networkPath(state.id, name)),
      destRange,
      priority: familyOf(destRange) === 4 ? 0 : 1_000,
      routeType: "SUBNET",
      selfLink: linkOf(`projects/${state.id}/global/routes/default-route-r-${idOf(`${name}${destRange}`)}`),
    })),
  );
}

/** An instance as the API shows it. */
export function showInstance(project: string, instance: Instance): Json {
  const { zone, name, status, canIpForward, interfaces, metadata } = instance;
  return {
    kind: "compute#instance",
    id: idOf(`${zone}${name}`),
    name,
    zone: linkOf(`projects/${project}/zones/${zone}`),
    status,
    canIpForward,
    ...(instance.tags.length > 0 && { tags: { items: instance.tags } }),
    networkInterfaces: interfaces.map((nic, at) => ({
      kind: "compute#networkInterface",
      name: `nic${at}`,
      network: linkOf(networkPath(project, nic.network)),
      networkIP: nic.address,
    })),
    metadata: {
      kind: "compute#metadata",
      ...(Object.keys(metadata).length > 0 && {
        items: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      }),
    },
    selfLink: linkOf(`projects/${project}/zones/${zone}/instances/${name}`),
  };
}

export function showNetwork(state: ProjectState, name: string): Json {
  const path = networkPath(state.id, name);
  return {
    kind: "compute#network",
    id: idOf(path),
    name,
    autoCreateSubnetworks: false,
    networkFirewallPolicyEnforcementOrder: state.networks.get(name)?.firewallOrder,
    selfLink: linkOf(path),
  };
}

/** A number that stands for a resource. */
export function idOf(text: string): string {
  let hash = 7;
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 9_007_199_254_740_881;
  return String(hash);
}

/** A firewall rule as the API shows it. */
export function showFirewall(state: ProjectState, rule: Firewall): Json {
  const { name, network, priority, direction, disabled, sourceRanges, sourceTags, targetTags } = rule;
  const what = [{ IPProtocol: rule.protocol, ...(rule.ports.length > 0 && { ports: rule.ports }) }];
  return {
    kind: "compute#firewall",
    id: idOf(name),
    name,
    network: linkOf(networkPath(state.id, network)),
    priority,
    direction,
    disabled,
    ...(sourceRanges.length > 0 && { sourceRanges }),
    ...(sourceTags.length > 0 && { sourceTags }),
    ...(targetTags.length > 0 && { targetTags }),
    ...(rule.action === "allow" ? { allowed: what } : { denied: what }),
    selfLink: linkOf(`projects/${state.id}/global/firewalls/${name}`),
  };
}

/** A firewall policy as the API shows what applies to an instance. `at`: its place among those. */
export function showPolicy({ name, type, rules }: FirewallPolicy, at: number): Json {
  return {
    name: idOf(name),
    shortName: name,
    displayName: name,
    type,
    ...(type !== "HIERARCHY" && { priority: at }),
    rules: rules.map((rule) => ({
      kind: "compute#firewallPolicyRule",
      priority: rule.priority,
      direction: rule.direction,
      action: rule.action,
      disabled: rule.disabled,
      match: {
        layer4Configs: [{ ipProtocol: rule.protocol, ...(rule.ports.length > 0 && { ports: rule.ports }) }],
        ...(rule.srcIpRanges.length > 0 && { srcIpRanges: rule.srcIpRanges }),
        ...(rule.srcRegionCodes.length > 0 && { srcRegionCodes: rule.srcRegionCodes }),
        ...(rule.srcSecureTags.length > 0 && {
          srcSecureTags: rule.srcSecureTags.map((tag) => ({ name: tag, state: "EFFECTIVE" })),
        }),
      },
      ...(rule.targetServiceAccounts.length > 0 && { targetServiceAccounts: rule.targetServiceAccounts }),
    })),
  };
}
