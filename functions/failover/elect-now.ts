import { isClockRight } from "../../shared/domain/clock-check.ts";
import { elect } from "../../shared/domain/election/elect.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { LocationRef } from "../../shared/ports/queues.ts";
import { commitChange, type ElectionOutcome } from "./commit.ts";
import type { FailoverDeps } from "./deps.ts";
import { linkState } from "./link-state.ts";

/**
 * Runs one location's election at once on strongly consistent evidence. A lost race or evidence that got too old is
 * read and judged again. Throws `DatabaseError`.
 */
export async function electNow(deps: FailoverDeps, ref: LocationRef, by: string): Promise<ElectionOutcome> {
  let outcome: ElectionOutcome = { kind: "lost" };
  for (let attempt = 0; attempt < limits.writeAttempts; attempt++) {
    outcome = await electOnce(deps, ref, by);
    if (outcome.kind !== "lost" && outcome.kind !== "stale") return outcome;
  }
  return outcome;
}

async function electOnce(deps: FailoverDeps, ref: LocationRef, by: string): Promise<ElectionOutcome> {
  const [applied, records] = await Promise.all([deps.store.readNetwork(), deps.store.readLink(ref.linkId, "strong")]);
  const link = applied.value.network.links.find((one) => one.id === ref.linkId);
  const location = link?.locations.find((one) => one.id === ref.locationId);
  if (link === undefined || location === undefined) return { kind: "unknown-location" };
  if (!isClockRight(records)) return { kind: "clock" };
  const state = linkState(link, applied.value.network.version, records.value);
  const verdict = elect(state, location, deps.clock.nowMs());
  if (verdict.kind === "keep") return { kind: "kept", verdict };
  return commitChange(deps, state, location, verdict, records, by);
}
