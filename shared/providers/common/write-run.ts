import { setMaxListeners } from "node:events";
import { RouteError, type RouteErrorCode } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { ChangeOutcome, Guard, RouteChange } from "../../ports/route-provider.ts";
import type { Pace } from "./pace.ts";

/** What the changes of one `write` share. `C`: what an error tells of a call. */
export type WriteRun<C> = {
  /** Aborts when the caller's signal does, or when the guard has refused a call. */
  readonly signal: AbortSignal;
  /**
   * Makes one changing call, when its lane has a turn and the guard lets it through. A throttled call changed nothing,
   * so it waits for its turn again, with its guard, until the signal aborts. Throws `RouteError`: the refusal of the
   * guard, TIMED_OUT when the run ended before the call was begun, or whatever came of the call.
   */
  call<T>(lane: string, call: C, send: () => Promise<T>): Promise<T>;
  /** The outcome of a change: written, or failed as `work` throws. `work` makes its calls through `call`. */
  outcome(change: RouteChange, work: () => Promise<void>): Promise<ChangeOutcome>;
};

export type WriteRunParts<C> = {
  readonly cloud: string;
  readonly pace: Pace;
  readonly guard: Guard;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  readonly routeError: (code: RouteErrorCode, call: C, message: string) => RouteError;
  /** What was about to be called, in words. */
  readonly textOf: (call: C) => string;
};

export function writeRun<C>(parts: WriteRunParts<C>): WriteRun<C> {
  const { cloud, pace, routeError, textOf } = parts;
  const refused = new AbortController();
  let refusal: RouteError | null = null;
  const signal = AbortSignal.any([parts.signal, refused.signal]);
  // Every call that is under way listens: many at once are meant.
  setMaxListeners(0, signal);

  const ask = async (call: C): Promise<void> => {
    try {
      await parts.guard();
    } catch (error) {
      refusal ??= refusalOf(error, `${cloud}: ${textOf(call)}`);
      refused.abort();
    }
  };

  return {
    signal,
    async call(lane, call, send) {
      let throttled: RouteError | null = null;
      for (;;) {
        if (await pace.turn(lane, signal)) await ask(call);
        if (signal.aborted) {
          throw refusal ?? throttled ?? routeError("TIMED_OUT", call, "not begun before the run ended");
        }
        try {
          return await send();
        } catch (error) {
          if (!(error instanceof RouteError) || error.code !== "THROTTLED") throw error;
          throttled = error;
          pace.exhausted(lane);
        }
      }
    },
    async outcome(change, work) {
      try {
        await work();
        return { change, result: "written", landedMs: parts.nowMs() };
      } catch (error) {
        return { change, result: "failed", error: error instanceof RouteError ? error : surpriseOf(error, change) };
      }
    },
  };
}

/** What no provider foresaw. An outcome like any other, since the other changes of the run go on meanwhile. */
function surpriseOf(error: unknown, { kind, destination, table }: RouteChange): RouteError {
  const message = `${kind} of ${destination} in ${table.id}: whether it was done could not be told`;
  return new RouteError("UNKNOWN", message, { cause: error, retry: "soon", next: "see the cause; it is tried again" });
}

/** Why a guard let a call not through: without an answer of its own nothing may be written either. `text`: the call. */
export function refusalOf(error: unknown, text: string): RouteError {
  if (error instanceof RouteError) return error;
  const message = `${text} was not begun: whether it may be could not be told`;
  return new RouteError("UNKNOWN", message, { cause: error, retry: "soon", next: "see the cause; it is tried again" });
}

/**
 * Whether a change is planned for a route that was read in place, since reads may be old: it is written all the same, as
 * far as that leaves no gap.
 */
export function isAnew(change: RouteChange): boolean {
  return change.kind === "replace" && change.found === change.target;
}

/** What does not stand as it is to stand comes before what only may not. */
export function urgentFirst(changes: readonly RouteChange[]): readonly RouteChange[] {
  return [...changes.filter((change) => !isAnew(change)), ...changes.filter(isAnew)];
}

/** Works off a list, at most `atOnce` of it at once. */
export async function inLane<Item>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<void>,
  atOnce: number = limits.routeCallsAtOnce,
): Promise<void> {
  const rest = [...items];
  const next = rest.values();
  const run = async (): Promise<void> => {
    for (const item of next) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, rest.length) }, run));
}
