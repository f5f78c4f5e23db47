import * as z from "zod/mini";

const Labels = z.record(z.string(), z.string());
const Id = z.int().check(z.positive());

const Subnet = z.strictObject({
  type: z._default(z.enum(["cloud", "server", "vswitch"]), "cloud"),
  ip_range: z.string(),
  network_zone: z._default(z.string(), "eu-central"),
});

const NetworkRoute = z.strictObject({ destination: z.string(), gateway: z.string() });

const Network = z.strictObject({
  id: Id,
  name: z._default(z.string(), "network"),
  ip_range: z.string(),
  subnets: z._default(z.array(Subnet), []),
  routes: z._default(z.array(NetworkRoute), []),
  labels: z._default(Labels, {}),
  /** Routes that the network takes. */
  routeQuota: z._default(z.int().check(z.nonnegative()), 100),
});

const PrivateNet = z.strictObject({ network: Id, ip: z.string(), alias_ips: z._default(z.array(z.string()), []) });

const Server = z.strictObject({
  id: Id,
  name: z._default(z.string(), "server"),
  status: z._default(z.enum(["running", "starting", "stopping", "off", "deleting"]), "running"),
  private_net: z._default(z.array(PrivateNet), []),
  /** Firewalls before its public interface. */
  firewalls: z.optional(z.array(Id)),
  labels: z._default(Labels, {}),
});

const FirewallRule = z.strictObject({
  direction: z._default(z.enum(["in", "out"]), "in"),
  protocol: z.enum(["tcp", "udp", "icmp", "esp", "gre"]),
  /** `80`, `80-85`, or null for protocols without ports. */
  port: z._default(z.nullable(z.string()), null),
  ips: z.array(z.string()),
});

/** A server stands behind it when it names it. */
const Firewall = z.strictObject({
  id: Id,
  name: z._default(z.string(), "firewall"),
  rules: z._default(z.array(FirewallRule), []),
  labels: z._default(Labels, {}),
});

const Token = z.strictObject({
  token: z.string().check(z.minLength(1)),
  access: z._default(z.enum(["read", "read-write"]), "read-write"),
});

/** Everything that stands in one project, as plain JSON: what is seeded, dumped and restored. */
export const World = z.strictObject({
  tokens: z._default(z.array(Token), []),
  networks: z._default(z.array(Network), []),
  servers: z._default(z.array(Server), []),
  firewalls: z._default(z.array(Firewall), []),
  /** Number of the newest action. */
  lastActionId: z._default(z.int().check(z.nonnegative()), 0),
});

export type World = z.output<typeof World>;
export type WorldSeed = z.input<typeof World>;
export type Network = z.output<typeof Network>;
export type NetworkRoute = z.output<typeof NetworkRoute>;
export type Server = z.output<typeof Server>;
export type Firewall = z.output<typeof Firewall>;
export type Token = z.output<typeof Token>;
