import { setMaxListeners } from "node:events";
import type { RouteError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { Guard } from "../../ports/route-provider.ts";
import { graceAfter } from "../common/grace.ts";
import { refusalOf } from "../common/write-run.ts";
import type { HetznerClient } from "./client.ts";
import { type Call, routeError } from "./errors.ts";
import type { Waits } from "./waits.ts";

/** What the changes of one `write` share. */
export type Run = {
  readonly client: HetznerClient;
  readonly waits: Waits;
  /** Aborts when the caller's signal does, or when the guard has refused a call: no change is begun after that. */
  readonly signal: AbortSignal;
  /**
   * Aborts `limits.hetznerFinishMs` after `signal`. Until then what was begun is finished: an action is waited
   * for, and a route that was deleted to be replaced is replaced or put back.
   */
  readonly finishing: AbortSignal;
  /** Asks whether a call may start; its refusal as a `RouteError`, undefined when it may. */
  ask(call: Call): Promise<RouteError | undefined>;
  /** Why no more changes are begun. */
  over(call: Call): RouteError;
  close(): void;
};

export function openRun(client: HetznerClient, waits: Waits, guard: Guard, signal: AbortSignal): Run {
  const refused = new AbortController();
  const ended = AbortSignal.any([signal, refused.signal]);
  setMaxListeners(0, ended);
  const grace = graceAfter(client.clock, ended, limits.hetznerFinishMs);
  let refusal: RouteError | undefined;
  return {
    client,
    waits,
    signal: ended,
    finishing: grace.signal,
    async ask(call) {
      try {
        await guard();
        return undefined;
      } catch (error) {
        refusal ??= refusalOf(error, `hetzner: ${call.action} for ${call.about}`);
        refused.abort();
        return refusal;
      }
    },
    over: (call) => refusal ?? routeError("TIMED_OUT", call, "not begun before the run ended"),
    close: grace.close,
  };
}
