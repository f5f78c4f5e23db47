import * as z from "zod/mini";

const Tags = z.record(z.string(), z.string());

const Vpc = z.strictObject({ id: z.string(), cidrs: z.array(z.string()) });

const Attachment = z.strictObject({
  instanceId: z.string(),
  deviceIndex: z._default(z.int().check(z.nonnegative()), 0),
});

const NetworkInterface = z.strictObject({
  id: z.string(),
  vpc: z.string(),
  subnet: z._default(z.string(), "subnet-0"),
  /** Private IPv4 addresses, the primary one first. */
  addresses: z.array(z.string()).check(z.minLength(1)),
  ipv6Addresses: z._default(z.array(z.string()), []),
  tags: z._default(Tags, {}),
  sourceDestCheck: z._default(z.boolean(), false),
  /** Ids of its security groups. */
  groups: z._default(z.array(z.string()), []),
  /** `null`: attached to nothing. Left out: attached to an instance of its own that is made with it. */
  attachment: z.optional(z.nullable(Attachment)),
});

const GroupRule = z.strictObject({
  /** `tcp`, `udp`, `icmp`, a number, or `-1` for all. */
  protocol: z._default(z.string(), "-1"),
  ports: z.optional(z.tuple([z.int(), z.int()])),
  cidrs: z._default(z.array(z.string()), []),
  groups: z._default(z.array(z.string()), []),
  prefixLists: z._default(z.array(z.string()), []),
});

const SecurityGroup = z.strictObject({
  id: z.string(),
  vpc: z.string(),
  tags: z._default(Tags, {}),
  inbound: z._default(z.array(GroupRule), []),
  outbound: z._default(z.array(GroupRule), []),
});

const AclEntry = z.strictObject({
  number: z.int().check(z.positive()),
  egress: z._default(z.boolean(), false),
  action: z._default(z.enum(["allow", "deny"]), "allow"),
  /** A number, or `-1` for all. */
  protocol: z._default(z.string(), "-1"),
  ports: z.optional(z.tuple([z.int(), z.int()])),
  cidr: z.string(),
});

/** Subnets that no list names have the default one of their VPC, which lets everything through. */
const NetworkAcl = z.strictObject({
  id: z.string(),
  vpc: z.string(),
  subnets: z._default(z.array(z.string()), []),
  tags: z._default(Tags, {}),
  entries: z._default(z.array(AclEntry), []),
});

const Instance = z.strictObject({
  id: z.string(),
  vpc: z.string(),
  state: z._default(z.enum(["pending", "running", "stopping", "stopped", "shutting-down", "terminated"]), "running"),
  tags: z._default(Tags, {}),
});

const TableRoute = z.strictObject({
  /** A CIDR, or a prefix list `pl-…`. */
  destination: z.string(),
  /** `eni-…`, `igw-…`, `nat-…`, `pcx-…`, `tgw-…`, `eigw-…`, `vgw-…`, `lgw-…`, `cagw-…`, `vpce-…`, an `arn:…` or `local`. */
  target: z.string(),
  origin: z._default(z.enum(["CreateRoute", "CreateRouteTable", "EnableVgwRoutePropagation"]), "CreateRoute"),
});

const RouteTable = z.strictObject({
  id: z.string(),
  vpc: z.string(),
  main: z._default(z.boolean(), false),
  subnets: z._default(z.array(z.string()), []),
  tags: z._default(Tags, {}),
  /** Beside the local routes of the VPC, which every table has. */
  routes: z._default(z.array(TableRoute), []),
});

const PrefixList = z.strictObject({
  id: z.string().check(z.regex(/^pl-/)),
  name: z.string(),
  family: z._default(z.enum(["IPv4", "IPv6"]), "IPv4"),
  maxEntries: z.int().check(z.positive()),
  version: z._default(z.int().check(z.positive()), 1),
  tags: z._default(Tags, {}),
  /** CIDRs, with descriptions or none. */
  entries: z._default(z.record(z.string(), z.string()), {}),
});

const RegionWorld = z.strictObject({
  /** Twelve digits; the account that unknown access keys belong to when left out. */
  account: z._default(z.string(), "000000000000"),
  region: z.string(),
  vpcs: z._default(z.array(Vpc), []),
  routeTables: z._default(z.array(RouteTable), []),
  interfaces: z._default(z.array(NetworkInterface), []),
  instances: z._default(z.array(Instance), []),
  securityGroups: z._default(z.array(SecurityGroup), []),
  networkAcls: z._default(z.array(NetworkAcl), []),
  prefixLists: z._default(z.array(PrefixList), []),
  prefixListQuota: z._default(z.int().check(z.positive()), 100),
  /** Routes of one address family that one table takes. */
  routeQuota: z._default(z.int().check(z.positive()), 500),
});

const Role = z.strictObject({
  arn: z.string().check(z.regex(/^arn:aws:iam::\d{12}:role\/.+$/)),
  externalId: z.optional(z.string()),
});

/** Everything that the emulator knows, as plain JSON: what is seeded, dumped and restored. */
export const World = z.strictObject({
  /** Account of an access key id. */
  accessKeys: z._default(z.record(z.string(), z.string()), {}),
  roles: z._default(z.array(Role), []),
  regions: z._default(z.array(RegionWorld), []),
});

export type World = z.output<typeof World>;
export type WorldSeed = z.input<typeof World>;
export type Vpc = z.output<typeof Vpc>;
export type NetworkInterface = Omit<z.output<typeof NetworkInterface>, "attachment"> & {
  readonly attachment: z.output<typeof Attachment> | null;
};
export type SecurityGroup = z.output<typeof SecurityGroup>;
export type NetworkAcl = z.output<typeof NetworkAcl>;
export type PrefixListSeed = z.output<typeof PrefixList>;
export type Instance = z.output<typeof Instance>;
export type TableRoute = z.output<typeof TableRoute>;
export type RouteTableSeed = z.output<typeof RouteTable>;
export type RegionWorld = z.output<typeof RegionWorld>;
export type Role = z.output<typeof Role>;

/** The account of access keys that no account is given for. */
export const DEFAULT_ACCOUNT = "000000000000";
