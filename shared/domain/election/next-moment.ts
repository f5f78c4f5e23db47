import { limits } from "../limits.ts";
import type { Host, Location } from "../network.ts";
import { believableMs, type Candidate, candidatesOf, sayMoments } from "./availability.ts";
import { isDeaf, isHeld } from "./hold.ts";
import { factsOf, type LinkState } from "./state.ts";
import { tunnelMoments } from "./tunnel-moments.ts";

/** The next moment after `nowMs` at which an election can come out differently by time alone; undefined for never. */
export function nextMoment(state: LinkState, location: Location, nowMs: number): number | undefined {
  return momentsAhead(state, location, nowMs)[0];
}

/**
 * Every moment after `nowMs` at which an election can come out differently by time alone, as far as it can be known
 * now, in order. May name one at which nothing changes after all; leaves out none. Server time, ms.
 */
export function momentsAhead(state: LinkState, location: Location, nowMs: number): readonly number[] {
  if (state.isPaused || location.hosts.some((host) => host.static)) return [];
  const moments = [
    ...[...factsOf(state, location).hosts.values()].map(believableMs),
    ...pinnedMoments(state, location),
    ...silenceMoments(state, location, nowMs),
  ];
  return [...new Set(moments.filter((moment) => moment > nowMs))].sort((a, b) => a - b);
}

function pinnedMoments(state: LinkState, location: Location): readonly number[] {
  const { head, wish } = factsOf(state, location);
  const pinned = location.hosts.find((host) => host.id === wish?.pin?.hostId);
  const demotedMs = pinned === undefined ? undefined : head?.demotedMs[pinned.id];
  return pinned === undefined || demotedMs === undefined ? [] : [demotedMs + pinned.backoffMs];
}

/** What rests on silence, and pre-emption: not before a hold ends, and not by time alone while Pointsman is deaf. */
function silenceMoments(state: LinkState, location: Location, nowMs: number): readonly number[] {
  const { pulse } = state;
  const hearsMs = pulse === undefined ? 0 : pulse.lastCreditedMs - limits.clockSkewMs;
  if (isDeaf(state, nowMs) && hearsMs <= nowMs) return [];
  const holdEndMs = pulse !== undefined && isHeld(state, nowMs) ? pulse.holdUntilMs : 0;
  const firstMs = Math.max(holdEndMs, hearsMs);
  const facts = factsOf(state, location);
  const candidates = candidatesOf(location, facts, facts.head?.activeHostId ?? null, nowMs);
  const moments = [
    ...candidateMoments(state, location, candidates),
    ...failureMoments(state, location, candidates.length > 0, nowMs),
  ];
  return [firstMs, ...moments.map((moment) => Math.max(moment, firstMs))];
}

/** Candidates come out of back-off. That one is steady is heard, not waited for. */
function candidateMoments(state: LinkState, location: Location, candidates: readonly Candidate[]): readonly number[] {
  const { head } = factsOf(state, location);
  return candidates.flatMap(({ host }) => {
    const demotedMs = head?.demotedMs[host.id];
    return demotedMs === undefined ? [] : [demotedMs + host.backoffMs];
  });
}

/** The active host falls silent, is to be judged, or its tunnels are down for long enough. Idle without a successor. */
function failureMoments(state: LinkState, location: Location, hasSuccessor: boolean, nowMs: number): readonly number[] {
  const facts = factsOf(state, location);
  const active = location.hosts.find((host) => host.id === facts.head?.activeHostId);
  const record = active === undefined ? undefined : facts.hosts.get(active.id);
  if (active === undefined || record === undefined) return [];
  const silentMs = record.lastSeenMs + active.timeoutMs + 1;
  if (!hasSuccessor) return location.removeRoutes ? [silentMs] : [];
  return [silentMs, ...suspicionMoments(state, location, active), ...tunnelMoments(state, location, active, nowMs)];
}

/** A suspicion is to be judged, and remote hosts lose their say or come to have one. */
function suspicionMoments(state: LinkState, location: Location, active: Host): readonly number[] {
  const { suspicion } = factsOf(state, location);
  if (suspicion?.hostId !== active.id || !state.link.hostCheck) return [];
  const voters = state.link.locations.flatMap((one) => [...factsOf(state, one).hosts.values()]);
  const votes = voters.flatMap((record) => {
    const lostMs = record.lost[active.ordinal];
    return lostMs === undefined ? sayMoments(record) : [...sayMoments(record), lostMs + limits.reachedWithinMs + 1];
  });
  return [suspicion.evaluateMs, ...votes];
}
