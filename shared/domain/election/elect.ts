import { limits } from "../limits.ts";
import type { Host, Location } from "../network.ts";
import type { ChangeReason } from "../records.ts";
import { type Availability, availabilityOf, type Candidate, candidatesOf } from "./availability.ts";
import { bestCandidate, preemptor } from "./choice.ts";
import { nextMoment } from "./next-moment.ts";
import { factsOf, type LinkState, shortestTimeoutMs } from "./state.ts";
import { isSuspected, votesOn } from "./suspicion.ts";
import { areTunnelsDown, tunnelLoss } from "./tunnels.ts";
import type { KeepReason, Verdict } from "./verdict.ts";

/**
 * Who should carry a location's traffic now. Pure: the same state and time give the same verdict.
 * The order of the rules is the order of the code: pause, first host, failure of the active host, operator, pre-emption.
 */
export function elect(state: LinkState, location: Location, nowMs: number): Verdict {
  const facts = factsOf(state, location);
  const keep = (reason: KeepReason, evidence: string): Verdict => {
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
  const failure = failureOf(state, location, active, nowMs);
  if (failure !== undefined) return afterFailure(state, location, failure, candidates, nowMs, keep);
  if (active === undefined) return keep("nobody-available", "the active host is not configured");

  if (facts.head?.generation !== location.generation) {
    const evidence = `the location moved to generation ${location.generation}`;
    return { kind: "change", to: active.id, reason: "location-moved", evidence };
  }
  const asked = operatorsChoice(state, location, active, candidates, nowMs);
  if (asked !== undefined) return asked;
  if (facts.wish?.pin?.hostId === active.id) return keep("active-healthy", `${active.name} is pinned and available`);
  if (isHeld(state, nowMs)) return keep("hold", holdText(state, nowMs));
  const better = preemptor(state, location, active, candidates);
  if (better !== undefined) {
    return { kind: "change", to: better.candidate.host.id, reason: better.reason, evidence: better.evidence };
  }
  return keep("active-healthy", `${active.name} is available`);
}

/** Why the active host can no longer be it. `isSilence`: the finding rests on not having heard something. */
type Failure = { readonly reason: ChangeReason; readonly evidence: string; readonly isSilence: boolean };

function failureOf(state: LinkState, location: Location, active: Host | undefined, nowMs: number): Failure | undefined {
  if (active === undefined) {
    return { reason: "removed", evidence: "the active host was removed from the configuration", isSilence: false };
  }
  const facts = factsOf(state, location);
  const availability = availabilityOf(active, facts, nowMs);
  const lastSeenMs = facts.hosts.get(active.id)?.lastSeenMs;
  const unavailable = failureByAvailability(
    active,
    availability,
    lastSeenMs === undefined ? Infinity : nowMs - lastSeenMs,
  );
  if (unavailable !== undefined) return unavailable;
  if (isSuspected(state, location, active, nowMs)) {
    const votes = votesOn(state, location, active, nowMs);
    const evidence = `${active.name} missed two of its own intervals and ${votes.cannotReach} of ${votes.voters} remote hosts cannot reach it`;
    return { reason: "suspected", evidence, isSilence: true };
  }
  if (areTunnelsDown(state, location, active, nowMs)) {
    const loss = tunnelLoss(state, location, nowMs);
    const evidence = `${active.name} and the far sides report ${loss.down.length} of ${loss.counted} tunnels down`;
    return { reason: "tunnels-down", evidence, isSilence: true };
  }
  return undefined;
}

function failureByAvailability(active: Host, availability: Availability, silentMs: number): Failure | undefined {
  switch (availability) {
    case "available":
      return undefined;
    case "left":
      return { reason: "left", evidence: `${active.name} said good-bye`, isSilence: false };
    case "drained":
      return { reason: "drained", evidence: `${active.name} is drained by an operator`, isSilence: false };
    case "unheard":
    case "clock":
      return { reason: "timed-out", evidence: `${active.name} was never credibly heard`, isSilence: true };
    case "silent": {
      const evidence = `${active.name} was last heard ${Math.round(silentMs)} ms ago, its time-out is ${active.timeoutMs} ms`;
      return { reason: "timed-out", evidence, isSilence: true };
    }
    default:
      return availability satisfies never;
  }
}

function afterFailure(
  state: LinkState,
  location: Location,
  failure: Failure,
  candidates: readonly Candidate[],
  nowMs: number,
  keep: (reason: KeepReason, evidence: string) => Verdict,
): Verdict {
  if (failure.isSilence && isHeld(state, nowMs)) return keep("hold", holdText(state, nowMs));
  if (failure.isSilence && isDeaf(state, nowMs)) {
    return keep("deaf", "no heartbeat of any host was credited lately: this may be an outage of Pointsman");
  }
  const facts = factsOf(state, location);
  const successor = bestCandidate(state, location, candidates, facts.wish?.pin?.hostId);
  if (successor !== undefined) {
    const evidence = `${failure.evidence}; ${successor.host.name} is the best of ${candidates.length} available`;
    return { kind: "change", to: successor.host.id, reason: failure.reason, evidence };
  }
  if (failure.reason === "drained") return keep("drain-pending", `${failure.evidence}, but no other host is available`);
  const isGone = failure.reason === "timed-out" || failure.reason === "left" || failure.reason === "removed";
  if (location.removeRoutes && isGone) {
    const evidence = `${failure.evidence}; no other host is available, and the location removes routes then`;
    return { kind: "change", to: null, reason: "nobody-available", evidence };
  }
  return keep("nobody-available", `${failure.evidence}, but no other host is available`);
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

/** Whether a hold is in force: nothing that rests on silence, and no pre-emption, is decided. */
export function isHeld(state: LinkState, nowMs: number): boolean {
  return state.pulse !== undefined && nowMs < state.pulse.holdUntilMs;
}

/** Whether Pointsman itself may be deaf: nobody was credited for half the shortest time-out. */
export function isDeaf(state: LinkState, nowMs: number): boolean {
  const shortestMs = shortestTimeoutMs(state.link);
  if (shortestMs === undefined) return false;
  return state.pulse === undefined || nowMs - state.pulse.lastCreditedMs > shortestMs / 2;
}

function holdText(state: LinkState, nowMs: number): string {
  const leftMs = (state.pulse?.holdUntilMs ?? nowMs) - nowMs;
  return `after an outage nothing is decided for another ${leftMs} ms`;
}
