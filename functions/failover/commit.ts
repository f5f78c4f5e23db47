import { isClockRight, isFresh } from "../../shared/domain/clock-check.ts";
import { decisionEvent } from "../../shared/domain/decision-event.ts";
import { decisionOf } from "../../shared/domain/election/decide.ts";
import type { LinkState } from "../../shared/domain/election/state.ts";
import type { Verdict } from "../../shared/domain/election/verdict.ts";
import type { Location } from "../../shared/domain/network.ts";
import type { Decision } from "../../shared/domain/records.ts";
import type { Observed } from "../../shared/ports/database.ts";
import type { LinkRecords } from "../../shared/ports/store.ts";
import type { FailoverDeps } from "./deps.ts";

/**
 * What became of an election. `lost`: another elector was first, its decision stands. `stale`: the evidence got too old
 * before the commit, read again. `clock`: this elector's clock is wrong, it decides nothing.
 */
export type ElectionOutcome =
  | { readonly kind: "kept"; readonly verdict: Extract<Verdict, { kind: "keep" }> }
  | { readonly kind: "committed"; readonly decision: Decision }
  | { readonly kind: "lost" | "stale" | "clock" | "unknown-location" };

/** Commits a change and wakes the routes function; a message that cannot be sent is left to the next sweep. */
export async function commitChange(
  deps: FailoverDeps,
  state: LinkState,
  location: Location,
  verdict: Extract<Verdict, { kind: "change" }>,
  records: Observed<LinkRecords>,
  by: string,
): Promise<ElectionOutcome> {
  if (!isClockRight(records)) return { kind: "clock" };
  const mayCommit = () => isFresh(records, { nowMs: deps.clock.nowMs(), monotonicMs: deps.clock.monotonicMs() });
  const decision = decisionOf(state, location, verdict, by, deps.clock.nowMs());
  const claim = await deps.store.commitDecision(decision, records.value.locations.get(location.id)?.head, mayCommit);
  if (claim.kind === "lost") return { kind: mayCommit() ? "lost" : "stale" };
  await Promise.all([wake(deps, decision), tell(deps, state, location, decision)]);
  return { kind: "committed", decision };
}

async function wake(deps: FailoverDeps, decision: Decision): Promise<void> {
  const { linkId, locationId } = decision;
  try {
    const queue = await deps.swapQueue();
    await queue.wake([{ linkId, locationId, cause: "decision", round: 0 }]);
  } catch (error) {
    deps.log.warn("routes function not woken: the next sweep wakes it", { linkId, locationId, error: String(error) });
  }
}

async function tell(deps: FailoverDeps, state: LinkState, location: Location, decision: Decision): Promise<void> {
  try {
    await deps.store.tell(decisionEvent(state.link.name, location, decision));
  } catch (error) {
    const { linkId, locationId, epoch } = decision;
    deps.log.warn("decision not told: the routes function tells it", {
      linkId,
      locationId,
      epoch,
      error: String(error),
    });
  }
}
