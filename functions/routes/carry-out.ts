import { noteOf } from "../../shared/domain/ledger-moves.ts";
import { limits } from "../../shared/domain/limits.ts";
import { isWrite, type Step, type WriteStep } from "../../shared/domain/plan-steps.ts";
import { inParallel } from "../../shared/platform/parallel.ts";
import { type Answer, askCloud } from "./ask-cloud.ts";
import { type Job, writerOf } from "./job.ts";
import { noteEvent } from "./story.ts";
import type { Failure } from "./tries.ts";
import { type Tally, writeSteps } from "./write-steps.ts";

/** A plan made from one read of the routes. `readMs`: monotonic clock before that read, ms. */
export type Look = { readonly steps: readonly Step[]; readonly readMs: number };

/**
 * How far a job came. `verified`: two equal reads in a row show everything in place that can be put in place, and the
 * ledger says so; `failures` then name what cannot. `quiet`: the first read showed nothing to do where nothing was
 * expected. `stopped`: the fence was lost. `out-of-time`: work is left that may go on.
 */
export type JobResult = {
  readonly end: "verified" | "quiet" | "stopped" | "out-of-time";
  readonly steps: readonly Step[];
  readonly failures: readonly Failure[];
  readonly tally: Tally;
};

function lookAgain(job: Job): Promise<Answer<Look>> {
  return askCloud(job.deps.clock, job.budget, async () => {
    const readMs = job.deps.clock.monotonicMs();
    const routes = await job.provider.read(job.tables, job.budget.signal);
    return { steps: job.plan(routes, job.book.entries()), readMs };
  });
}

function failureOf(answer: Answer<Look>): readonly Failure[] {
  return answer.kind === "failed" ? [answer.failure] : [];
}

/**
 * Plans, writes and reads back, beginning with a look that was had already if there is one, until two equal reads in a row show the plan carried out, or the time is over, or the fence
 * is lost. Depends on nothing but what it reads: it can be broken off anywhere and begun again. Throws
 * `DatabaseError`; errors of the cloud are in the result.
 */
export async function carryOut(job: Job, first?: Look): Promise<JobResult> {
  const { clock } = job.deps;
  const tally: Tally = { written: 0, firstWriteMs: undefined };
  const begun = first === undefined ? await lookAgain(job) : ({ kind: "answer", value: first } as const);
  if (begun.kind !== "answer") return { end: "out-of-time", steps: [], failures: failureOf(begun), tally };
  const firstPauseMs = job.believeMs ?? limits.readBackMs;
  let pauseMs = firstPauseMs;
  let previous: Look | undefined;
  let now: Look = begun.value;
  const result = (end: JobResult["end"], more: readonly Failure[] = []): JobResult => {
    const failures = [...more, ...job.tries.failuresOf(now.steps.filter(isWrite))];
    return { end, steps: now.steps, failures, tally };
  };

  if (job.believeMs !== undefined && isQuiet(job, now)) return result("quiet");
  for (;;) {
    job.tries.looked(now.steps);
    const due = dueSteps(job, now, previous);
    if (due.length > 0) {
      await writeSteps(job, due, tally);
      previous = undefined;
      pauseMs = limits.readBackMs;
    } else {
      const isOpen = now.steps.filter(isWrite).some(job.tries.isOpen);
      const isYoung = clock.monotonicMs() - now.readMs <= limits.routeEvidenceMs;
      const isSettled = !now.steps.some((step) => isUnsettled(job, step) || hearsay(job, step));
      if (!isOpen && isYoung && isSettled && previous !== undefined && printOf(previous.steps) === printOf(now.steps)) {
        if (await noteAll(job, now.steps)) return result("verified");
      }
      previous = now;
      await rest(job, Math.min(pauseMs, job.budget.leftMs()));
      pauseMs = Math.min(pauseMs * 2, Math.max(limits.readBackMaxMs, firstPauseMs));
    }
    if (job.fence.lost() !== undefined) return result("stopped");
    const next = await lookAgain(job);
    if (next.kind !== "answer") return result("out-of-time", failureOf(next));
    now = next.value;
  }
}

/**
 * A pause that gives way to a newer decision: its message waits behind this run, and its routes cannot wait until what
 * this one looks at has settled.
 */
async function rest(job: Job, ms: number): Promise<void> {
  const { clock } = job.deps;
  const untilMs = clock.monotonicMs() + ms;
  for (let leftMs = ms; leftMs > 0; leftMs = untilMs - clock.monotonicMs()) {
    await clock.sleep(Math.min(leftMs, limits.giveWayMs), job.budget.signal);
    if (job.budget.signal.aborted || (await job.fence.isSuperseded())) return;
  }
}

/** Nothing to write, nothing to note, and everything carries traffic. */
function isQuiet(job: Job, now: Look): boolean {
  const writer = writerOf(job);
  return now.steps.every((step) => !isWrite(step) && step.kind !== "dead" && noteOf(step, writer) === undefined);
}

/**
 * Steps that may be written now. Putting a route where it belongs cannot wait while routes are being moved; a removal,
 * and a surprise, is believed only when the read before showed the same.
 */
function dueSteps(job: Job, now: Look, previous: Look | undefined): readonly WriteStep[] {
  if (job.budget.leftMs() <= 0) return [];
  const before = new Set(previous?.steps.map(print));
  const nowMs = job.deps.clock.monotonicMs();
  const steps = now.steps.map((step) => hearsay(job, step) ?? step);
  return steps.filter(isWrite).filter((step) => {
    const isSurprise = job.believeMs !== undefined && (step.reason === "stale" || step.reason === "drift");
    const isBelieved = before.has(print(step)) || !(isSurprise || step.kind === "remove");
    return isBelieved && job.tries.isDue(step, nowMs);
  });
}

/**
 * Whether a step would give up what became ours so lately that reads may still show what stood there before; or takes
 * for somebody's, or for gone, what an older epoch, or this run, may just have removed or be putting back. Equal reads
 * do not help: two in a row may be as old.
 */
function isUnsettled({ deps: { clock }, fence, tries }: Job, step: Step): boolean {
  const { kind, entry } = step;
  const nowMs = clock.monotonicMs();
  const isEarly = nowMs < fence.settlesMs();
  if (kind === "foreign" && (isEarly || tries.isSettling(step, nowMs))) return true;
  const givesUp = kind === "foreign" || ("to" in step && step.to === "forgotten");
  return givesUp && entry?.state === "owned" && (isEarly || clock.nowMs() - entry.atMs < limits.routeSettleMs);
}

/**
 * A route that is in place only by reads which may be older than what another epoch, or the location that left it as an
 * orphan, wrote just before: where a location goes back to a host at once, they show it there still. To write it is the
 * one way to know. Not where this run has.
 */
function hearsay(job: Job, { table, destination, found, entry, ...step }: Step): WriteStep | undefined {
  const isStanding = step.reason === "in-place" || (step.kind === "settle" && step.to === "owned");
  if (!isStanding || found === undefined) return undefined;
  const { clock } = job.deps;
  const isOrphan = entry?.state === "orphan";
  const isYoungOrphan = isOrphan && clock.nowMs() - entry.atMs < limits.routeSettleMs;
  if (!isYoungOrphan && clock.monotonicMs() >= job.fence.settlesMs()) return undefined;
  const place = { table, destination, found, entry };
  const reason = isOrphan ? "reclaimed" : "stale";
  const write: WriteStep = { ...place, kind: "replace", target: found.target, reason };
  return job.tries.wasWritten(write) ? undefined : write;
}

/** Puts into the ledger what was seen twice; false when some of it has to be judged again, or may not be written. */
async function noteAll(job: Job, steps: readonly Step[]): Promise<boolean> {
  const writer = writerOf(job);
  const notes = steps.filter((step) => noteOf(step, writer) !== undefined);
  if (notes.length === 0) return true;
  if (!(await job.fence.stands())) return false;
  const done = await inParallel(notes, limits.parallelLedger, async (step) => {
    const event = noteEvent(job.teller, writer.atMs, step);
    if (event !== undefined) await job.deps.store.tell(event);
    return job.book.move(step, noteOf(step, writer));
  });
  return !done.includes(false);
}

function printOf(steps: readonly Step[]): string {
  return steps.map(print).join("\n");
}

function print(step: Step): string {
  const { table, destination, kind, reason, found } = step;
  return [table.key, destination, kind, reason, found?.target, found?.state].join(" ");
}
