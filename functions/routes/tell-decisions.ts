import { decisionEvent } from "../../shared/domain/decision-event.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Location } from "../../shared/domain/network.ts";
import type { Run } from "./situation.ts";

/**
 * Tells of the newest decision, whose elector may have died before it did, and of those before it that were replaced
 * before their own run could tell: back to one that is confirmed, which was told of before that. Throws `DatabaseError`.
 */
export async function tellDecisions(
  { deps, ref }: Pick<Run, "deps" | "ref">,
  linkName: string,
  location: Pick<Location, "name" | "hosts">,
): Promise<void> {
  const decisions = await deps.store.readDecisions(ref.linkId, ref.locationId, limits.untoldDecisions);
  const confirmedAt = decisions.findIndex((decision) => decision.swap.state === "confirmed");
  const untold = confirmedAt < 0 ? decisions : decisions.slice(0, confirmedAt);
  await Promise.all(untold.map((decision) => deps.store.tell(decisionEvent(linkName, location, decision))));
}

/** The same for a location that was taken out of the configuration: its last ones may have had nobody to tell of them. */
export async function tellLastDecisions(run: Run): Promise<void> {
  const retired = await run.deps.store.readRetired();
  const known = retired.find(({ value }) => value.locationId === run.ref.locationId)?.value;
  if (known === undefined) return;
  await tellDecisions(run, known.linkName, { name: known.locationName, hosts: [] });
}
