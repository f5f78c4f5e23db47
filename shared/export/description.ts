import * as z from "zod/mini";

/** A host that a device may have to talk to: the hosts of a location that share an address are one. */
const PeerHost = z.object({
  /** `a1`, or `a1+a2` where both are reached at one address. */
  name: z.string(),
  /** Of the family that the link's tunnels run over; also the identity in IKE. */
  address: z.string(),
});
export type PeerHost = z.infer<typeof PeerHost>;

/** A location that a device has a tunnel with. */
const Peer = z.object({
  location: z.string(),
  /** Whether its only host is a device too, which has to be configured by its own export. */
  static: z.boolean(),
  /** What the pre-shared key of the two locations is called: LINK/LOCATION+LOCATION. */
  secret: z.string(),
  /** The key itself, where it was asked for. */
  preSharedKey: z.nullable(z.string()),
  /** Canonical CIDRs behind the device, and behind the peer, as the peer's own host is told them. Sorted. */
  localNetworks: z.array(z.string()),
  remoteNetworks: z.array(z.string()),
  /** Every host that can be the active one, the preferred one first. */
  hosts: z.array(PeerHost),
});
export type Peer = z.infer<typeof Peer>;

/** Everything that the configuration of a static host is made of. The same network gives the same description. */
export const DeviceDescription = z.object({
  link: z.string(),
  location: z.string(),
  host: z.string(),
  /** Public address of the device, and its identity in IKE. */
  address: z.string(),
  /** Whether tunnels run between IPv6 addresses. What they carry may be of both families. */
  ipv6: z.boolean(),
  online: z.boolean(),
  /** What agents do when a tunnel's other end stops to answer. */
  action: z.enum(["restart", "hold"]),
  /** strongSwan proposals; null when the link leaves them to the agents. */
  ciphers: z.nullable(z.object({ ike: z.string(), esp: z.string(), force: z.boolean() })),
  keyGeneration: z.int(),
  /** By name. */
  peers: z.array(Peer),
});
export type DeviceDescription = z.infer<typeof DeviceDescription>;

/** The routes that Pointsman keeps for a location. The same network and ledger give the same description. */
export const RoutesDescription = z.object({
  link: z.string(),
  location: z.string(),
  provider: z.enum(["aws", "azure", "gcp", "oci", "hetzner"]),
  /** The network of the cloud, and the choice of its tables, as `status` shows them. */
  place: z.string(),
  /** How routes reach the active host: each by itself, by a managed prefix list, or by a floating private IP. */
  strategy: z.enum(["routes", "prefix-list", "floating-ip"]),
  /** Canonical CIDRs that the location reaches and Pointsman can route there. Sorted. */
  destinations: z.array(z.string()),
  /** Tables by the cloud's own ids: those that the network file names, and those that the ledger has routes in. Sorted. */
  tables: z.array(z.string()),
  /** What Pointsman has put, or is about to: sorted by table and destination. */
  owned: z.array(z.object({ table: z.string(), destination: z.string() })),
});
export type RoutesDescription = z.infer<typeof RoutesDescription>;
