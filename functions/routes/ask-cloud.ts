import { limits } from "../../shared/domain/limits.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Budget } from "./budget.ts";
import { cloudError } from "./cloud-errors.ts";
import type { Failure } from "./tries.ts";

export type Answer<T> =
  | { readonly kind: "answer"; readonly value: T }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "out-of-time" };

/** Asks a cloud for something that changes nothing: a few times while its errors say "soon" and time is left. */
export async function askCloud<T>(clock: Clock, budget: Budget, ask: () => Promise<T>): Promise<Answer<T>> {
  let answer: Answer<T> = { kind: "out-of-time" };
  for (let attempt = 0; attempt < limits.routeTries && budget.leftMs() > 0; attempt++) {
    try {
      return { kind: "answer", value: await ask() };
    } catch (error) {
      const failure = { error: cloudError(error), table: "", destination: "" };
      answer = { kind: "failed", failure };
      if (failure.error.retry !== "soon") break;
      const pauseMs = Math.min(limits.routeRetryMs * 2 ** attempt, limits.routeRetryMaxMs);
      await clock.sleep(Math.min(pauseMs, budget.leftMs()), budget.signal);
    }
  }
  return answer;
}
