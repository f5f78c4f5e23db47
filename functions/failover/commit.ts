import { decisionEvent } from "../../shared/domain/decision-event.ts";
import { decisionOf } from "../../shared/domain/election/decide.ts";
import type { Verdict } from "../../shared/domain/election/verdict.ts";
import type { Location } from "../../shared/domain/network.ts";
import type { Decision } from "../../shared/domain/records.ts";
import type { Wake } from "../../shared/ports/queues.ts";
import type { FailoverDeps } from "./deps.ts";
import { type Evidence, isByRightClock, isYoung } from "./evidence.ts";

/**
 * What became of an election. `lost`: another writer was first. `stale`: the evidence got too old before the commit.
 * `clock`: this elector's clock is wrong, it decides nothing.
 */
export type ElectionOutcome =
  | { readonly kind: "kept"; readonly verdict: Extract<Verdict, { kind: "keep" }> }
  | { readonly kind: "committed"; readonly decision: Decision }
  | { readonly kind: "lost" | "stale" | "clock" | "unknown-location" };

/**
 * Commits a change, wakes the routes function and tells; a message or an event that fails is left to the next sweep.
 * Throws `DatabaseError` when it is not known whether the commit was done.
 */
export async function commitChange(
  deps: FailoverDeps,
  evidence: Evidence,
  location: Location,
  verdict: Extract<Verdict, { kind: "change" }>,
  by: string,
): Promise<ElectionOutcome> {
  if (!isByRightClock(evidence)) return { kind: "clock" };
  const { state, records } = evidence;
  const mayCommit = () => isYoung(evidence, deps.clock);
  const decision = decisionOf(state, location, verdict, by, deps.clock.nowMs());
  const claim = await deps.store.commitDecision(decision, records.value.locations.get(location.id)?.head, mayCommit);
  if (claim.kind === "lost") return { kind: mayCommit() ? "lost" : "stale" };
  await Promise.all([wakeFor(deps, [decision]), tellDecision(deps, state.link.name, location, decision)]);
  return { kind: "committed", decision };
}

/** Wakes the routes function for decisions. */
export async function wakeFor(deps: FailoverDeps, decisions: readonly Decision[]): Promise<void> {
  if (decisions.length === 0) return;
  const wakes = decisions.map(({ linkId, locationId }): Wake => ({ linkId, locationId, cause: "decision", round: 0 }));
  try {
    const queue = await deps.swapQueue();
    await queue.wake(wakes);
  } catch (error) {
    const first = wakes[0]?.locationId ?? "";
    deps.log.warn("routes function not woken: the next sweep wakes it", {
      locations: wakes.length,
      first,
      error: String(error),
    });
  }
}

/** Tells of a decision; told again it stands in the log once. */
export async function tellDecision(
  deps: FailoverDeps,
  linkName: string,
  location: Location,
  decision: Decision,
): Promise<void> {
  try {
    await deps.store.tell(decisionEvent(linkName, location, decision));
  } catch (error) {
    const { linkId, locationId, epoch } = decision;
    const text = String(error);
    deps.log.warn("decision not told: the next sweep tells it", { linkId, locationId, epoch, error: text });
  }
}
