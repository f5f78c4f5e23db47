import type { Host, Location } from "../network.ts";
import type { ChangeReason } from "../records.ts";
import { type Availability, availabilityOf, type Candidate, presenceOf } from "./availability.ts";
import { factsOf, type LinkState } from "./state.ts";
import { isSuspected, votesOn } from "./suspicion.ts";
import { areTunnelsDown, tunnelLoss } from "./tunnels.ts";

/**
 * Why the active host should not be it any more. `isSilence`: the finding rests on not having heard something.
 * `isGone`: it carries no traffic as far as is known; else it goes on where there is no successor.
 */
export type Failure = {
  readonly reason: ChangeReason;
  readonly evidence: string;
  readonly isSilence: boolean;
  readonly isGone: boolean;
  readonly successors: readonly Candidate[];
};

/** What is wrong with the active host; `active` is undefined when it is not configured any more. */
export function failureOf(
  state: LinkState,
  location: Location,
  active: Host | undefined,
  candidates: readonly Candidate[],
  nowMs: number,
): Failure | undefined {
  if (active === undefined) {
    const evidence = "the active host was removed from the configuration";
    return { reason: "removed", evidence, isSilence: false, isGone: true, successors: candidates };
  }
  return (
    byAvailability(state, location, active, candidates, nowMs) ??
    bySuspicion(state, location, active, candidates, nowMs) ??
    byTunnels(state, location, active, candidates, nowMs)
  );
}

function byAvailability(
  state: LinkState,
  location: Location,
  active: Host,
  candidates: readonly Candidate[],
  nowMs: number,
): Failure | undefined {
  const facts = factsOf(state, location);
  const availability = availabilityOf(active, facts, nowMs);
  const presence = presenceOf(active, facts, nowMs);
  if (availability === "drained" && (candidates.length > 0 || presence === "available")) {
    const evidence = `${active.name} is drained by an operator`;
    return { reason: "drained", evidence, isSilence: false, isGone: false, successors: candidates };
  }
  const silentMs = nowMs - (facts.hosts.get(active.id)?.lastSeenMs ?? nowMs);
  const absence = absenceOf(active, presence, silentMs);
  return absence === undefined ? undefined : { ...absence, isGone: true, successors: candidates };
}

function absenceOf(
  active: Host,
  presence: Exclude<Availability, "drained">,
  silentMs: number,
): Pick<Failure, "reason" | "evidence" | "isSilence"> | undefined {
  switch (presence) {
    case "available":
      return undefined;
    case "left":
      return { reason: "left", evidence: `${active.name} said good-bye`, isSilence: false };
    case "unheard":
      return { reason: "timed-out", evidence: `${active.name} was never heard`, isSilence: true };
    case "clock":
      return { reason: "timed-out", evidence: `${active.name} was last heard in the future`, isSilence: true };
    case "silent": {
      const evidence = `${active.name} was last heard ${Math.round(silentMs)} ms ago, its time-out is ${active.timeoutMs} ms`;
      return { reason: "timed-out", evidence, isSilence: true };
    }
    default:
      return presence satisfies never;
  }
}

function bySuspicion(
  state: LinkState,
  location: Location,
  active: Host,
  candidates: readonly Candidate[],
  nowMs: number,
): Failure | undefined {
  if (!isSuspected(state, location, active, nowMs)) return undefined;
  const votes = votesOn(state, location, active, nowMs);
  const evidence = `${active.name} missed two of its own intervals and ${votes.cannotReach} of ${votes.voters} remote hosts cannot reach it`;
  return { reason: "suspected", evidence, isSilence: true, isGone: false, successors: candidates };
}

/** A host in back-off is no successor here: the active one is heard and available, which is more than can be said of it. */
function byTunnels(
  state: LinkState,
  location: Location,
  active: Host,
  candidates: readonly Candidate[],
  nowMs: number,
): Failure | undefined {
  if (!areTunnelsDown(state, location, active, nowMs)) return undefined;
  const loss = tunnelLoss(state, location, nowMs);
  const evidence = `${active.name} and the far sides report ${loss.down.length} of ${loss.counted} tunnels down`;
  const successors = candidates.filter((candidate) => !candidate.isBackedOff);
  return { reason: "tunnels-down", evidence, isSilence: true, isGone: false, successors };
}
