import { isRuledOut } from "../../shared/domain/election/decide.ts";
import { elect } from "../../shared/domain/election/elect.ts";
import { factsOf } from "../../shared/domain/election/state.ts";
import { turningPoints } from "../../shared/domain/election/turning-points.ts";
import type { Id } from "../../shared/domain/ids.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Link, Location } from "../../shared/domain/network.ts";
import type { Decision } from "../../shared/domain/records.ts";
import type { Replication } from "../../shared/domain/replication.ts";
import { type Gate, gate, inParallel } from "../../shared/platform/parallel.ts";
import type { Observed } from "../../shared/ports/database.ts";
import type { LocationRef } from "../../shared/ports/queues.ts";
import type { AppliedNetwork } from "../../shared/ports/store.ts";
import { commitChange, wakeFor } from "./commit.ts";
import type { FailoverDeps } from "./deps.ts";
import { type Evidence, evidenceOf, isByRightClock, readAgain } from "./evidence.ts";
import { guardLink } from "./replication-guard.ts";
import { finishTelling, isToBeWoken, isUnconfirmed, repairSwitches, tidy } from "./unfinished.ts";

type Moment = LocationRef & { readonly dueMs: number };

/**
 * What one pass over the locations found. `swept` and `skipped`: links that could be looked at, and those that could not. `moments`: when single locations
 * have to be looked at before the next pass. `unconfirmed`: newest decisions whose routes are not verified.
 */
export type SweepResult = {
  readonly swept: number;
  readonly committed: number;
  readonly skipped: number;
  readonly moments: readonly Moment[];
  readonly unconfirmed: readonly Decision[];
  /** Locations of a decision so young that a route call for the one before may still land. */
  readonly recent: readonly LocationRef[];
};

/** `turn` bounds how many locations are worked on at once, in all links together. */
type Pass = {
  readonly deps: FailoverDeps;
  readonly turn: Gate;
  readonly by: string;
  readonly replication: Replication | undefined;
};

/** A location's part of a sweep. `isDue`: it is to be judged anew on new evidence. */
type Looked = {
  readonly locationId: Id;
  readonly committed: Decision | undefined;
  readonly isDue: boolean;
  readonly moments: readonly Moment[];
  readonly unconfirmed: readonly Decision[];
  readonly recent: readonly LocationRef[];
};

const skipped: SweepResult = { swept: 0, committed: 0, skipped: 1, moments: [], unconfirmed: [], recent: [] };
const undecided: SweepResult = { ...skipped, swept: 1, skipped: 0 };

/**
 * One pass over all locations: elects, commits, and finishes what an interrupted decision or change of configuration
 * left behind. What cannot be read or written in one link or location does not stop the others. Where `replication` is
 * given, links are paused that must not be elected over such a table, and those that may be again go on. Throws
 * `DatabaseError` when the configuration cannot be read.
 */
export async function sweep(deps: FailoverDeps, by: string, replication?: Replication): Promise<SweepResult> {
  const applied = await deps.store.readNetwork();
  const pass: Pass = { deps, turn: gate(limits.parallelLocations), by, replication };
  const parts = await inParallel(applied.value.network.links, limits.parallelLocations, (link) =>
    sweepLink(pass, link, applied).catch((error: unknown) => {
      deps.log.error("a link could not be swept", { linkId: link.id, error: String(error) });
      return skipped;
    }),
  );
  const moments = parts.flatMap((part) => part.moments).sort((a, b) => a.dueMs - b.dueMs);
  return {
    swept: parts.reduce((sum, part) => sum + part.swept, 0),
    committed: parts.reduce((sum, part) => sum + part.committed, 0),
    skipped: parts.reduce((sum, part) => sum + part.skipped, 0),
    moments: moments.slice(0, limits.momentsPerSweep),
    unconfirmed: parts.flatMap((part) => part.unconfirmed),
    recent: parts.flatMap((part) => part.recent),
  };
}

async function sweepLink(pass: Pass, link: Link, applied: Observed<AppliedNetwork>): Promise<SweepResult> {
  const { deps } = pass;
  const first = evidenceOf(link.id, applied, await deps.store.readLink(link.id, "strong"));
  if (first === undefined || !isByRightClock(first)) {
    deps.log.error("clock differs from the database's: nothing is decided", { linkId: link.id });
    return skipped;
  }
  if (pass.replication !== undefined && (await guardLink(deps, first, pass.replication))) return undecided;
  await repairSwitches(deps, first);
  const looked: Looked[] = [];
  let evidence: Evidence | undefined = first;
  let due: readonly Id[] = link.locations.map((location) => location.id);
  for (let attempt = 0; attempt < limits.writeAttempts && evidence !== undefined && due.length > 0; attempt++) {
    const results = await lookAtAll(pass, evidence, due);
    looked.push(...results);
    const open = results.filter((one) => one.isDue || one.committed !== undefined);
    evidence = open.length === 0 ? undefined : await readAgain(deps, link.id);
    due = evidence === undefined ? [] : stillDue(evidence, open, deps.clock.nowMs());
  }
  const unconfirmed = looked.flatMap((one) => one.unconfirmed);
  await wakeFor(
    deps,
    unconfirmed.filter((decision) => isToBeWoken(decision, deps.clock.nowMs())),
  );
  return {
    swept: 1,
    committed: looked.filter((one) => one.committed !== undefined).length,
    skipped: 0,
    moments: looked.flatMap((one) => one.moments),
    unconfirmed,
    recent: looked.flatMap((one) => one.recent),
  };
}

/** What was not decided, and what was decided for a host that had been ruled out meanwhile. */
function stillDue({ state }: Evidence, open: readonly Looked[], nowMs: number): readonly Id[] {
  return open
    .filter(({ committed }) => committed === undefined || isRuledOut(state, committed, nowMs))
    .map((one) => one.locationId);
}

function lookAtAll(pass: Pass, evidence: Evidence, due: readonly Id[]): Promise<Looked[]> {
  const locations = evidence.state.link.locations.filter((location) => due.includes(location.id));
  return inParallel(locations, limits.parallelLocations, (location) =>
    pass.turn(() =>
      lookAt(pass, evidence, location).catch((error: unknown): Looked => {
        pass.deps.log.error("a location could not be swept", { locationId: location.id, error: String(error) });
        return unseen(location.id);
      }),
    ),
  );
}

async function lookAt(pass: Pass, evidence: Evidence, location: Location): Promise<Looked> {
  const { deps, by } = pass;
  const { state } = evidence;
  const nowMs = deps.clock.nowMs();
  const looked = unseen(location.id);
  const ref = { linkId: state.link.id, locationId: location.id };
  const refs = location.cloud === undefined ? [] : [ref];
  const verdict = elect(state, location, nowMs);
  if (verdict.kind === "change") {
    const outcome = await commitChange(deps, evidence, location, verdict, by);
    if (outcome.kind === "committed") return { ...looked, committed: outcome.decision, recent: refs };
    return { ...looked, isDue: outcome.kind === "lost" || outcome.kind === "stale" };
  }
  await tidy(deps, evidence, location, nowMs);
  const { head } = factsOf(state, location);
  if (head !== undefined) await finishTelling(deps, state.link.name, location, head);
  return {
    ...looked,
    moments: turningPoints(state, location, nowMs, nowMs + limits.momentAheadMs)
      .slice(0, limits.momentsPerLocation)
      .map((dueMs) => ({ ...ref, dueMs })),
    unconfirmed: head !== undefined && isUnconfirmed(head) ? [head] : [],
    recent: head !== undefined && nowMs - head.decidedMs < limits.lateCallMs ? refs : [],
  };
}

const unseen = (locationId: Id): Looked => ({
  locationId,
  committed: undefined,
  isDue: false,
  moments: [],
  unconfirmed: [],
  recent: [],
});
