import { hasBit, intersectBits, noBits, unionBits } from "../bits.ts";
import { limits } from "../limits.ts";
import type { Link, Location } from "../network.ts";
import type { HostRecord } from "../records.ts";
import { peersOf } from "../topology.ts";

/**
 * How many other locations a host reaches: any host of a location is enough. With hysteresis: a standby is credited
 * with a host only when all its last samples reached it; the active host loses one only when its last two missed it.
 */
export function reachCount(link: Link, location: Location, record: HostRecord, role: "active" | "standby"): number {
  const samples = record.reach;
  const reached =
    role === "active"
      ? samples.slice(0, limits.activeReachSamples).reduce(unionBits, noBits)
      : samples.length < limits.reachSamples
        ? noBits
        : samples.reduce(intersectBits);
  return peersOf(link, location).filter((peer) => peer.hosts.some((host) => hasBit(reached, host.ordinal))).length;
}
