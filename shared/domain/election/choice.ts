import type { Id } from "../ids.ts";
import type { Host, Location } from "../network.ts";
import type { ChangeReason } from "../records.ts";
import type { Candidate } from "./availability.ts";
import { reachCount } from "./reach.ts";
import { factsOf, type LinkState } from "./state.ts";

/** Keeps only those that pass, unless none does. */
function prefer(candidates: readonly Candidate[], test: (candidate: Candidate) => boolean): readonly Candidate[] {
  const passing = candidates.filter(test);
  return passing.length > 0 ? passing : candidates;
}

/**
 * The best of the available hosts: not backed off if another is not, the pinned one, recently heard if one is, most
 * locations reached (with host checking), highest priority, lowest id.
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
 * location more; else, unless failback is manual, one of strictly higher priority that reaches no less.
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
  const isChecked = state.link.hostCheck;
  const activeReach = isChecked ? reachCount(state.link, location, record, "active") : 0;
  const reach = (candidate: Candidate) =>
    isChecked ? reachCount(state.link, location, candidate.record, "standby") : activeReach;

  const best = bestCandidate(state, location, ready, undefined);
  if (best !== undefined && reach(best) > activeReach) {
    const evidence = `${best.host.name} reaches ${reach(best)} locations, ${active.name} ${activeReach}`;
    return { candidate: best, reason: "better-reach", evidence };
  }
  if (location.failback === "manual") return undefined;
  const higher = ready.filter(
    (candidate) => candidate.host.priority > active.priority && reach(candidate) >= activeReach,
  );
  const top = bestCandidate(state, location, higher, undefined);
  if (top === undefined) return undefined;
  const evidence = `${top.host.name} has priority ${top.host.priority}, ${active.name} ${active.priority}`;
  return { candidate: top, reason: "higher-priority", evidence };
}
