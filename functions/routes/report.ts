import { limits } from "../../shared/domain/limits.ts";
import { isWrite, type Step } from "../../shared/domain/plan-steps.ts";
import type { SwapReport } from "../../shared/domain/records.ts";
import type { JobResult } from "./carry-out.ts";
import type { Failure } from "./tries.ts";

/** What came of a run for a location. */
export type Outcome = Pick<JobResult, "end" | "steps" | "tally"> & {
  readonly failures: readonly Failure[];
  /** Everything that is ours is in place and was seen twice. */
  readonly isDone: boolean;
};

/** When and how a run's left-over work goes on. `reconcile`: with the minute's pass. */
export type Next =
  | { readonly kind: "none" }
  | { readonly kind: "continue" }
  | { readonly kind: "tick"; readonly dueMs: number }
  | { readonly kind: "reconcile"; readonly dueMs: number };

/** Routes that are ours and right. */
export function countInPlace(steps: readonly Step[]): number {
  return steps.filter(isInPlace).length;
}

function isInPlace(step: Step): boolean {
  return (step.kind === "unchanged" && step.reason === "in-place") || (step.kind === "settle" && step.to === "owned");
}

/** Routes that are desired and not ours to change. */
export function countForeign(steps: readonly Step[]): number {
  return steps.filter((step) => step.kind === "foreign" || step.kind === "conflict").length;
}

/**
 * What to do with the work that a run left: at once while it gets on, after a growing pause when something is wrong
 * that may pass, else with the reconcile. `attempts` counts runs in a row that left work, this one included; `round`
 * is the wake's. `nowMs`: wall clock, ms.
 */
export function nextAttempt(outcome: Outcome, attempts: number, round: number, nowMs: number): Next {
  if (outcome.isDone) return { kind: "none" };
  const mayChain = round + 1 < limits.swapRounds;
  if (mayChain && outcome.end === "out-of-time" && outcome.tally.written > 0) return { kind: "continue" };
  const backOffMs = limits.swapBackOffMs * 2 ** (attempts - 1);
  const isHopeless = outcome.failures.length > 0 && outcome.failures.every(({ error }) => error.retry === "never");
  if (mayChain && !isHopeless && backOffMs < limits.swapBackOffMaxMs) {
    return { kind: "tick", dueMs: nowMs + backOffMs };
  }
  return { kind: "reconcile", dueMs: nowMs + limits.sweepMs };
}

/** How many runs in a row have left work in this epoch, this one included; 0 when it left none. */
export function attemptsSoFar(previous: SwapReport | undefined, epoch: number, isDone: boolean): number {
  if (isDone) return 0;
  return (previous?.epoch === epoch ? previous.attempts : 0) + 1;
}

/** The report of an epoch's swap after another run, on top of the one before. */
export function nextReport(
  previous: SwapReport | undefined,
  epoch: number,
  outcome: Outcome,
  next: Next,
  nowMs: number,
): SwapReport {
  const before = previous?.epoch === epoch ? previous : undefined;
  const { steps, tally } = outcome;
  const firsts = [before?.firstWriteMs, tally.firstWriteMs].filter((ms) => ms !== undefined && ms !== null);
  return {
    epoch,
    atMs: nowMs,
    firstWriteMs: firsts.length === 0 ? null : Math.min(...firsts),
    verifiedMs: before?.verifiedMs ?? (outcome.isDone ? nowMs : null),
    written: (before?.written ?? 0) + tally.written,
    total: steps.filter((step) => isInPlace(step) || step.kind === "dead" || isWrite(step)).length,
    foreign: countForeign(steps),
    attempts: attemptsSoFar(previous, epoch, outcome.isDone),
    errors: [...outcome.failures.map(failureLine), ...conflictLines(steps)].slice(0, limits.reportErrors),
    retryAtMs: retryAtMs(next, nowMs),
  };
}

function retryAtMs(next: Next, nowMs: number): number | null {
  if (next.kind === "none") return null;
  return next.kind === "continue" ? nowMs : next.dueMs;
}

function failureLine({ error, table, destination }: Failure): SwapReport["errors"][number] {
  return { code: error.code, message: `${error.message}; ${error.next}`, table, destination };
}

/** Conflicts stand in the report for as long as they last, so that each is told when it begins and not again. */
export const conflictCode = "CONFLICT";

function conflictLines(steps: readonly Step[]): SwapReport["errors"] {
  return conflictsIn(steps).map((step) => ({
    code: conflictCode,
    message: `location ${step.entry?.locationId} owns it; let only one of the two reach this network, or use other tables`,
    table: step.table.key,
    destination: step.destination,
  }));
}

export function conflictsIn(steps: readonly Step[]): readonly Step[] {
  return steps.filter((step) => step.kind === "conflict");
}

/** Whether a report says anything that the one before did not. */
export function isNews(previous: SwapReport | undefined, next: SwapReport): boolean {
  if (previous === undefined || previous.epoch !== next.epoch) return true;
  const { atMs: _then, retryAtMs: oldRetry, ...before } = previous;
  const { atMs: _now, retryAtMs: newRetry, ...after } = next;
  return JSON.stringify(before) !== JSON.stringify(after) || (oldRetry === null) !== (newRetry === null);
}
