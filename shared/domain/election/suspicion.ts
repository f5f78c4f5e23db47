import { hasBit } from "../bits.ts";
import { limits } from "../limits.ts";
import type { Host, Location } from "../network.ts";
import type { HostRecord } from "../records.ts";
import { peersOf } from "../topology.ts";
import { hasSay } from "./availability.ts";
import { factsOf, type LinkState } from "./state.ts";

/** How remote hosts judge one host: of those with a say, how many cannot reach it. */
export type Votes = { readonly voters: number; readonly cannotReach: number };

/**
 * The votes on a host of `location`. A remote host has a say when it is fresh itself, checks hosts at all, and reached
 * the suspect within the last ten minutes; where the port was never open nobody has one.
 */
export function votesOn(state: LinkState, location: Location, suspect: Host, nowMs: number): Votes {
  let voters = 0;
  let cannotReach = 0;
  for (const peer of peersOf(state.link, location)) {
    for (const host of peer.hosts) {
      const record = factsOf(state, peer).hosts.get(host.id);
      const sample = record?.reach[0];
      if (record === undefined || sample === undefined || !hasSay(record, nowMs)) continue;
      const reaches = hasBit(sample, suspect.ordinal);
      const lostMs = record.lost[suspect.ordinal];
      if (!reaches && (lostMs === undefined || nowMs - lostMs > limits.reachedWithinMs)) continue;
      voters++;
      if (!reaches) cannotReach++;
    }
  }
  return { voters, cannotReach };
}

/** Whether most of those with a say cannot reach the host. */
export function isMajority(votes: Votes): boolean {
  return votes.cannotReach * 2 > votes.voters;
}

/** How long after a mark the suspect's silence counts: two of its own intervals. ms */
export function suspicionWaitMs(record: HostRecord): number {
  return 2 * record.intervalMs + limits.intervalSlackMs;
}

/**
 * The suspect rule: the active host is marked, was not heard for two of its own intervals since (its next heartbeat
 * after a mark is persisted at once), and most remote hosts with a say cannot reach it. Never one side alone.
 */
export function isSuspected(state: LinkState, location: Location, active: Host, nowMs: number): boolean {
  if (!state.link.hostCheck) return false;
  const { head, hosts, suspicion } = factsOf(state, location);
  const record = hosts.get(active.id);
  if (suspicion === undefined || record === undefined) return false;
  if (suspicion.hostId !== active.id || suspicion.epoch !== head?.epoch) return false;
  if (record.lastSeenMs >= suspicion.markedMs || nowMs < suspicion.evaluateMs) return false;
  return isMajority(votesOn(state, location, active, nowMs));
}
