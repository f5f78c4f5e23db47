import * as z from "zod/mini";
import { limits } from "../../domain/limits.ts";
import { allPages, attemptRead, type GcpSession } from "./call.ts";
import type { ComputeClient } from "./client.ts";
import { type Call, routeError } from "./errors.ts";

const text = z.optional(z.string());

/** The fields of a route that matter here. */
const GoogleRoute = z.object({
  name: z.string(),
  network: z.string(),
  destRange: z.string(),
  priority: z._default(z.number(), 1_000),
  routeType: text,
  creationTimestamp: text,
  nextHopInstance: text,
  nextHopIp: text,
  nextHopIlb: text,
  nextHopGateway: text,
  nextHopVpnTunnel: text,
  nextHopNetwork: text,
  nextHopPeering: text,
  nextHopHub: text,
  nextHopInterconnectAttachment: text,
  warnings: z._default(z.array(z.object({ code: text, message: text })), []),
});
export type GoogleRoute = z.infer<typeof GoogleRoute>;

const Instance = z.object({
  name: z.string(),
  selfLink: z.string(),
  status: text,
  tags: z.optional(z.object({ items: z._default(z.array(z.string()), []) })),
  serviceAccounts: z._default(z.array(z.object({ email: text })), []),
  canIpForward: z._default(z.boolean(), false),
  networkInterfaces: z._default(z.array(z.object({ name: text, network: text, networkIP: text })), []),
  metadata: z.optional(z.object({ items: z._default(z.array(z.object({ key: z.string(), value: text })), []) })),
});
export type Instance = z.infer<typeof Instance>;

const Ports = z.array(z.object({ IPProtocol: z.string(), ports: z.optional(z.array(z.string())) }));
const addresses = z._default(z.array(z.string()), []);

/** The fields of a firewall rule that matter here. */
const Firewall = z.object({
  name: z.string(),
  network: z.string(),
  priority: z._default(z.number(), 1_000),
  direction: z._default(z.string(), "INGRESS"),
  disabled: z._default(z.boolean(), false),
  sourceRanges: addresses,
  sourceTags: addresses,
  sourceServiceAccounts: addresses,
  targetTags: addresses,
  targetServiceAccounts: addresses,
  allowed: z._default(Ports, []),
  denied: z._default(Ports, []),
});
export type Firewall = z.infer<typeof Firewall>;

const PolicyRule = z.object({
  priority: z._default(z.number(), 0),
  direction: z._default(z.string(), "INGRESS"),
  /** `allow`, `deny`, `goto_next`, or `apply_security_profile_group`, which looks into packets and lets them in. */
  action: z._default(z.string(), ""),
  disabled: z._default(z.boolean(), false),
  targetServiceAccounts: addresses,
  match: z._default(
    z.object({
      srcIpRanges: addresses,
      destIpRanges: addresses,
      srcSecureTags: z._default(z.array(z.unknown()), []),
      srcFqdns: addresses,
      srcRegionCodes: addresses,
      srcThreatIntelligences: addresses,
      srcAddressGroups: addresses,
      srcNetworks: addresses,
      srcNetworkContext: text,
      srcNetworkType: text,
      layer4Configs: z._default(
        z.array(z.object({ ipProtocol: z.string(), ports: z.optional(z.array(z.string())) })),
        [],
      ),
    }),
    {
      srcIpRanges: [],
      destIpRanges: [],
      srcSecureTags: [],
      srcFqdns: [],
      srcRegionCodes: [],
      srcThreatIntelligences: [],
      srcAddressGroups: [],
      srcNetworks: [],
      layer4Configs: [],
    },
  ),
});
export type PolicyRule = z.infer<typeof PolicyRule>;

const FirewallPolicy = z.object({
  name: z._default(z.string(), ""),
  shortName: text,
  displayName: text,
  type: z._default(z.string(), "UNSPECIFIED"),
  priority: z._default(z.number(), 0),
  rules: z._default(z.array(PolicyRule), []),
});
export type FirewallPolicy = z.infer<typeof FirewallPolicy>;

const EffectiveFirewalls = z.object({
  firewalls: z._default(z.array(Firewall), []),
  firewallPolicys: z._default(z.array(FirewallPolicy), []),
});
export type EffectiveFirewalls = z.infer<typeof EffectiveFirewalls>;

const Quotas = z.object({
  quotas: z._default(z.array(z.object({ metric: text, limit: z.number(), usage: z._default(z.number(), 0) })), []),
});

const Operation = z.object({
  name: z.string(),
  status: z.enum(["PENDING", "RUNNING", "DONE"]),
  error: z.optional(z.object({ errors: z._default(z.array(z.object({ code: text, message: text })), []) })),
  httpErrorMessage: text,
});
export type Operation = z.infer<typeof Operation>;

const RouteList = z.object({ items: z._default(z.array(GoogleRoute), []), nextPageToken: text });
const FirewallList = z.object({ items: z._default(z.array(Firewall), []), nextPageToken: text });
const InstanceLists = z.object({
  items: z._default(z.record(z.string(), z.object({ instances: z._default(z.array(Instance), []) })), {}),
  nextPageToken: text,
});

/** Every route of the location's project, through all pages. Throws `RouteError`. */
export function listRoutes(session: GcpSession, signal: AbortSignal): Promise<readonly GoogleRoute[]> {
  const call = callOf(session, "routes.list", `the routes of ${session.cloud.network}`);
  return allPages(call, async (pageToken) => {
    const path = `projects/${session.cloud.project}/global/routes`;
    const answer = await read(session, call, RouteList, path, signal, pageQuery(pageToken));
    return { entries: answer.items, next: answer.nextPageToken };
  });
}

/** One route of the project. Throws `RouteError`, ROUTE_MISSING when there is none of that name. */
export function getRoute(session: GcpSession, name: string, signal: AbortSignal): Promise<GoogleRoute> {
  const call = callOf(session, "routes.get", `route ${name}`);
  return read(session, call, GoogleRoute, `projects/${session.cloud.project}/global/routes/${name}`, signal);
}

/** Throws `RouteError` TABLE_MISSING when the project has no such network, or another when that cannot be told. */
export async function checkNetwork(session: GcpSession, network: string, signal: AbortSignal): Promise<void> {
  const call = callOf(session, "networks.get", `network ${network}`);
  const path = `projects/${session.cloud.project}/global/networks/${network}`;
  await read(session, call, z.object({ name: z.string() }), path, signal);
}

/** One instance, by `projects/…`. Throws `RouteError`. */
export function getInstance(session: GcpSession, path: string, signal: AbortSignal): Promise<Instance> {
  return read(session, callOf(session, "instances.get", path), Instance, path, signal);
}

/** Every instance of the location's project in all zones that answer. Throws `RouteError`. */
export function listInstances(session: GcpSession, signal: AbortSignal): Promise<readonly Instance[]> {
  const call = callOf(session, "instances.aggregatedList", `the instances of ${session.cloud.project}`);
  return allPages(call, async (pageToken) => {
    const path = `projects/${session.cloud.project}/aggregated/instances`;
    // A zone that is down does not hide the hosts of the others.
    const query = { ...pageQuery(pageToken), returnPartialSuccess: "true" };
    const answer = await read(session, call, InstanceLists, path, signal, query);
    return { entries: Object.values(answer.items).flatMap(({ instances }) => instances), next: answer.nextPageToken };
  });
}

/** Every firewall rule of the location's project. Throws `RouteError`. */
export function listFirewalls(session: GcpSession, signal: AbortSignal): Promise<readonly Firewall[]> {
  const call = callOf(session, "firewalls.list", `the firewall rules of ${session.cloud.network}`);
  return allPages(call, async (pageToken) => {
    const path = `projects/${session.cloud.project}/global/firewalls`;
    const answer = await read(session, call, FirewallList, path, signal, pageQuery(pageToken));
    return { entries: answer.items, next: answer.nextPageToken };
  });
}

/**
 * The firewall policies and rules that apply to one interface of an instance: those of the organisation, its folders, the
 * network and the region. Throws `RouteError`.
 */
export function effectiveFirewalls(
  session: GcpSession,
  instance: string,
  networkInterface: string,
  signal: AbortSignal,
): Promise<EffectiveFirewalls> {
  const call = callOf(session, "instances.getEffectiveFirewalls", instance);
  return read(session, call, EffectiveFirewalls, `${instance}/getEffectiveFirewalls`, signal, { networkInterface });
}

/** Whether the network's own firewall policies are tried before its firewall rules. Throws `RouteError`. */
export async function arePoliciesFirst(session: GcpSession, signal: AbortSignal): Promise<boolean> {
  const { project, network } = session.cloud;
  const call = callOf(session, "networks.get", `network ${network}`);
  const shape = z.object({ networkFirewallPolicyEnforcementOrder: text });
  const answer = await read(session, call, shape, `projects/${project}/global/networks/${network}`, signal);
  return answer.networkFirewallPolicyEnforcementOrder === "BEFORE_CLASSIC_FIREWALL";
}

/** How many static routes the project may have, and has; undefined where Google shows none. Throws `RouteError`. */
export async function routeQuota(
  session: GcpSession,
  signal: AbortSignal,
): Promise<{ readonly limit: number; readonly usage: number } | undefined> {
  const { project } = session.cloud;
  const call = callOf(session, "projects.get", `the quotas of ${project}`);
  // The rest of a project holds metadata of all its machines, which are nobody's business.
  const answer = await read(session, call, Quotas, `projects/${project}`, signal, { fields: "quotas" });
  return answer.quotas.find(({ metric }) => metric === "ROUTES");
}

/** Those of the permissions in the location's project that its identity has. Throws `RouteError`. */
export async function heldPermissions(
  session: GcpSession,
  manager: ComputeClient,
  permissions: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const { project } = session.cloud;
  const call = callOf(session, "projects.testIamPermissions", `project ${project}`);
  const request = { method: "POST", path: `projects/${project}:testIamPermissions`, body: { permissions } } as const;
  const answer = await attemptRead(session.clock, call, (giveUp) => manager(request, giveUp), signal);
  return new Set(shaped(z.object({ permissions: z._default(z.array(z.string()), []) }), answer, call).permissions);
}

/** What was answered to a changing call, or to asking after an operation. Throws `RouteError` for anything else. */
export function operationOf(answer: unknown, call: Call): Operation {
  return shaped(Operation, answer, call);
}

/** A call of a location's project as its errors tell of it. */
export function callOf({ cloud }: GcpSession, action: string, about: string): Call {
  return { action, about, project: cloud.project };
}

function pageQuery(pageToken: string | undefined): Readonly<Record<string, string>> {
  return { maxResults: String(limits.gcpPageEntries), ...(pageToken !== undefined && { pageToken }) };
}

async function read<S extends z.ZodMiniType>(
  session: GcpSession,
  call: Call,
  shape: S,
  path: string,
  signal: AbortSignal,
  query?: Readonly<Record<string, string>>,
): Promise<z.infer<S>> {
  const request = { method: "GET", path, ...(query && { query }) } as const;
  const answer = await attemptRead(session.clock, call, (giveUp) => session.client(request, giveUp), signal);
  return shaped(shape, answer, call);
}

function shaped<S extends z.ZodMiniType>(shape: S, answer: unknown, call: Call): z.infer<S> {
  const read = shape.safeParse(answer);
  if (read.success) return read.data;
  const where = read.error.issues[0]?.path.join(".") ?? "";
  throw routeError("UNKNOWN", call, `the answer cannot be read at "${where}"`);
}
