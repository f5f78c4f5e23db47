import { isClockRight, isFresh } from "../../shared/domain/clock-check.ts";
import type { LinkState } from "../../shared/domain/election/state.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Observed } from "../../shared/ports/database.ts";
import type { AppliedNetwork, LinkRecords, Store } from "../../shared/ports/store.ts";
import type { FailoverDeps } from "./deps.ts";
import { linkState } from "./link-state.ts";

/** What elections of a link rest on, with when it was read: the configuration is evidence as the records are. */
export type Evidence = {
  readonly state: LinkState;
  readonly applied: Observed<AppliedNetwork>;
  readonly records: Observed<LinkRecords>;
};

/** A link's records seen in the light of a configuration; undefined when the link is not in it. */
export function evidenceOf(
  linkId: string,
  applied: Observed<AppliedNetwork>,
  records: Observed<LinkRecords>,
): Evidence | undefined {
  const { network } = applied.value;
  const link = network.links.find((one) => one.id === linkId);
  if (link === undefined) return undefined;
  return { state: linkState(link, network.version, records.value), applied, records };
}

/** Reads configuration and records of a link, strongly consistently. Throws `DatabaseError`. */
export async function readEvidence(store: Store, linkId: string): Promise<Evidence | undefined> {
  const [applied, records] = await Promise.all([store.readNetwork(), store.readLink(linkId, "strong")]);
  return evidenceOf(linkId, applied, records);
}

/** Whether this elector's clock agrees with the database's, so that it may decide on this evidence. */
export function isByRightClock({ applied, records }: Evidence): boolean {
  return isClockRight(applied) && isClockRight(records);
}

/** Whether the evidence is young enough to commit on now. */
export function isYoung({ applied, records }: Evidence, clock: Clock): boolean {
  const now = { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
  return isFresh(applied, now) && isFresh(records, now);
}

/** Reads anew what an election goes on with; undefined, and a line in the log, when that fails: the next sweep goes on. */
export async function readAgain(deps: FailoverDeps, linkId: string): Promise<Evidence | undefined> {
  try {
    const evidence = await readEvidence(deps.store, linkId);
    return evidence !== undefined && isByRightClock(evidence) ? evidence : undefined;
  } catch (error) {
    deps.log.error("a link could not be read again", { linkId, error: String(error) });
    return undefined;
  }
}
