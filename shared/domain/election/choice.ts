import type { Id } from "../ids.ts";
import type { Host, Link, Location } from "../network.ts";
import type { ChangeReason, HostRecord } from "../records.ts";
import type { Candidate } from "./availability.ts";
import { isActiveReachKnown, reachCount } from "./reach.ts";
import { factsOf, type LinkState } from "./state.ts";

/** Keeps only those that pass, unless none does. */
function prefer(candidates: readonly Candidate[], test: (candidate: Candidate) => boolean): readonly Candidate[] {
  const passing = candidates.filter(test);
  return passing.length > 0 ? passing : candidates;
}

/**
 * The best of the available hosts: not backed off if another is not, the pinned one, recently heard if one is, most
 * locations reached (with host checking), steady if one is, highest priority, lowest id.
 */
export function bestCandidate(
  state: LinkState,
  location: Location,
  candidates: readonly Candidate[],
  pinnedId: Id | undefined,
): Candidate | undefined {
  let rest = prefer(candidates, (candidate) => !candidate.isBackedOff);
  rest = prefer(rest, (candidate) => candidate.host.id === pinnedId);
  rest = prefer(rest, (candidate) => candidate.isFresh);
  if (state.link.hostCheck) {
    const reach = (candidate: Candidate) => reachCount(state.link, location, candidate.record, "standby");
    const most = Math.max(...rest.map(reach));
    rest = prefer(rest, (candidate) => reach(candidate) === most);
  }
  rest = prefer(rest, (candidate) => candidate.isSteady);
  const highest = Math.max(...rest.map((candidate) => candidate.host.priority));
  return rest.find((candidate) => candidate.host.priority === highest);
}

export type Preemption = {
  readonly candidate: Candidate;
  readonly reason: Extract<ChangeReason, "better-reach" | "higher-priority">;
  readonly evidence: string;
};

/**
 * A steady host that should take over from a healthy active one: with host checking one that reaches at least a whole
 * location more; else, unless failback is manual, one of strictly higher priority that reaches no less. As long as it
 * is not known what the active host reaches, nobody reaches more or no less.
 */
export function preemptor(
  state: LinkState,
  location: Location,
  active: Host,
  candidates: readonly Candidate[],
): Preemption | undefined {
  const ready = candidates.filter((candidate) => candidate.isSteady && candidate.isFresh && !candidate.isBackedOff);
  const record = factsOf(state, location).hosts.get(active.id);
  if (record === undefined || ready.length === 0) return undefined;
  return betterReach(state, location, active, record, ready) ?? higherPriority(state, location, active, record, ready);
}

function betterReach(
  state: LinkState,
  location: Location,
  active: Host,
  record: HostRecord,
  ready: readonly Candidate[],
): Preemption | undefined {
  if (!state.link.hostCheck || !isActiveReachKnown(record)) return undefined;
  const candidate = bestCandidate(state, location, ready, undefined);
  if (candidate === undefined) return undefined;
  const reach = reachCount(state.link, location, candidate.record, "standby");
  const activeReach = reachCount(state.link, location, record, "active");
  if (reach <= activeReach) return undefined;
  const evidence = `${candidate.host.name} reaches ${reach} locations, ${active.name} ${activeReach}`;
  return { candidate, reason: "better-reach", evidence };
}

function higherPriority(
  state: LinkState,
  location: Location,
  active: Host,
  record: HostRecord,
  ready: readonly Candidate[],
): Preemption | undefined {
  if (location.failback === "manual") return undefined;
  const higher = ready.filter(
    ({ host, record: other }) => host.priority > active.priority && reachesNoLess(state.link, location, other, record),
  );
  const candidate = bestCandidate(state, location, higher, undefined);
  if (candidate === undefined) return undefined;
  const priorities = `${candidate.host.name} has priority ${candidate.host.priority}, ${active.name} ${active.priority}`;
  const isSwitchover = factsOf(state, location).head?.reason === "switchover";
  const evidence = isSwitchover
    ? `${priorities}: the switchover held only until now, a pin would have lasted`
    : priorities;
  return { candidate, reason: "higher-priority", evidence };
}

function reachesNoLess(link: Link, location: Location, standby: HostRecord, active: HostRecord): boolean {
  if (!link.hostCheck) return true;
  if (!isActiveReachKnown(active)) return active.reach.length === 0 && standby.reach.length === 0;
  return reachCount(link, location, standby, "standby") >= reachCount(link, location, active, "active");
}
