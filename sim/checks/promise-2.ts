import type { Id } from "../../shared/domain/ids.ts";
import type { Fact, RouteCall } from "../facts.ts";
import { allowances } from "./allowances.ts";
import type { Court, MakeCheck } from "./check.ts";
import { type Chronicle, chronicleOf } from "./chronicle.ts";
import { routeFaults } from "./fault-log.ts";
import type { Commit } from "./head-log.ts";
import { isDesired, isOf, networksSince, placesOfTable } from "./places.ts";
import { isAnothersInterface } from "./wrong-target.ts";

/** A call of an older epoch that landed, and is to be undone. */
type Stale = {
  readonly call: RouteCall;
  readonly locationId: Id;
  /** The newest epoch when it landed. */
  readonly epoch: number;
  /** Whether it overwrote what that epoch had put, when that was verified to be in place. */
  readonly isOverwrite: boolean;
  readonly landedMs: number;
  dueMs: number;
};

/** A repair that has to be told of. */
type Untold = { readonly locationId: Id; readonly sinceMs: number; readonly text: string };

type State = {
  readonly court: Court;
  readonly chronicle: Chronicle;
  readonly stale: Map<string, Stale>;
  readonly untold: Untold[];
  /** By location: when a repaired late call was last told of. */
  readonly toldMs: Map<Id, number>;
  /** By table: the highest epoch, of which location, whose call has landed. Clouds with compare-and-set only. */
  readonly landed: Map<string, Map<Id, number>>;
};

const check = "no call of an old epoch";

/**
 * No route call starts for an epoch that is not the latest; one that lands late all the same is undone within one
 * reconcile and told, and cannot land where the cloud has compare-and-set.
 */
export const promise2: MakeCheck = (court) => {
  const chronicle = chronicleOf(court.truth);
  const state: State = { court, chronicle, stale: new Map(), untold: [], toldMs: new Map(), landed: new Map() };
  return {
    promise: 2,
    name: check,
    observe(fact) {
      chronicle.note(fact);
      if (state.stale.size > 0) judgeDue(state, fact.atMs);
      if (fact.kind === "call-started") judgeStart(state, fact.call);
      else if (fact.kind === "call-landed") judgeLanding(state, fact.call, fact.atMs);
      else if (fact.kind === "event") noteTold(state, fact);
      // Somebody else changed it since: what stands there now is theirs.
      else if (fact.kind === "foreign-change") state.stale.delete(`${fact.table} ${fact.destination}`);
    },
    quiet() {
      judgeDue(state, court.truth.nowMs());
      for (const { locationId, sinceMs, text } of state.untold.splice(0)) {
        if ((state.toldMs.get(locationId) ?? 0) < sinceMs)
          blame(court, locationId, `${text}, and no event tells of it`);
      }
    },
  };
};

function blame(court: Court, locationId: Id, message: string, ...about: readonly string[]): void {
  court.violate({ promise: 2, check, message, about: [locationId, ...about] });
}

/** The commits that were the newest ones, of whatever location has the table, in a stretch of time. */
function inForce({ court, chronicle }: State, table: string, fromMs: number, toMs: number): readonly Commit[] {
  const networks = networksSince(court.truth, fromMs - allowances.runKnowledgeMs);
  const ids = new Set(placesOfTable(networks, table).map(({ location }) => location.id));
  return [...ids].flatMap((id) => chronicle.heads.between(id, fromMs, toMs));
}

function judgeStart(state: State, call: RouteCall): void {
  if (call.kind === "remove") return;
  const { court } = state;
  const fromMs = call.startedMs - allowances.fenceMs - allowances.momentMs;
  const commits = inForce(state, call.table, fromMs, call.startedMs);
  if (commits.some(({ decision }) => isOf(court.truth, call.target, decision.activeHostId))) return;
  if (isAnothersInterface(court.truth, state.chronicle, call)) return;
  const [newest] = commits.slice(-1);
  const wanted =
    newest === undefined
      ? "nothing is decided"
      : `epoch ${newest.decision.epoch} says ${newest.decision.activeHostId ?? "nobody"}`;
  const message = `${call.writer.process} began to ${call.kind} ${call.destination} in ${call.table} at ${call.target}, while ${wanted}`;
  blame(court, newest?.decision.locationId ?? "", message, call.table);
}

function judgeLanding(state: State, call: RouteCall, atMs: number): void {
  const { court, chronicle } = state;
  if (call.result !== "ok") return;
  const key = `${call.table} ${call.destination}`;
  const undone = state.stale.get(key);
  if (undone !== undefined && call.target !== undone.call.target) {
    state.stale.delete(key);
    demandEvent(state, undone, call);
  }
  if (call.kind === "remove") return;
  if (call.cloud === "etag") judgeOrder(state, call);
  const [place] = placesOfTable([court.truth.network], call.table);
  const newest = place === undefined ? undefined : chronicle.heads.of(place.location.id)?.newest;
  if (newest === undefined || isOf(court.truth, call.target, newest.decision.activeHostId)) return;
  if (isAnothersInterface(court.truth, chronicle, call)) return;
  const { locationId, epoch, activeHostId } = newest.decision;
  // A call that began when this was the newest decision already is judged by its beginning.
  court.countStale();
  if (activeHostId === null) return;
  const isOverwrite =
    call.before !== undefined &&
    isOf(court.truth, call.before, activeHostId) &&
    (chronicle.heads.of(locationId)?.confirmedMs ?? Number.POSITIVE_INFINITY) < atMs;
  const dueMs = atMs + allowances.undoMs;
  state.stale.set(key, { call, locationId, epoch, isOverwrite, landedMs: atMs, dueMs });
}

/** Where the cloud compares and sets, a call of an older epoch cannot land after one of a newer epoch. */
function judgeOrder(state: State, call: RouteCall): void {
  const { court } = state;
  const fromMs = call.startedMs - allowances.fenceMs - allowances.momentMs;
  const own = inForce(state, call.table, fromMs, call.startedMs).filter(({ decision }) =>
    isOf(court.truth, call.target, decision.activeHostId),
  );
  const [mine] = own.slice(-1);
  if (mine === undefined) return;
  const { locationId, epoch } = mine.decision;
  const highest = state.landed.get(call.table) ?? new Map<Id, number>();
  state.landed.set(call.table, highest);
  const before = highest.get(locationId) ?? 0;
  if (epoch < before) {
    const message = `a call of epoch ${epoch} landed in ${call.table} after one of epoch ${before}, although the cloud compares and sets`;
    blame(court, locationId, message, call.table);
  }
  highest.set(locationId, Math.max(epoch, before));
}

/** What a newer epoch had put and a late call overwrote was repaired: that has to be told, unless a swap came in between. */
function demandEvent({ court, chronicle, untold }: State, stale: Stale, repair: RouteCall): void {
  const { locationId, epoch, landedMs, call } = stale;
  const log = chronicle.heads.of(locationId);
  const isSameEpoch = log?.newest.decision.epoch === epoch && court.truth.location(locationId) !== undefined;
  // A call of the newest epoch that was under way itself puts things right without having seen them.
  const isRepair = repair.startedMs > landedMs;
  // What was not wanted for a while was left as an orphan, and that is told; wanted again, it is taken back as one.
  const wasWanted = isDesired(networksSince(court.truth, landedMs), call.table, call.destination);
  // A route that is not wanted any more is removed, which is told as that.
  if (repair.kind === "remove") return;
  if (!stale.isOverwrite || !isSameEpoch || !isRepair || !wasWanted || log === undefined) return;
  const late = `call ${call.number} of ${call.writer.process}, late in epoch ${epoch}`;
  const text = `${call.destination} in ${call.table} was pointed at ${call.target} by ${late}, and put right by call ${repair.number}`;
  untold.push({ locationId, sinceMs: log.newest.atMs, text });
}

/**
 * The same repair is told once in an epoch and ten minutes: any such event since the decision will do. Where the call
 * pointed a route at an interface that carries nothing, that is what is told.
 */
function noteTold(state: State, { event, atMs }: Extract<Fact, { kind: "event" }>): void {
  const isBlackhole = event.kind === "route-repaired" && event.message.includes("carries nothing");
  if (event.kind !== "stale-write-repaired" && !isBlackhole) return;
  if (event.locationId !== undefined) state.toldMs.set(event.locationId, atMs);
}

function judgeDue(state: State, nowMs: number): void {
  const { court, chronicle } = state;
  for (const [key, stale] of state.stale) {
    const { call, locationId, landedMs, dueMs } = stale;
    if (dueMs > nowMs) continue;
    const standing = chronicle.routes.at(call.table, call.destination);
    const newest = chronicle.heads.of(locationId)?.newest;
    const isGone = court.truth.location(locationId) === undefined;
    const isRight = newest === undefined || isGone || isOf(court.truth, call.target, newest.decision.activeHostId);
    const isWanted =
      newest?.decision.activeHostId !== null &&
      isDesired(networksSince(court.truth, landedMs), call.table, call.destination);
    if (standing.target !== call.target || standing.by !== "pointsman" || isRight || !isWanted) {
      state.stale.delete(key);
      continue;
    }
    // A minute and a bit without anything that can keep a reconcile from its work, since the last decision.
    const fromMs = Math.max(landedMs, dueMs - allowances.undoMs, newest.atMs);
    const wasTroubled =
      newest.atMs > dueMs - allowances.undoMs ||
      chronicle.faults.wasFelt(routeFaults, fromMs) ||
      (["functions", "database", "cloud"] as const).some((part) => court.truth.wasTroubled(part, fromMs, dueMs)) ||
      court.truth.host(newest.decision.activeHostId ?? "")?.isLying === true;
    if (wasTroubled) {
      stale.dueMs = nowMs + allowances.undoMs;
      continue;
    }
    state.stale.delete(key);
    const message = `${call.destination} in ${call.table} still points at ${call.target}, where a late call of ${call.writer.process} put it ${Math.round((nowMs - landedMs) / 1_000)} s ago`;
    blame(court, locationId, message, call.table);
  }
}
