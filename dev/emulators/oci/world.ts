import * as z from "zod/mini";

export const Tags = z._default(z.record(z.string(), z.string()), {});

/** The compartment of what no compartment is given for. */
export const DEFAULT_COMPARTMENT = "ocid1.compartment.oc1..default";

const Compartment = z._default(z.string(), DEFAULT_COMPARTMENT);

const Vcn = z.strictObject({
  id: z.string(),
  compartment: Compartment,
  cidrs: z.array(z.string()).check(z.minLength(1)),
});

const Subnet = z.strictObject({
  id: z.string(),
  vcn: z.string(),
  compartment: Compartment,
  cidr: z.string(),
  securityLists: z._default(z.array(z.string()), []),
});

const IngressRule = z.strictObject({
  /** `all`, or the number of one. */
  protocol: z._default(z.string(), "all"),
  source: z.string(),
  sourceType: z._default(z.enum(["CIDR_BLOCK", "SERVICE_CIDR_BLOCK"]), "CIDR_BLOCK"),
  /** First and last port of TCP or UDP. */
  ports: z.optional(z.tuple([z.int(), z.int()])),
});

const SecurityList = z.strictObject({
  id: z.string(),
  vcn: z.string(),
  compartment: Compartment,
  ingress: z._default(z.array(IngressRule), []),
});

const GroupRule = z.strictObject({
  direction: z._default(z.enum(["INGRESS", "EGRESS"]), "INGRESS"),
  protocol: z._default(z.string(), "all"),
  /** Where it comes from, or goes to. */
  source: z.string(),
  sourceType: z._default(z.enum(["CIDR_BLOCK", "SERVICE_CIDR_BLOCK", "NETWORK_SECURITY_GROUP"]), "CIDR_BLOCK"),
  ports: z.optional(z.tuple([z.int(), z.int()])),
  isValid: z._default(z.boolean(), true),
});

const SecurityGroup = z.strictObject({
  id: z.string(),
  rules: z._default(z.array(GroupRule), []),
});

const Vnic = z.strictObject({
  id: z.string(),
  subnet: z.string(),
  compartment: Compartment,
  /** Its primary private IP, which is made and goes with it. */
  address: z.string(),
  /** OCID of the primary private IP; that of the VNIC with the kind `privateip` when left out. */
  privateIp: z.optional(z.string()),
  skipSourceDestCheck: z._default(z.boolean(), true),
  freeformTags: Tags,
  nsgs: z._default(z.array(z.string()), []),
  /** A table of its own, instead of that of its subnet. */
  routeTable: z.optional(z.string()),
});

const SecondaryIp = z.strictObject({
  id: z.string(),
  subnet: z.string(),
  compartment: Compartment,
  address: z.string(),
  /** `null`: on no VNIC, as only a reserved one can be. */
  vnic: z.nullable(z.string()),
  lifetime: z._default(z.enum(["EPHEMERAL", "RESERVED"]), "RESERVED"),
});

/** As the API has it. */
export const RouteRule = z.strictObject({
  cidrBlock: z.optional(z.string()),
  destination: z.optional(z.string()),
  destinationType: z.optional(z.enum(["CIDR_BLOCK", "SERVICE_CIDR_BLOCK"])),
  networkEntityId: z.string(),
  description: z.optional(z.string()),
  routeType: z.optional(z.enum(["STATIC", "LOCAL"])),
});

const RouteTable = z.strictObject({
  id: z.string(),
  vcn: z.string(),
  compartment: Compartment,
  freeformTags: Tags,
  lifecycleState: z._default(z.enum(["PROVISIONING", "AVAILABLE", "TERMINATING", "TERMINATED"]), "AVAILABLE"),
  rules: z._default(z.array(RouteRule), []),
});

/** Everything that the emulator knows, as plain JSON: what is seeded, dumped and restored. OCIDs are unique over regions. */
export const World = z.strictObject({
  /** Public keys as PEM, by `tenancy/user/fingerprint`. While there are none, whoever signs in the right form is let in. */
  apiKeys: z._default(z.record(z.string(), z.string()), {}),
  /** Rules that one table takes; as it was when left out, 200 at first. */
  ruleQuota: z.optional(z.int().check(z.positive())),
  vcns: z._default(z.array(Vcn), []),
  subnets: z._default(z.array(Subnet), []),
  vnics: z._default(z.array(Vnic), []),
  securityLists: z._default(z.array(SecurityList), []),
  networkSecurityGroups: z._default(z.array(SecurityGroup), []),
  secondaryIps: z._default(z.array(SecondaryIp), []),
  routeTables: z._default(z.array(RouteTable), []),
});

export type World = z.output<typeof World>;
export type WorldSeed = z.input<typeof World>;
export type Vcn = z.output<typeof Vcn>;
export type Subnet = z.output<typeof Subnet>;
export type Vnic = z.output<typeof Vnic>;
export type SecurityList = z.output<typeof SecurityList>;
export type SecurityGroup = z.output<typeof SecurityGroup>;
export type RouteRule = z.output<typeof RouteRule>;
export type RouteTable = z.output<typeof RouteTable>;
