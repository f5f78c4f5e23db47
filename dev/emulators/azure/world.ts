import * as z from "zod/mini";

const Tags = z.record(z.string(), z.string());
/** Names and ids are given in any case. */
const place = { subscription: z.string(), resourceGroup: z.string(), name: z.string() };

const Subnet = z.strictObject({
  name: z.string(),
  prefix: z.string(),
  /** Resource id of the table that its packets are routed by. */
  routeTable: z.optional(z.string()),
  /** Resource id of the group that its packets must pass. */
  securityGroup: z.optional(z.string()),
});

const Network = z.strictObject({
  ...place,
  location: z._default(z.string(), "westeurope"),
  prefixes: z.array(z.string()).check(z.minLength(1)),
  subnets: z._default(z.array(Subnet), []),
});

const NextHop = z.strictObject({
  nextHopType: z._default(
    z.enum(["VirtualNetworkGateway", "VnetLocal", "Internet", "VirtualAppliance", "None"]),
    "VirtualAppliance",
  ),
  nextHopIpAddress: z.optional(z.string()),
});

const Route = z.strictObject({
  name: z.string(),
  /** A CIDR or a service tag. */
  addressPrefix: z.string(),
  ...NextHop.shape,
  provisioningState: z._default(z.enum(["Succeeded", "Updating", "Deleting", "Failed"]), "Succeeded"),
  /** What packets follow while, or after, a change did not end well; null: nothing. Left out: what the route says. */
  effective: z.optional(z.nullable(NextHop)),
});

const RouteTable = z.strictObject({
  ...place,
  location: z._default(z.string(), "westeurope"),
  tags: z._default(Tags, {}),
  routes: z._default(z.array(Route), []),
});

const NetworkInterface = z.strictObject({
  ...place,
  location: z._default(z.string(), "westeurope"),
  tags: z._default(Tags, {}),
  ipForwarding: z._default(z.boolean(), true),
  /** Resource id of the group that its packets must pass. */
  securityGroup: z.optional(z.string()),
  /** Resource id of the machine that it is attached to; of one of its own when left out, `null`: of none. */
  machine: z.optional(z.nullable(z.string())),
  /** Private addresses with the ids of their subnets, the primary one first. */
  addresses: z.array(z.strictObject({ address: z.string(), subnet: z.string() })).check(z.minLength(1)),
});

/** A rule for packets that come in, beside Azure's own three. */
const SecurityRule = z.strictObject({
  name: z.string(),
  priority: z.int(),
  access: z._default(z.enum(["Allow", "Deny"]), "Allow"),
  protocol: z._default(z.enum(["*", "Tcp", "Udp", "Icmp", "Esp", "Ah"]), "*"),
  sources: z._default(z.array(z.string()), ["*"]),
  ports: z._default(z.array(z.string()), ["*"]),
});

const SecurityGroup = z.strictObject({
  ...place,
  location: z._default(z.string(), "westeurope"),
  rules: z._default(z.array(SecurityRule), []),
});

/** Everything that the emulator knows, as plain JSON: what is seeded, dumped and restored. */
export const World = z.strictObject({
  networks: z._default(z.array(Network), []),
  routeTables: z._default(z.array(RouteTable), []),
  interfaces: z._default(z.array(NetworkInterface), []),
  securityGroups: z._default(z.array(SecurityGroup), []),
  /** Routes that one table takes; the one in force is kept when left out. */
  routeQuota: z.optional(z.int().check(z.positive())),
});

export type World = z.output<typeof World>;
export type WorldSeed = z.input<typeof World>;
export type Network = z.output<typeof Network>;
export type Route = z.output<typeof Route>;
export type NextHop = z.output<typeof NextHop>;
export type RouteTableSeed = z.output<typeof RouteTable>;
export type SecurityGroup = z.output<typeof SecurityGroup>;
export type NetworkInterface = z.output<typeof NetworkInterface>;
