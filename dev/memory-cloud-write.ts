import { RouteError } from "../shared/domain/errors.ts";
import type { RouteChange } from "../shared/domain/routes.ts";
import type { ChangeOutcome, Guard } from "../shared/ports/route-provider.ts";
import { answer, type Parts } from "./memory-cloud-call.ts";

/** Pause before a throttled call is made again. ms */
export const throttledMs = 200;

/** One run of `write`: once its guard has refused a call, none is begun. */
export type Writing = {
  /** Whether a call may begin now; asks the guard. */
  mayBegin(): Promise<boolean>;
  /** How a change fails that no call was begun for. `throttled`: the answer to its last call, if there was one. */
  notBegun(change: RouteChange, throttled: RouteError | undefined): ChangeOutcome;
};

export function beginWriting(guard: Guard, signal: AbortSignal): Writing {
  let refusal: RouteError | undefined;
  const ask = async (): Promise<void> => {
    try {
      await guard();
    } catch (error) {
      const next = "see the cause";
      const unknown = () =>
        new RouteError("UNKNOWN", "memory: the guard failed", { cause: error, retry: "soon", next });
      refusal ??= error instanceof RouteError ? error : unknown();
    }
  };
  return {
    async mayBegin() {
      if (refusal === undefined && !signal.aborted) await ask();
      return refusal === undefined && !signal.aborted;
    },
    notBegun(change, throttled) {
      const error = refusal ?? throttled ?? answer("TIMED_OUT", "not begun before the run ended", "soon");
      return failed(change, error);
    },
  };
}

/**
 * Writes changes in their order, `parallel` of them at once. A throttled call is made again, with its own guard, until
 * the signal aborts; once the guard has refused a call none is begun.
 */
export async function writeAll(
  parts: Parts,
  changes: readonly RouteChange[],
  guard: Guard,
  signal: AbortSignal,
): Promise<readonly ChangeOutcome[]> {
  const writing = beginWriting(guard, signal);
  const outcomes: ChangeOutcome[] = [];
  const waiting = changes.entries();
  const work = async (): Promise<void> => {
    for (const [at, change] of waiting) outcomes[at] = await writeOne(parts, writing, change, signal);
  };
  await Promise.all(Array.from({ length: Math.min(parts.parallel, changes.length) }, work));
  return outcomes;
}

async function writeOne(
  { clock, line }: Parts,
  writing: Writing,
  change: RouteChange,
  signal: AbortSignal,
): Promise<ChangeOutcome> {
  let throttled: RouteError | undefined;
  for (;;) {
    if (!(await writing.mayBegin())) return writing.notBegun(change, throttled);
    const error = await line.change(change);
    if (error === undefined) return { change, result: "written", landedMs: clock.nowMs() };
    if (error.code !== "THROTTLED") return failed(change, error);
    throttled = error;
    await clock.sleep(throttledMs, signal);
  }
}

/** The outcome of a change that was not made, as far as anybody knows. */
export function failed(change: RouteChange, error: RouteError): ChangeOutcome {
  return { change, result: "failed", error };
}
