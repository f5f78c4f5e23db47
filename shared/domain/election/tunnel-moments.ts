import { hasBit } from "../bits.ts";
import { limits } from "../limits.ts";
import type { Host, Location } from "../network.ts";
import { sayMoments } from "./availability.ts";
import { factsOf, type LinkState } from "./state.ts";
import { activeRecord, countedPeers } from "./tunnels.ts";

/**
 * When the tunnel rule can come out differently by time alone. Nothing as long as no more than half of the tunnels can
 * be down by both sides' report, so that a peer that is gone for days does not keep everybody awake.
 */
export function tunnelMoments(state: LinkState, location: Location, active: Host, nowMs: number): readonly number[] {
  const record = activeRecord(state, location);
  if (record === undefined || !state.link.online) return [];
  const counted = countedPeers(state, location, record);
  const accused = counted.filter((peer) => {
    const far = activeRecord(state, peer);
    if (far === undefined || record.tunnels.down[peer.ordinal] === undefined) return false;
    return nowMs - far.lastSeenMs <= limits.freshMs && !hasBit(far.tunnels.up, location.ordinal);
  });
  if (accused.length * 2 <= counted.length) return [];

  const movedMs = factsOf(state, location).head?.tunnelMoveMs ?? 0;
  const sinces = accused.flatMap((peer) => [
    record.tunnels.down[peer.ordinal] ?? 0,
    activeRecord(state, peer)?.tunnels.down[location.ordinal] ?? factsOf(state, peer).head?.decidedMs ?? 0,
  ]);
  return [
    movedMs + active.backoffMs,
    ...sinces.map((sinceMs) => sinceMs + state.link.tunnelTimeoutMs),
    ...accused.flatMap((peer) => successorMoments(state, peer)),
    ...state.link.locations.flatMap((one) => {
      const other = activeRecord(state, one);
      return other === undefined ? [] : sayMoments(other);
    }),
  ];
}

/** A far side that could move itself ceases to when its other hosts fall silent. */
function successorMoments(state: LinkState, far: Location): readonly number[] {
  const { hosts } = factsOf(state, far);
  return far.hosts.flatMap((host) => {
    const record = hosts.get(host.id);
    return record === undefined ? [] : [record.lastSeenMs + host.timeoutMs + 1];
  });
}
