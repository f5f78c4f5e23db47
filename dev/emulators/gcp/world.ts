import * as z from "zod/mini";

const Network = z.strictObject({
  name: z.string(),
  /** Ranges of its subnets, each of which has a route that nobody can change. */
  subnets: z._default(z.array(z.string()), ["10.0.0.0/16"]),
  firewallOrder: z._default(z.enum(["AFTER_CLASSIC_FIREWALL", "BEFORE_CLASSIC_FIREWALL"]), "AFTER_CLASSIC_FIREWALL"),
});

const Interface = z.strictObject({
  /** The name of a network of the same project, or `projects/p/global/networks/n` of a Shared VPC. */
  network: z.string(),
  address: z.string(),
});

const Instance = z.strictObject({
  zone: z._default(z.string(), "europe-west1-b"),
  name: z.string(),
  status: z._default(z.enum(["RUNNING", "STOPPING", "TERMINATED", "SUSPENDED"]), "RUNNING"),
  canIpForward: z._default(z.boolean(), true),
  interfaces: z.array(Interface).check(z.minLength(1)),
  tags: z._default(z.array(z.string()), []),
  metadata: z._default(z.record(z.string(), z.string()), {}),
});

const NextHop = {
  nextHopInstance: z.optional(z.string()),
  nextHopIp: z.optional(z.string()),
  nextHopIlb: z.optional(z.string()),
  nextHopGateway: z.optional(z.string()),
  nextHopVpnTunnel: z.optional(z.string()),
};

/** A route that somebody made. `network` is a name; next hops are as `projects/…`, or addresses. */
const StaticRoute = z.strictObject({
  name: z.string(),
  network: z.string(),
  destRange: z.string(),
  priority: z._default(z.int(), 1_000),
  description: z._default(z.string(), ""),
  tags: z._default(z.array(z.string()), []),
  /** Wall clock, ms; when it was put in, when left out. */
  createdMs: z.optional(z.number()),
  ...NextHop,
});

const Firewall = z.strictObject({
  name: z.string(),
  network: z.string(),
  priority: z._default(z.int(), 1_000),
  direction: z._default(z.enum(["INGRESS", "EGRESS"]), "INGRESS"),
  disabled: z._default(z.boolean(), false),
  sourceRanges: z._default(z.array(z.string()), []),
  sourceTags: z._default(z.array(z.string()), []),
  targetTags: z._default(z.array(z.string()), []),
  action: z._default(z.enum(["allow", "deny"]), "allow"),
  protocol: z._default(z.string(), "all"),
  ports: z._default(z.array(z.string()), []),
});

const PolicyRule = z.strictObject({
  priority: z.int(),
  direction: z._default(z.enum(["INGRESS", "EGRESS"]), "INGRESS"),
  action: z._default(z.enum(["allow", "deny", "goto_next"]), "allow"),
  disabled: z._default(z.boolean(), false),
  srcIpRanges: z._default(z.array(z.string()), []),
  srcRegionCodes: z._default(z.array(z.string()), []),
  srcSecureTags: z._default(z.array(z.string()), []),
  targetServiceAccounts: z._default(z.array(z.string()), []),
  protocol: z._default(z.string(), "all"),
  ports: z._default(z.array(z.string()), []),
});

/** Of the organisation or a folder (HIERARCHY) for every network, or of one network. */
const FirewallPolicy = z.strictObject({
  name: z.string(),
  type: z._default(z.enum(["HIERARCHY", "NETWORK", "NETWORK_REGIONAL"]), "HIERARCHY"),
  network: z.optional(z.string()),
  rules: z._default(z.array(PolicyRule), []),
});

const Project = z.strictObject({
  id: z.string(),
  networks: z._default(z.array(Network), []),
  routes: z._default(z.array(StaticRoute), []),
  instances: z._default(z.array(Instance), []),
  firewalls: z._default(z.array(Firewall), []),
  /** In the order in which they are tried. */
  firewallPolicies: z._default(z.array(FirewallPolicy), []),
  /** Permissions that the caller does not have when it asks which it has. */
  deniedPermissions: z._default(z.array(z.string()), []),
  /** Static routes that the project takes. */
  routeQuota: z._default(z.int(), 10_000),
});

/** Everything that the emulator knows, as plain JSON: what is seeded, dumped and restored. */
export const World = z.strictObject({
  projects: z._default(z.array(Project), []),
  /** Whether calls must show a token of the emulator's own token service. */
  needsToken: z._default(z.boolean(), false),
  /** Entries of one page at most, whatever is asked for. */
  pageEntries: z._default(z.int().check(z.positive()), 500),
});

export type World = z.output<typeof World>;
export type WorldSeed = z.input<typeof World>;
export type Project = z.output<typeof Project>;
export type Network = z.output<typeof Network>;
export type Instance = z.output<typeof Instance>;
export type Firewall = z.output<typeof Firewall>;
export type FirewallPolicy = z.output<typeof FirewallPolicy>;
export type StaticRoute = z.output<typeof StaticRoute>;
