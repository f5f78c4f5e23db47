import type { Event } from "../../shared/domain/events.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { SwapReport } from "../../shared/domain/records.ts";
import { routeKey } from "../../shared/domain/routes.ts";
import type { Fence } from "./fence.ts";
import {
  attemptsSoFar,
  conflictCode,
  conflictsIn,
  countForeign,
  countInPlace,
  isNews,
  type Next,
  nextAttempt,
  nextReport,
  type Outcome,
} from "./report.ts";
import type { Situation } from "./situation.ts";
import { conflictEvent, retellBucket, routesEvent, type Teller } from "./story.ts";
import type { Failure } from "./tries.ts";
import { wakeAt, wakeNow } from "./wake-again.ts";

/**
 * Puts on record how a run ended, confirms the decision when its routes are verified, and says how what is left goes
 * on. A run that a newer epoch or another run has overtaken says nothing. Throws `DatabaseError`.
 */
export async function record(situation: Situation, fence: Fence, outcome: Outcome): Promise<Next> {
  const lost = fence.lost();
  if (lost?.why === "superseded") return { kind: "none" };
  if (lost?.why === "busy") return { kind: "tick", dueMs: lost.untilMs };
  const { head, report, wake, deps } = situation;
  const nowMs = deps.clock.nowMs();
  const attempts = attemptsSoFar(report?.value, head.value.epoch, outcome.isDone);
  const next = nextAttempt(outcome, attempts, wake.round, nowMs);
  const events = eventsOf(situation, outcome, next, nowMs);
  await Promise.all([putReport(situation, outcome, next, nowMs), ...events.map((event) => deps.store.tell(event))]);
  if (outcome.isDone) await confirm(situation, outcome, nowMs);
  return next;
}

/** Lets go of the lease, and sees to it that what is left goes on. Throws `DatabaseError`. */
export async function handOver(situation: Situation, fence: Fence, next: Next): Promise<void> {
  await fence.release();
  if (next.kind === "continue") await wakeNow(situation, "continue");
  if (next.kind === "tick") await wakeAt(situation, "continue", next.dueMs);
}

/** Notes on the head that its routes are verified; lost to a newer decision is as good. */
async function confirm(situation: Situation, outcome: Outcome, atMs: number): Promise<void> {
  const { head, deps } = situation;
  if (head.value.swap.state === "confirmed") return;
  const swap = { state: "confirmed" as const, atMs, routes: countInPlace(outcome.steps) };
  await deps.store.confirmDecision({ ...head.value, swap }, head.revision);
}

async function putReport(situation: Situation, outcome: Outcome, next: Next, nowMs: number): Promise<void> {
  const { deps, ref, head } = situation;
  let previous = situation.report;
  for (let attempt = 0; attempt < limits.writeAttempts; attempt++) {
    if (previous !== undefined && previous.value.epoch > head.value.epoch) return;
    const report = nextReport(previous?.value, head.value.epoch, outcome, next, nowMs);
    if (!isNews(previous?.value, report)) return;
    const claim = await deps.store.writeSwapReport(ref.locationId, report, previous?.revision);
    if (claim.kind === "won") return;
    previous = await deps.store.readSwapReport(ref.locationId);
  }
  deps.log.warn("swap report not written: too many writers", { ...ref });
}

function eventsOf(situation: Situation, outcome: Outcome, next: Next, nowMs: number): readonly Event[] {
  const { teller, head, report } = situation;
  const events = newConflicts(report?.value, outcome).map((step) => conflictEvent(teller, nowMs, step));
  if (outcome.isDone && head.value.swap.state === "pending") events.push(confirmedEvent(situation, outcome, nowMs));
  if (next.kind !== "continue") events.push(...failureEvents(teller, outcome.failures, next, nowMs));
  return events;
}

function newConflicts(report: SwapReport | undefined, outcome: Outcome) {
  const known = new Set(
    report?.errors
      .filter((error) => error.code === conflictCode)
      .map((error) => routeKey(error.table, error.destination)),
  );
  return conflictsIn(outcome.steps)
    .slice(0, limits.reportErrors)
    .filter((step) => !known.has(routeKey(step.table.key, step.destination)));
}

function confirmedEvent(situation: Situation, outcome: Outcome, nowMs: number): Event {
  const { teller, head, activeHost } = situation;
  const { epoch, decidedMs } = head.value;
  const routes = countInPlace(outcome.steps);
  const foreign = countForeign(outcome.steps);
  const where = activeHost === undefined ? "nobody is available" : `${routes} routes at host ${activeHost.name}`;
  const others = foreign === 0 ? "" : `, ${foreign} that are not Pointsman's left alone`;
  return routesEvent(teller, nowMs, {
    kind: "swap-confirmed",
    severity: "info",
    message: `epoch ${epoch} verified ${nowMs - decidedMs} ms after the decision: ${where}${others}`,
    once: `swap-confirmed#${teller.locationId}#${epoch}`,
  });
}

/** One event for each kind of error, in an epoch and a stretch of time. */
export function failureEvents(
  teller: Teller,
  failures: readonly Failure[],
  next: Next,
  nowMs: number,
): readonly Event[] {
  const byCode = new Map<string, Failure[]>();
  for (const failure of failures) {
    const code = failure.error.code;
    byCode.set(code, [...(byCode.get(code) ?? []), failure]);
  }
  const when = next.kind === "tick" ? "tried again soon" : "tried again each minute";
  return [...byCode].map(([code, group]) => {
    const [first] = group;
    const more = group.length > 1 ? ` (and ${group.length - 1} more)` : "";
    return routesEvent(teller, nowMs, {
      kind: "swap-failed",
      severity: "error",
      message: `epoch ${teller.epoch}, ${code}: ${first?.error.message}${more}; ${first?.error.next}; ${when}`,
      once: `swap-failed#${teller.locationId}#${teller.epoch}#${code}#${retellBucket(nowMs)}`,
    });
  });
}
