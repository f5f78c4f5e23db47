import type * as z from "zod/mini";
import type { Cloud } from "../domain/clouds/cloud.ts";
import type { ExecutorRef } from "../domain/clouds/executors.ts";
import type { RouteError } from "../domain/errors.ts";
import type { TableRef } from "../domain/routes.ts";
import type { RouteProvider, TargetHost, TargetOutcome } from "../ports/route-provider.ts";
import { askExecutor, type CallParts, type Heard } from "./call.ts";
import { garbage } from "./errors.ts";
import { executorLimits } from "./limits.ts";
import { Answered } from "./messages.ts";
import type { Operation } from "./sign.ts";
import { errorIn, routesIn } from "./wire.ts";
import { writeRemotely } from "./write.ts";

/** One location, and who swaps its routes. */
export type RemotePlace = {
  readonly executors: readonly ExecutorRef[];
  /** The cloud's settings as an executor gets them: without its executors. */
  readonly cloud: Cloud;
  readonly locationId: string;
  /** Whether a table that an executor names can be one of the cloud that the location is in. */
  readonly isTable: (table: TableRef) => boolean;
  readonly tableOf?: NonNullable<RouteProvider["tableOf"]>;
};

/** `shunned`: until when executors that did not answer are asked after the others, by address; monotonic clock, ms. */
export type RemoteParts = CallParts & { readonly shunned: Map<string, number> };

/**
 * The routes of a location by way of executors inside its cloud. What changes nothing is asked of the next executor when one
 * is not heard; a write is not, as long as calls of the first may be under way.
 */
export function remoteProvider(parts: RemoteParts, place: RemotePlace): RouteProvider {
  const { cloud, locationId, tableOf } = place;
  const where = { cloud, locationId };
  return {
    survey: (signal) =>
      firstHeard(parts, place, "survey", where, Answered.survey, signal, ({ tables, routes }) => {
        const found =
          new Set(tables.map(({ key }) => key)).size === tables.length ? routesIn(routes, tables) : undefined;
        return found !== undefined && tables.every(place.isTable) ? { tables, routes: found } : undefined;
      }),
    ...(tableOf && { tableOf }),
    read: (tables, signal) =>
      firstHeard(parts, place, "read", { ...where, tables }, Answered.read, signal, ({ routes }) =>
        routesIn(routes, tables),
      ),
    targets: (hosts, signal) =>
      hosts.length === 0
        ? Promise.resolve([])
        : firstHeard(
            parts,
            place,
            "targets",
            { ...where, hosts: hosts.map(hostOut) },
            Answered.targets,
            signal,
            (found, { id }) => targetsIn(found, hosts, id),
          ),
    write: (changes, turn, signal) => writeRemotely(parts, place, changes, turn, signal),
  };
}

/** Executors in the order of the file, those last that did not answer just now. */
export function inOrder({ clock, shunned }: RemoteParts, executors: readonly ExecutorRef[]): readonly ExecutorRef[] {
  const nowMs = clock.monotonicMs();
  const isShunned = ({ url }: ExecutorRef): boolean => (shunned.get(url) ?? 0) > nowMs;
  return [...executors.filter((one) => !isShunned(one)), ...executors.filter(isShunned)];
}

/** Takes note of whether an executor did what it was asked for. */
export function note({ clock, shunned }: RemoteParts, { url }: ExecutorRef, isWell: boolean): void {
  if (isWell) shunned.delete(url);
  else shunned.set(url, clock.monotonicMs() + executorLimits.shunMs);
}

/** Asks one executor after the other until one is heard. Throws what the cloud answered, or what the last one failed with. */
async function firstHeard<S extends z.ZodMiniType, T>(
  parts: RemoteParts,
  place: RemotePlace,
  operation: Operation,
  message: object,
  schema: S,
  signal: AbortSignal,
  take: (value: z.output<S>, executor: ExecutorRef) => T | undefined,
): Promise<T> {
  let last: RouteError | undefined;
  for (const executor of inOrder(parts, place.executors)) {
    if (signal.aborted && last !== undefined) break;
    const ask = { operation, message, schema, waitMs: executorLimits.readWaitMs, signal };
    const unheard = place.executors.length > 1 ? await challengedFirst(parts, place, executor, signal) : undefined;
    const heard = unheard ?? (await askExecutor(parts, executor, ask));
    if (heard.kind === "failed") throw heard.error;
    const value = heard.kind === "done" ? take(heard.value, executor) : undefined;
    note(parts, executor, value !== undefined);
    if (value !== undefined) return value;
    last = heard.kind === "done" ? garbage(executor, "an answer to something else") : heard.error;
  }
  throw last ?? new Error("a location has at least one executor");
}

/** An executor that is gone shows so sooner by a small request; where there is another one to ask, that is worth one. */
async function challengedFirst(
  parts: RemoteParts,
  { cloud, locationId }: RemotePlace,
  executor: ExecutorRef,
  signal: AbortSignal,
): Promise<Exclude<Heard<never>, { readonly kind: "done" }> | undefined> {
  const { challengeMs: waitMs } = executorLimits;
  const message = { cloud, locationId };
  const heard = await askExecutor(parts, executor, {
    operation: "challenge",
    message,
    schema: Answered.challenge,
    waitMs,
    signal,
  });
  return heard.kind === "done" ? undefined : heard;
}

function hostOut({ hostId, target, localAddress }: TargetHost): TargetHost {
  return { hostId, target, localAddress };
}

/** Undefined when an answer is not for just the hosts that were asked for. */
function targetsIn(
  { outcomes }: z.output<typeof Answered.targets>,
  hosts: readonly TargetHost[],
  executorId: string,
): readonly TargetOutcome[] | undefined {
  const asked = new Set(hosts.map(({ hostId }) => hostId));
  const told = new Set(outcomes.map(({ hostId }) => hostId));
  if (told.size !== outcomes.length || told.size !== asked.size || [...told].some((id) => !asked.has(id)))
    return undefined;
  return outcomes.map((outcome): TargetOutcome => {
    const { hostId } = outcome;
    return "error" in outcome
      ? { hostId, result: "failed", error: errorIn(outcome.error, executorId) }
      : { hostId, result: "found", target: outcome.target };
  });
}
