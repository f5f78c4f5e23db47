import { RouteError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { type Action, ActionAnswer } from "./answers.ts";
import { actionError, type Call, routeError, TokenRefused, translate } from "./errors.ts";
import type { Run } from "./run.ts";

/** A route as a call names it. */
export type Entry = { readonly network: string; readonly destination: string; readonly gateway: string };

/**
 * What came of a call. `effect`: whether it can have changed anything. A call that was refused changed nothing; one
 * whose answer was lost, or whose action ended in an error, may have.
 */
export type Done =
  | { readonly isDone: true }
  | { readonly isDone: false; readonly effect: "none" | "unknown"; readonly error: RouteError };

export type ActOptions = {
  readonly action: "add_route" | "delete_route";
  readonly entry: Entry;
  /** No attempt is begun after this has aborted. */
  readonly until: AbortSignal;
  /** Whether the guard is asked before every attempt; not for what only puts back what this run took away. */
  readonly isGuarded: boolean;
  /** Requests that must be left before it begins. */
  readonly calls: number;
  /** First pause before it is attempted again while the network is busy. ms */
  readonly busyMs: number;
};

/**
 * Adds or deletes one route and waits until that is done. What was throttled, or refused because the network was busy
 * or the token replaced, changed nothing and is attempted again, with the guard; nothing else is.
 */
export async function act(run: Run, options: ActOptions): Promise<Done> {
  const { action, entry, until } = options;
  const { client } = run;
  const call = callOf(run, action, entry);
  const path = `/networks/${encodeURIComponent(entry.network)}/actions/${action}`;
  const body = { destination: entry.destination, gateway: entry.gateway };
  let last: RouteError | undefined;
  let isRenewed = false;
  for (let { busyMs: pauseMs } = options; ; ) {
    await client.allowance.has(options.calls, until);
    // To fetch the token after the guard has been asked would make its answer old.
    await client.entered(until);
    const refusal = until.aborted ? undefined : options.isGuarded ? await run.ask(call) : undefined;
    if (refusal !== undefined || until.aborted) return nothing(refusal ?? last ?? run.over(call));
    const begun = await begin(run, call, path, body);
    if ("action" in begun) return ended(run, call, begun.action);
    const { error } = begun;
    if (error.code === "LOCKED" || error.code === "THROTTLED") {
      await client.clock.sleep(pauseMs, until);
      pauseMs = Math.min(pauseMs * 1.5, limits.hetznerPollMaxMs);
    } else if (error instanceof TokenRefused && !isRenewed) {
      isRenewed = true;
      client.renew();
    } else {
      return { isDone: false, effect: changedNothing(error) ? "none" : "unknown", error };
    }
    last = error;
  }
}

export function callOf({ client }: Run, action: string, { network, destination }: Omit<Entry, "gateway">): Call {
  return { action, about: `${destination} in network ${network}`, secret: client.secret };
}

const nothing = (error: RouteError): Done => ({ isDone: false, effect: "none", error });

async function begin(run: Run, call: Call, path: string, body: object) {
  try {
    return await run.client.post(call, path, body, ActionAnswer);
  } catch (error) {
    return { error: translate(error, call) };
  }
}

/** Refusals that the API gives before it begins anything. */
function changedNothing({ code }: RouteError): boolean {
  return ["DENIED", "TABLE_MISSING", "QUOTA", "INVALID", "ROUTE_EXISTS"].includes(code);
}

/** Waits for the end of an action that was accepted, and looks at how it ended. */
async function ended(run: Run, call: Call, begun: Action): Promise<Done> {
  try {
    const { status, error } = await waitFor(run, begun);
    if (status === "success") return { isDone: true };
    const ending =
      status === "error" ? actionError(call, error) : routeError("TIMED_OUT", call, "accepted, but not done in time");
    return { isDone: false, effect: "unknown", error: ending };
  } catch (error) {
    return { isDone: false, effect: "unknown", error: translate(error, call) };
  }
}

/** An action when it is over, or as it stood when there was no more time. Throws `RouteError` when it cannot be read. */
export async function waitFor(run: Run, begun: Action): Promise<Action> {
  const { client, finishing, waits } = run;
  const { clock } = client;
  const startMs = clock.monotonicMs();
  let seen = begun;
  let runningMs = 0;
  const call = { action: "GET /actions/{id}", about: `action ${begun.id}`, secret: client.secret };
  for (let looks = 0; seen.status === "running" && !finishing.aborted; looks++) {
    await clock.sleep(waits.pauseMs(looks), finishing);
    if (!(await client.allowance.has(1, finishing))) break;
    const lookMs = clock.monotonicMs() - startMs;
    try {
      seen = (await client.get(call, `/actions/${begun.id}`, ActionAnswer, finishing)).action;
    } catch (error) {
      if (error instanceof RouteError && error.code === "THROTTLED") continue;
      throw error;
    }
    if (seen.status === "success") waits.learn(runningMs, lookMs);
    runningMs = lookMs;
  }
  return seen;
}
