import * as z from "zod/mini";
import type { Cloud } from "./clouds/cloud.ts";
import { Id, Name } from "./ids.ts";
import { isIpv4, isIpv6 } from "./ip-address.ts";

/** A point in time, in milliseconds since 1970. */
const Millis = z.int().check(z.nonnegative());
const Duration = z.int().check(z.positive());
const Ordinal = z.int().check(z.nonnegative());
/**
 * A canonical CIDR. That it is canonical is checked where a person gives it (`cidr.ts`); here its form alone is, so that
 * a heartbeat, which reads the configuration, loads no IP library.
 */
const Prefix = z.string().check(z.regex(/^[0-9a-f.:]{2,45}\/\d{1,3}$/, "not a network in CIDR form"));

export const IpAddress = z
  .string()
  .check(z.refine((text) => isIpv4(text) || isIpv6(text), "not an IPv4 or IPv6 address"));

/** What carries the traffic in the cloud: an interface, a machine or an address, in the cloud's own words, or `auto`. */
const Target = z.string().check(z.regex(/^[\x21-\x7e]{1,512}$/, "not a route target"));

/** A link host as it is configured. `ordinal` is its place in bit sets: unique in the link, never used twice. */
export const Host = z.strictObject({
  id: Id,
  name: Name,
  ordinal: Ordinal,
  static: z.boolean(),
  priority: z.int(),
  timeoutMs: Duration,
  backoffMs: z.int().check(z.nonnegative()),
  target: z.optional(Target),
  publicAddress: z.optional(IpAddress),
  secretGeneration: z.int().check(z.positive()),
  /** Until when the secret of the generation before this one is taken too; 0 when never. */
  previousSecretUntilMs: Millis,
});
export type Host = z.infer<typeof Host>;

const providers: readonly unknown[] = ["aws", "azure", "gcp", "oci", "hetzner"] satisfies readonly Cloud["provider"][];

/**
 * Where a location's routes live. Only its form is checked here, so that a heartbeat, which reads the configuration,
 * loads no cloud's settings: `CloudRecord` checks them all.
 */
export const StoredCloud = z.custom<Cloud>(
  (value) => typeof value === "object" && value !== null && "provider" in value && providers.includes(value.provider),
  "not a cloud",
);

export const Location = z.strictObject({
  id: Id,
  name: Name,
  ordinal: Ordinal,
  /** Grows when the location moves to another network or other tables: routes belong to one generation. */
  generation: z.int().check(z.positive()),
  networks: z.array(Prefix),
  /** Ids of locations that this one has no tunnel with; always mutual. */
  excludes: z.array(Id),
  /** Ids of locations whose networks this one passes on to those that are excluded from peering with them. */
  transits: z.array(Id),
  failback: z.enum(["auto", "manual"]),
  holdUpMs: z.int().check(z.nonnegative()),
  /** Remove owned routes when nobody is available, and when they are no longer desired. */
  removeRoutes: z.boolean(),
  cloud: z.optional(StoredCloud),
  hosts: z.array(Host).check(z.minLength(1)),
});
export type Location = z.infer<typeof Location>;

export const Ciphers = z.strictObject({ ike: z.string(), esp: z.string(), force: z.boolean() });

export const Link = z.strictObject({
  id: Id,
  name: Name,
  protocol: z.enum(["ipsec", "wg"]),
  wgPort: z.int().check(z.nonnegative(), z.maximum(65535)),
  ipv6: z.boolean(),
  action: z.enum(["restart", "hold"]),
  hostCheck: z.boolean(),
  online: z.boolean(),
  ciphers: z.optional(Ciphers),
  tunnelTimeoutMs: Duration,
  /** Grows when the pre-shared keys of the link are rotated. */
  keyGeneration: z.int().check(z.positive()),
  /** The next ordinals to give; ordinals of what was removed are never given again. */
  nextLocationOrdinal: Ordinal,
  nextHostOrdinal: Ordinal,
  locations: z.array(Location),
});
export type Link = z.infer<typeof Link>;

/** The whole configuration in force: what `apply` made of a network file, with ids and ordinals. */
export const Network = z.strictObject({
  /** Grows by one with every change; 0 is the empty network before the first. */
  version: z.int().check(z.nonnegative()),
  links: z.array(Link),
});
export type Network = z.infer<typeof Network>;

export const emptyNetwork: Network = { version: 0, links: [] };

/** Where a host stands in the network. */
export type HostPlace = { readonly link: Link; readonly location: Location; readonly host: Host };

/** Every host of the network by id. */
export function hostIndex(network: Network): ReadonlyMap<Id, HostPlace> {
  const index = new Map<Id, HostPlace>();
  for (const link of network.links) {
    for (const location of link.locations) {
      for (const host of location.hosts) index.set(host.id, { link, location, host });
    }
  }
  return index;
}
