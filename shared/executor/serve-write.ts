import type * as z from "zod/mini";
import type { Clock } from "../ports/clock.ts";
import type { ChangeOutcome, RouteChange, RouteProvider } from "../ports/route-provider.ts";
import type { Challenges } from "./challenge.ts";
import { executorLimits } from "./limits.ts";
import type { Answered, Asked, Refusal, WireOutcome } from "./messages.ts";
import type { Run, Runs } from "./runs.ts";
import { changesIn, errorOut } from "./wire.ts";

/** What writes are carried out with. `renews`: whether other requests reach this process while one is under way. */
export type WriteParts = {
  readonly clock: Clock;
  readonly challenges: Challenges;
  readonly runs: Runs;
  readonly renews: boolean;
};

/** Why nothing was begun, with a challenge where a permit by that one would do. */
export type Refused = { readonly refused: Refusal; readonly about: string; readonly challenge?: string };

type Written = z.infer<typeof Answered.write>;
type Permitted = z.infer<typeof Answered.permit>;

/**
 * Writes changes for as long as the permit, and what renews it, lets calls begin. Every call that was begun is awaited;
 * what none was begun for is left, for a request under the next permit. Throws `RouteError` as the cloud's provider does.
 */
export async function serveWrite(
  parts: WriteParts,
  open: () => Promise<RouteProvider>,
  asked: z.infer<typeof Asked.write>,
): Promise<Written | Refused> {
  const { clock, challenges, runs } = parts;
  const changes = changesIn(asked.changes, asked.tables);
  if (changes === undefined) return { refused: "invalid", about: "changes: a table that is not in the list" };
  const isRunNew = runs.find(asked.run) === undefined;
  if (!isRunNew) return { refused: "invalid", about: "run: it is under way already" };
  const provider = await open();
  // Judged once the cloud can be called: to enter it takes time.
  const judged = challenges.judge(asked.challenge);
  if (judged.kind === "foreign") {
    const about = "the permit names a challenge of another process";
    return { refused: "permit-foreign", about, challenge: challenges.issue() };
  }
  if (clock.monotonicMs() > judged.untilMs) {
    return { refused: "permit-old", about: "the permit was too old when it came", challenge: challenges.issue() };
  }
  const run = runs.begin(asked.run, asked, asked.tables, judged.untilMs);
  if (run === undefined) return { refused: "busy", about: "too many writes are under way" };
  try {
    const outcomes = await writeAll(parts, provider, run, changes);
    return { outcomes, challenge: challenges.issue() };
  } finally {
    runs.end(asked.run);
  }
}

async function writeAll(
  { clock }: WriteParts,
  provider: RouteProvider,
  run: Run,
  changes: readonly RouteChange[],
): Promise<WireOutcome[]> {
  const over = new AbortController();
  const ended = new AbortController();
  void clock.sleep(executorLimits.writeMs, ended.signal).then(() => {
    if (!ended.signal.aborted) over.abort();
  });
  try {
    const { guard, epoch } = run;
    const outcomes = await provider.write(changes, { guard, epoch }, over.signal);
    const byChange = new Map(outcomes.map((outcome) => [outcome.change, outcome]));
    return changes.map((change) => outcomeOut(byChange.get(change), run, clock.nowMs()));
  } finally {
    ended.abort();
  }
}

/** A change without an outcome is told as one, so that nobody takes it for one that may be asked for again at once. */
function outcomeOut(outcome: ChangeOutcome | undefined, run: Run, nowMs: number): WireOutcome {
  if (outcome === undefined) return { result: "failed", error: unanswered };
  if (outcome.result === "written") return { result: "written", agoMs: Math.max(0, nowMs - outcome.landedMs) };
  return outcome.error === run.closed ? { result: "left" } : { result: "failed", error: errorOut(outcome.error) };
}

const unanswered = {
  code: "UNKNOWN",
  message: "the provider did not say what became of a change",
  next: "report this",
  retry: "later",
} as const;

/** Renews the permit of a write that is under way here, or says that it is not; and gives the next challenge. */
export function servePermit({ challenges, runs, renews }: WriteParts, asked: z.infer<typeof Asked.permit>): Permitted {
  const run = renews ? runs.find(asked.run) : undefined;
  const isHere = run !== undefined && run.locationId === asked.locationId && run.epoch === asked.epoch;
  if (isHere) {
    run.expect();
    const judged = asked.challenge === undefined ? undefined : challenges.judge(asked.challenge);
    if (judged?.kind === "ours") run.extend(judged.untilMs);
  }
  return { isHere, challenge: challenges.issue() };
}
