import type { Host, Link, Location, Network } from "../shared/domain/network.ts";

/** How a benchmark's mesh is made. */
export type MeshOptions = {
  readonly locations: number;
  readonly hostsPerLocation: number;
  readonly timeoutMs: number;
  readonly hostCheck: boolean;
  /** 30 s where it is not given. */
  readonly holdUpMs?: number;
};

/** The i-th address of the documentation ranges and beyond: unique for every host of a mesh. */
export function addressOf(ordinal: number): string {
  return `198.${18 + (ordinal >> 16)}.${(ordinal >> 8) & 255}.${ordinal & 255}`;
}

/** Ids as long as generated ones. */
const idOf = (kind: string, at: number) => `${kind}${String(at).padStart(12 - kind.length, "0")}`;

/** A full mesh of equal locations: one link, the first host of each with the higher priority. */
export function makeMesh(options: MeshOptions): Network {
  const locations = Array.from({ length: options.locations }, (_, at) => makeLocation(options, at));
  const link: Link = {
    id: idOf("link", 1),
    name: "mesh",
    protocol: "ipsec",
    wgPort: 0,
    ipv6: false,
    action: "restart",
    hostCheck: options.hostCheck,
    online: true,
    ciphers: { ike: "aes128-sha256-x25519", esp: "aes128gcm128-x25519", force: true },
    tunnelTimeoutMs: 45_000,
    keyGeneration: 1,
    nextLocationOrdinal: options.locations,
    nextHostOrdinal: options.locations * options.hostsPerLocation,
    locations,
  };
  return { version: 1, links: [link] };
}

function makeLocation(options: MeshOptions, at: number): Location {
  const hosts = Array.from(
    { length: options.hostsPerLocation },
    (_, number): Host => ({
      id: idOf("host", at * options.hostsPerLocation + number),
      name: `h${number}`,
      ordinal: at * options.hostsPerLocation + number,
      static: false,
      priority: 20 - number,
      timeoutMs: options.timeoutMs,
      backoffMs: 60_000,
      target: `eni-l${at}h${number}`,
      secretGeneration: 1,
      previousSecretUntilMs: 0,
    }),
  );
  return {
    id: idOf("loc", at),
    name: `site-${at}`,
    ordinal: at,
    generation: 1,
    networks: [`10.${at & 255}.${(at >> 8) * 16}.0/20`],
    excludes: [],
    transits: [],
    failback: "auto",
    holdUpMs: options.holdUpMs ?? 30_000,
    removeRoutes: false,
    cloud: { provider: "aws", region: "us-east-1", vpc: `vpc-l${at}`, routeTables: { by: "id", ids: [`rtb-l${at}`] } },
    hosts,
  };
}
