import { type Bits, hasBit } from "../bits.ts";
import { limits } from "../limits.ts";
import type { Link, Location } from "../network.ts";
import type { HostRecord } from "../records.ts";
import { peersOf } from "../topology.ts";

/**
 * How many other locations a host reaches: any host of a location is enough. With hysteresis: a standby is credited
 * with a location only when all its last samples reached it; the active host loses one only when its last two missed it.
 */
export function reachCount(link: Link, location: Location, record: HostRecord, role: "active" | "standby"): number {
  const samples = record.reach;
  if (role === "standby" && samples.length < limits.reachSamples) return 0;
  const isReachedIn = (sample: Bits, peer: Location) => peer.hosts.some((host) => hasBit(sample, host.ordinal));
  const lately = samples.slice(0, limits.activeReachSamples);
  return peersOf(link, location).filter((peer) =>
    role === "active"
      ? lately.some((sample) => isReachedIn(sample, peer))
      : samples.every((sample) => isReachedIn(sample, peer)),
  ).length;
}

/** Whether the active host has reported often enough to be judged: an agent that just started has checked nobody. */
export function isActiveReachKnown(record: HostRecord): boolean {
  return record.reach.length >= limits.activeReachSamples;
}
