import { isRuledOut } from "../../shared/domain/election/decide.ts";
import { elect } from "../../shared/domain/election/elect.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { LocationRef } from "../../shared/ports/queues.ts";
import { commitChange, type ElectionOutcome } from "./commit.ts";
import type { FailoverDeps } from "./deps.ts";
import { isByRightClock, readAgain, readEvidence } from "./evidence.ts";

/**
 * Runs one location's election at once on strongly consistent evidence. A lost race or evidence that got too old is
 * read and judged again, and so is a decision whose host was ruled out meanwhile. Throws `DatabaseError`.
 */
export async function electNow(deps: FailoverDeps, ref: LocationRef, by: string): Promise<ElectionOutcome> {
  let committed: ElectionOutcome | undefined;
  let outcome: ElectionOutcome = { kind: "lost" };
  for (let attempt = 0; attempt < limits.writeAttempts; attempt++) {
    outcome = await electOnce(deps, ref, by);
    if (outcome.kind === "lost" || outcome.kind === "stale") continue;
    if (outcome.kind !== "committed") break;
    committed = outcome;
    const after = await readAgain(deps, ref.linkId);
    if (after === undefined || !isRuledOut(after.state, outcome.decision, deps.clock.nowMs())) break;
  }
  return committed ?? outcome;
}

async function electOnce(deps: FailoverDeps, ref: LocationRef, by: string): Promise<ElectionOutcome> {
  const evidence = await readEvidence(deps.store, ref.linkId);
  const location = evidence?.state.link.locations.find((one) => one.id === ref.locationId);
  if (evidence === undefined || location === undefined) return { kind: "unknown-location" };
  if (!isByRightClock(evidence)) return { kind: "clock" };
  const verdict = elect(evidence.state, location, deps.clock.nowMs());
  if (verdict.kind === "keep") return { kind: "kept", verdict };
  return commitChange(deps, evidence, location, verdict, by);
}
