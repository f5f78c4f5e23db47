import type { ExecutorRef } from "../domain/clouds/executors.ts";
import { RouteError } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";
import type { ChangeOutcome, RouteChange, Turn } from "../ports/route-provider.ts";
import { askExecutor, type Heard } from "./call.ts";
import { garbage, notBegun, tooSlow, unknownOutcome } from "./errors.ts";
import { executorLimits } from "./limits.ts";
import { Answered, type WireOutcome } from "./messages.ts";
import { inOrder, note, type RemoteParts, type RemotePlace } from "./remote.ts";
import { renewWhile } from "./renew.ts";
import { changesOut, errorIn } from "./wire.ts";

/**
 * A challenge and when it was here, by the monotonic clock: it was issued before that, so what was read of the store since is
 * younger than the challenge.
 */
export type Held = {
  readonly executor: ExecutorRef;
  readonly challenge: string;
  readonly heldMs: number;
  readonly renews: boolean;
};

type Written = Heard<{ readonly outcomes: readonly WireOutcome[]; readonly challenge: string }>;

/**
 * Writes changes by way of one executor. Each request is a permit: it names a challenge of the executor's, and the guard was
 * asked after that had come, so the executor begins calls only while what the guard read is at most `limits.fenceMs` old,
 * by one clock, the executor's own. One outcome a change, in their order.
 */
export async function writeRemotely(
  parts: RemoteParts,
  place: RemotePlace,
  changes: readonly RouteChange[],
  turn: Turn,
  signal: AbortSignal,
): Promise<readonly ChangeOutcome[]> {
  const outcomes = new Map<RouteChange, ChangeOutcome>();
  const waiting = (): readonly RouteChange[] => changes.filter((change) => !outcomes.has(change));
  const failAll = (list: readonly RouteChange[], error: RouteError): void => {
    for (const change of list) outcomes.set(change, { change, result: "failed", error });
  };
  let held: Held | undefined;
  let refused: RouteError | undefined;
  for (let idle = 0; waiting().length > 0 && !signal.aborted; ) {
    const next = await permitted(parts, place, held, turn, signal);
    if (next instanceof RouteError) failAll(waiting(), next);
    if (next instanceof RouteError || signal.aborted) break;
    held = undefined;
    const before = waiting().length;
    // What would be too old when it comes is not sent.
    if (leftMs(parts, next) >= executorLimits.permitLeastMs) {
      const batch = waiting().slice(0, executorLimits.changes);
      const { heard, lastMs } = await send(parts, place, next, batch, turn, signal);
      if (heard.kind === "unheard") {
        note(parts, next.executor, false);
        await callsEnded(parts, lastMs);
        failAll(batch, unknownOutcome(next.executor, heard.error));
        break;
      }
      refused = heard.kind === "refused" ? heard.error : undefined;
      if (heard.kind === "failed") failAll(batch, heard.error);
      if (heard.kind === "done") take(parts, next.executor, batch, heard.value.outcomes, outcomes);
      held = heldAfter(parts, next, heard);
    }
    idle = waiting().length < before ? 0 : idle + 1;
    if (idle >= executorLimits.idlePermits) failAll(waiting(), refused ?? tooSlow(next.executor));
    if (idle < 2) continue;
    // A challenge that waits out a pause is older than it need be.
    held = undefined;
    await parts.clock.sleep(executorLimits.idlePauseMs * 2 ** idle, signal);
  }
  failAll(waiting(), notBegun());
  return changes.flatMap((change) => outcomes.get(change) ?? []);
}

/** The challenge that came with an answer. An executor that refused and gave none is asked after the others. */
function heldAfter(parts: RemoteParts, held: Held, heard: Written): Held | undefined {
  const given = heard.kind === "done" ? heard.value.challenge : heard.kind === "refused" ? heard.challenge : undefined;
  if (heard.kind === "refused" && given === undefined) note(parts, held.executor, false);
  return given === undefined ? undefined : { ...held, challenge: given, heldMs: parts.clock.monotonicMs() };
}

function leftMs({ clock }: RemoteParts, { heldMs }: Held): number {
  return heldMs + executorLimits.permitMs - clock.monotonicMs();
}

/** A challenge with the guard's consent, read after it had come; or why there is none. */
async function permitted(
  parts: RemoteParts,
  place: RemotePlace,
  before: Held | undefined,
  { guard }: Turn,
  signal: AbortSignal,
): Promise<Held | RouteError> {
  try {
    const held = before ?? (await challengeOf(parts, place, signal));
    await guard(held.heldMs);
    return held;
  } catch (error) {
    if (error instanceof RouteError) return error;
    const next = "see the cause; it is tried again";
    return new RouteError("UNKNOWN", "whether a write may begin could not be told", {
      cause: error,
      retry: "soon",
      next,
    });
  }
}

/** A challenge of the first executor that gives one. Nothing was begun at those that do not. Throws `RouteError`. */
async function challengeOf(parts: RemoteParts, place: RemotePlace, signal: AbortSignal): Promise<Held> {
  const { cloud, locationId } = place;
  const message = { cloud, locationId };
  const { challengeMs: waitMs } = executorLimits;
  let last: RouteError = notBegun();
  for (const executor of inOrder(parts, place.executors)) {
    const ask = { operation: "challenge", message, schema: Answered.challenge, waitMs, signal } as const;
    const heard = await askExecutor(parts, executor, ask);
    note(parts, executor, heard.kind === "done" || heard.kind === "failed");
    if (heard.kind === "done") return { executor, ...heard.value, heldMs: parts.clock.monotonicMs() };
    last = heard.error;
    if (signal.aborted) break;
  }
  throw last;
}

/** One write, its permit renewed while it is under way. `lastMs`: when the challenge of the last permit was here. */
async function send(
  parts: RemoteParts,
  place: RemotePlace,
  held: Held,
  batch: readonly RouteChange[],
  turn: Turn,
  signal: AbortSignal,
): Promise<{ readonly heard: Written; readonly lastMs: number }> {
  const { cloud, locationId } = place;
  const run = Buffer.from(parts.random.bytes(12)).toString("base64url");
  const { epoch } = turn;
  const message = { run, cloud, locationId, epoch, challenge: held.challenge, ...changesOut(batch) };
  const answered = new AbortController();
  const patience = patienceAfter(parts, signal, answered.signal);
  const writing = askExecutor(parts, held.executor, {
    operation: "write",
    message,
    schema: Answered.write,
    waitMs: executorLimits.writeWaitMs,
    signal: patience,
  });
  const ended = writing.finally(() => answered.abort());
  const renewing = held.renews
    ? renewWhile(parts, held, { run, locationId, epoch }, turn.guard, AbortSignal.any([signal, answered.signal]))
    : Promise.resolve(held.heldMs);
  const [heard, lastMs] = await Promise.all([ended, renewing]);
  return { heard, lastMs };
}

/** Calls that were begun are awaited: an answer is, for as long as they may take, after the run has ended. */
function patienceAfter({ clock }: RemoteParts, signal: AbortSignal, answered: AbortSignal): AbortSignal {
  const over = new AbortController();
  const onAbort = (): void => {
    void clock.sleep(executorLimits.permitMs + limits.routeCallMs, answered).then(() => over.abort());
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  answered.addEventListener("abort", () => signal.removeEventListener("abort", onAbort), { once: true });
  return over.signal;
}

/**
 * Resolves when the calls of an executor that is not heard have ended: it begins none once its last permit has run out, and
 * gives each up after `limits.routeCallMs`.
 */
async function callsEnded({ clock }: RemoteParts, lastMs: number): Promise<void> {
  await clock.sleep(Math.max(0, lastMs + executorLimits.permitMs + limits.routeCallMs - clock.monotonicMs()));
}

/** Takes what became of each change; an answer of another length is believed in no part. */
function take(
  { clock }: RemoteParts,
  executor: ExecutorRef,
  batch: readonly RouteChange[],
  told: readonly WireOutcome[],
  outcomes: Map<RouteChange, ChangeOutcome>,
): void {
  const isFit = told.length === batch.length;
  for (const [at, change] of batch.entries()) {
    const one = told[at];
    if (!isFit || one === undefined) {
      const error = unknownOutcome(executor, garbage(executor, "outcomes of other changes"));
      outcomes.set(change, { change, result: "failed", error });
    } else if (one.result === "written") {
      outcomes.set(change, { change, result: "written", landedMs: clock.nowMs() - one.agoMs });
    } else if (one.result === "failed") {
      outcomes.set(change, { change, result: "failed", error: errorIn(one.error, executor.id) });
    }
  }
}
