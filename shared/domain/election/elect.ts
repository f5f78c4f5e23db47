import { limits } from "../limits.ts";
import type { Host, Location } from "../network.ts";
import { type Candidate, candidatesOf } from "./availability.ts";
import { bestCandidate, preemptor } from "./choice.ts";
import { type Failure, failureOf } from "./failure.ts";
import { deafText, holdText, isDeaf, isHeld } from "./hold.ts";
import { nextMoment } from "./next-moment.ts";
import { factsOf, type LinkState } from "./state.ts";
import type { KeepReason, Verdict } from "./verdict.ts";

export { isHeld } from "./hold.ts";

type Keep = (reason: KeepReason, evidence: string) => Verdict;

/**
 * Who should carry a location's traffic now. Pure: the same state and time give the same verdict.
 * The order of the rules is the order of the code: pause, first host, failure of the active host, operator, pre-emption.
 */
export function elect(state: LinkState, location: Location, nowMs: number): Verdict {
  const facts = factsOf(state, location);
  const keep: Keep = (reason, evidence) => {
    return { kind: "keep", reason, evidence, nextMs: nextMoment(state, location, nowMs) };
  };
  if (location.hosts.some((host) => host.static)) return keep("static", "a static host is always active");
  if (state.isPaused) return keep("paused", "the link is paused by an operator");

  const activeId = facts.head?.activeHostId ?? null;
  const candidates = candidatesOf(location, facts, activeId, nowMs);
  if (activeId === null) {
    const first = bestCandidate(state, location, candidates, facts.wish?.pin?.hostId);
    if (first === undefined) return keep("nobody-available", "no host of the location is available");
    const reason = facts.head === undefined ? "first-host" : "returned";
    return { kind: "change", to: first.host.id, reason, evidence: `${first.host.name} is the first available host` };
  }

  const active = location.hosts.find((host) => host.id === activeId);
  const failure = failureOf(state, location, active, candidates, nowMs);
  const after = failure && afterFailure(state, location, failure, nowMs, keep);
  if (after !== undefined) return after;
  if (active === undefined) return keep("nobody-available", "the active host is not configured");
  return whileActive(state, location, active, failure, candidates, nowMs, keep);
}

/** What a failure of the active host comes to; undefined when it goes on for want of a successor, or of evidence. */
function afterFailure(
  state: LinkState,
  location: Location,
  failure: Failure,
  nowMs: number,
  keep: Keep,
): Verdict | undefined {
  const { reason, evidence, isSilence, isGone, successors } = failure;
  const isBarred = isSilence && (isHeld(state, nowMs) || isDeaf(state, nowMs));
  if (isBarred) {
    if (!isGone) return undefined;
    return isHeld(state, nowMs) ? keep("hold", holdText(state, nowMs)) : keep("deaf", deafText);
  }
  const successor = bestCandidate(state, location, successors, factsOf(state, location).wish?.pin?.hostId);
  if (successor !== undefined) {
    const best = `${successor.host.name} is the best of ${successors.length} available`;
    return { kind: "change", to: successor.host.id, reason, evidence: `${evidence}; ${best}` };
  }
  if (!isGone) return undefined;
  if (location.removeRoutes) {
    const removal = "no other host is available, and the location removes routes then";
    return { kind: "change", to: null, reason: "nobody-available", evidence: `${evidence}; ${removal}` };
  }
  return keep("nobody-available", `${evidence}, but no other host is available`);
}

/** What may move a location from an active host that goes on: a move of the location, an operator, a better host. */
function whileActive(
  state: LinkState,
  location: Location,
  active: Host,
  failure: Failure | undefined,
  candidates: readonly Candidate[],
  nowMs: number,
  keep: Keep,
): Verdict {
  const facts = factsOf(state, location);
  if (facts.head?.generation !== location.generation) {
    const evidence = `the location moved to generation ${location.generation}`;
    return { kind: "change", to: active.id, reason: "location-moved", evidence };
  }
  const asked = operatorsChoice(state, location, active, candidates, nowMs);
  if (asked !== undefined) return asked;
  if (failure === undefined && facts.wish?.pin?.hostId === active.id) {
    return keep("active-healthy", `${active.name} is pinned and available`);
  }
  if (isHeld(state, nowMs)) return keep("hold", holdText(state, nowMs));
  const better = preemptor(state, location, active, candidates);
  const needsHearing = failure?.isSilence === true || better !== undefined;
  if (needsHearing && isDeaf(state, nowMs)) return keep("deaf", deafText);
  if (failure !== undefined) {
    const reason = failure.reason === "drained" ? "drain-pending" : "nobody-available";
    return keep(reason, `${failure.evidence}, but no other host is available`);
  }
  if (better !== undefined) {
    return { kind: "change", to: better.candidate.host.id, reason: better.reason, evidence: better.evidence };
  }
  return keep("active-healthy", `${active.name} is available`);
}

function operatorsChoice(
  state: LinkState,
  location: Location,
  active: Host,
  candidates: readonly Candidate[],
  nowMs: number,
): Verdict | undefined {
  const { wish, head } = factsOf(state, location);
  const pinned = candidates.find((candidate) => candidate.host.id === wish?.pin?.hostId && !candidate.isBackedOff);
  if (pinned !== undefined && wish?.pin != null) {
    const evidence = `${pinned.host.name} is pinned by ${wish.pin.by} and available`;
    return { kind: "change", to: pinned.host.id, reason: "pinned", evidence };
  }
  const asked = wish?.switchover;
  if (asked == null || wish?.pin?.hostId === active.id) return undefined;
  const isOpen = asked.atMs > (head?.decidedMs ?? 0) && nowMs - asked.atMs <= limits.switchoverMs;
  const chosen = isOpen ? candidates.find((candidate) => candidate.host.id === asked.hostId) : undefined;
  if (chosen === undefined) return undefined;
  const evidence = `${asked.by} asked for ${chosen.host.name}`;
  return { kind: "change", to: chosen.host.id, reason: "switchover", evidence };
}
