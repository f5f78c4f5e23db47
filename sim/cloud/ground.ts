import type { Truth } from "../../dev/memory-cloud-truth.ts";
import { RouteError } from "../../shared/domain/errors.ts";
import type { Calls } from "./calls.ts";
import type { Fate, Wire } from "./wire.ts";

/** What all processes share of a memory cloud. */
export type Ground = {
  readonly truth: Truth;
  readonly wire: Wire;
  readonly calls: Calls;
  /** Takes a token of the bucket of a kind of call, or says that there is none. */
  readonly hasToken: (kind: string) => boolean;
};

/** The fate of a changing call that has got to the cloud, whose own limits count too. */
export async function arrival({ wire, hasToken }: Ground, kind: string, what: string): Promise<Fate> {
  const fate = await wire.there(what, true);
  return isCarriedOut(fate) && !hasToken(kind) ? { kind: "refused", how: "throttled" } : fate;
}

/** Whether a call with this fate has its effect. */
export function isCarriedOut(fate: Fate): boolean {
  return fate.kind === "fair" || fate.kind === "answer-lost";
}

/** An error of the cloud as an answer; what else was thrown is a bug. */
export function asAnswer(error: unknown): RouteError {
  if (error instanceof RouteError) return error;
  throw error;
}
