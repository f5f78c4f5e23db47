import type { Location } from "../network.ts";
import type { ChangeReason, Decision } from "../records.ts";
import { availabilityOf } from "./availability.ts";
import { factsOf, type LinkState } from "./state.ts";
import type { Verdict } from "./verdict.ts";

/** Reasons after which the host that was failed over from is backed off. */
const demoting: ReadonlySet<ChangeReason> = new Set(["timed-out", "suspected", "tunnels-down"]);

/** The decision that a verdict comes to: the next epoch of the location. `by` is who decides. */
export function decisionOf(
  state: LinkState,
  location: Location,
  verdict: Extract<Verdict, { kind: "change" }>,
  by: string,
  nowMs: number,
): Decision {
  const head = factsOf(state, location).head;
  const previousHostId = head?.activeHostId ?? null;
  return {
    linkId: state.link.id,
    locationId: location.id,
    epoch: (head?.epoch ?? 0) + 1,
    generation: location.generation,
    activeHostId: verdict.to,
    previousHostId,
    reason: verdict.reason,
    decidedMs: nowMs,
    by,
    networkVersion: state.networkVersion,
    evidence: verdict.evidence,
    demotedMs: demotions(location, head, demoting.has(verdict.reason) ? previousHostId : null, nowMs),
    tunnelMoveMs: verdict.reason === "tunnels-down" ? nowMs : (head?.tunnelMoveMs ?? 0),
    swap: { state: "pending" },
  };
}

/** Carries over the demotions that still back a configured host off. */
function demotions(
  location: Location,
  head: Decision | undefined,
  demotedId: string | null,
  nowMs: number,
): Decision["demotedMs"] {
  const kept: Record<string, number> = {};
  for (const host of location.hosts) {
    const atMs = head?.demotedMs[host.id];
    const mattersMs = Math.max(host.backoffMs, location.holdUpMs, host.timeoutMs);
    if (atMs !== undefined && nowMs - atMs < mattersMs) kept[host.id] = atMs;
    if (host.id === demotedId) kept[host.id] = nowMs;
  }
  return kept;
}

/**
 * Whether the host of a decision that was just committed had been drained, removed or heard to leave when `state` was
 * read, after the commit. Whoever rules it out after that read finds the decision, so nobody is overlooked.
 */
export function isRuledOut(state: LinkState, decision: Decision, nowMs: number): boolean {
  const location = state.link.locations.find((one) => one.id === decision.locationId);
  if (location === undefined || decision.activeHostId === null) return false;
  const host = location.hosts.find((one) => one.id === decision.activeHostId);
  if (host === undefined) return true;
  const availability = availabilityOf(host, factsOf(state, location), nowMs);
  return availability === "drained" || availability === "left";
}
