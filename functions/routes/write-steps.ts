import { RouteError } from "../../shared/domain/errors.ts";
import { claimBefore, settleAfter } from "../../shared/domain/ledger-moves.ts";
import { limits } from "../../shared/domain/limits.ts";
import { changeOf, type WriteStep } from "../../shared/domain/plan-steps.ts";
import { routeKey } from "../../shared/domain/routes.ts";
import { inParallel } from "../../shared/platform/parallel.ts";
import type { ChangeOutcome } from "../../shared/ports/route-provider.ts";
import { cloudError } from "./cloud-errors.ts";
import { type Job, writerOf } from "./job.ts";
import { removedEvent, repairEvents } from "./story.ts";

/** What was written in a run so far. `firstWriteMs`: wall clock of the first answer, ms. */
export type Tally = { written: number; firstWriteMs: number | undefined };

/**
 * Carries out steps that change routes: replaces what is ours while claims for the rest go into the ledger, creates,
 * and removes last. Each that was written is settled in the ledger; what failed is noted in the job's tries.
 */
export async function writeSteps(job: Job, steps: readonly WriteStep[], tally: Tally): Promise<void> {
  if (!(await job.fence.take())) return;
  const removals = steps.filter((step) => step.kind === "remove");
  const changes = steps.filter((step) => step.kind !== "remove");
  const unclaimed = changes.filter((step) => claimBefore(step, writerOf(job)) !== undefined);
  const claimed = changes.filter((step) => !unclaimed.includes(step));
  await Promise.all([job.beforeWriting(), tellRepairs(job, steps)]);
  const [claims] = await Promise.all([claim(job, unclaimed), apply(job, claimed, tally)]);
  await apply(job, claims, tally);
  await apply(job, removals, tally);
}

async function tellRepairs(job: Job, steps: readonly WriteStep[]): Promise<void> {
  const isSurprise = (step: WriteStep): boolean => job.believeMs !== undefined || job.tries.wasPlaced(step);
  const repairs = steps.filter(
    (step) =>
      ((step.reason === "stale" || step.reason === "drift") && isSurprise(step)) ||
      (step.reason === "reclaimed" && wasMoved(step)),
  );
  const events = repairEvents(job.teller, job.deps.clock.nowMs(), repairs, job.staleCause);
  await Promise.all(events.map((event) => job.deps.store.tell(event)));
}

/** Whether an orphan points elsewhere than it did when it was listed. */
function wasMoved({ entry, found }: WriteStep): boolean {
  return entry?.state === "orphan" && entry.seen !== "" && found !== undefined && entry.seen !== found.target;
}

/** Steps whose claim went into the ledger, with the new entry. The others are judged again after the next read. */
async function claim(job: Job, steps: readonly WriteStep[]): Promise<readonly WriteStep[]> {
  const claims = await inParallel(steps, limits.parallelLedger, async (step) => {
    const move = claimBefore(step, writerOf(job));
    const isDone = await job.book.move(step, move);
    return isDone && move?.kind === "put" ? { ...step, entry: move.entry } : undefined;
  });
  return claims.filter((step) => step !== undefined);
}

async function apply(job: Job, steps: readonly WriteStep[], tally: Tally): Promise<void> {
  if (steps.length === 0 || job.budget.leftMs() <= 0 || job.fence.lost() !== undefined) return;
  const waiting = new Map(steps.map((step) => [routeKey(step.table.key, step.destination), step]));
  const written: WriteStep[] = [];
  for (const outcome of await send(job, steps)) {
    const key = routeKey(outcome.change.table.key, outcome.change.destination);
    const step = waiting.get(key);
    if (step === undefined) continue;
    waiting.delete(key);
    if (outcome.result === "failed") {
      if (!isLeftOver(job, outcome.error)) job.tries.failed(step, outcome.error, job.deps.clock.monotonicMs());
      continue;
    }
    written.push(step);
    job.tries.written(step, job.deps.clock.monotonicMs());
    tally.written += 1;
    tally.firstWriteMs = Math.min(tally.firstWriteMs ?? outcome.landedMs, outcome.landedMs);
  }
  for (const step of waiting.values()) job.tries.failed(step, unanswered(), job.deps.clock.monotonicMs());
  await settleWritten(job, written);
}

/**
 * Puts into the ledger what was written. Not when a newer epoch has taken over meanwhile: what the calls did is then
 * a late write to that one, which it finds and undoes.
 */
async function settleWritten(job: Job, written: readonly WriteStep[]): Promise<void> {
  const moves = written.filter((step) => settleAfter(step, writerOf(job)) !== undefined);
  if (moves.length === 0 || !(await job.fence.stands())) return;
  await inParallel(moves, limits.parallelLedger, async (step) => {
    if (step.kind === "remove") await job.deps.store.tell(removedEvent(job.teller, job.deps.clock.nowMs(), step));
    await job.book.move(step, settleAfter(step, writerOf(job)));
  });
}

async function send(job: Job, steps: readonly WriteStep[]): Promise<readonly ChangeOutcome[]> {
  const changes = steps.map(changeOf);
  try {
    return await job.provider.write(changes, { guard: job.fence.guard, epoch: job.writer.epoch }, job.budget.signal);
  } catch (error) {
    const translated = cloudError(error);
    return changes.map((change) => ({ change, result: "failed", error: translated }));
  }
}

/** What was not begun because the time of the run is over is no failure of the cloud's. */
function isLeftOver(job: Job, error: RouteError): boolean {
  return job.budget.signal.aborted && (error.code === "SUPERSEDED" || error.code === "TIMED_OUT");
}

function unanswered(): RouteError {
  const next = "report this: the provider did not say what became of a change";
  return new RouteError("UNKNOWN", "no outcome for a change", { retry: "later", next });
}
