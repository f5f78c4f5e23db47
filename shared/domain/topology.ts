import { type Bits, bitsOf } from "./bits.ts";
import type { Cidr } from "./cidr.ts";
import type { Id } from "./ids.ts";
import type { Link, Location } from "./network.ts";

/** Whether two locations of one link hold a tunnel with each other. Exclusion by either side is enough to part them. */
export function arePeers(a: Location, b: Location): boolean {
  return a.id !== b.id && !a.excludes.includes(b.id) && !b.excludes.includes(a.id);
}

/** The locations that one holds tunnels with, in order of id. */
export function peersOf(link: Link, location: Location): readonly Location[] {
  return link.locations.filter((other) => arePeers(location, other)).sort((a, b) => (a.id < b.id ? -1 : 1));
}

const knownPeers = new WeakMap<Link, Map<Id, Bits>>();

/** Ordinals of the locations that one holds tunnels with. Every heartbeat asks; a link's configuration never changes. */
export function peerBits(link: Link, location: Location): Bits {
  const ofLink = knownPeers.get(link) ?? new Map<Id, Bits>();
  const known = ofLink.get(location.id);
  if (known !== undefined) return known;
  const bits = bitsOf(link.locations.filter((other) => arePeers(location, other)).map((peer) => peer.ordinal));
  knownPeers.set(link, ofLink.set(location.id, bits));
  return bits;
}

/**
 * The networks that `near` offers to its peer `far`: its own, and those of the locations that it transits for which
 * `far` has no tunnel of its own with. Sorted, without doubles.
 */
export function offeredNetworks(link: Link, near: Location, far: Location): readonly Cidr[] {
  const offered = new Set<Cidr>(near.networks);
  for (const passed of near.transits.length === 0 ? [] : link.locations) {
    const isPassedOn = near.transits.includes(passed.id) && passed.id !== far.id && arePeers(near, passed);
    if (isPassedOn && !arePeers(far, passed)) for (const network of passed.networks) offered.add(network);
  }
  return [...offered].sort();
}

/** The networks that a location reaches through its active host: what its route tables must point at that host. */
export function reachedNetworks(link: Link, location: Location): readonly Cidr[] {
  const reached = new Set<Cidr>();
  for (const peer of peersOf(link, location)) {
    for (const network of offeredNetworks(link, peer, location)) reached.add(network);
  }
  return [...reached].sort();
}
