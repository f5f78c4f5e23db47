import type { AwsCloud } from "../shared/domain/clouds/aws.ts";
import { RouteError } from "../shared/domain/errors.ts";
import type { RouteChange } from "../shared/domain/routes.ts";
import type { Clock } from "../shared/ports/clock.ts";
import type { Truth } from "./memory-cloud-truth.ts";

/** A call that only reads: what for, and about which tables. */
export type Question = { readonly kind: "survey" | "read" | "targets"; readonly table: string };

/** How the calls of one process reach the cloud: where they take time, get lost and are refused. */
export type Line = {
  /** `look` shows the state of so many ms ago. Rejects with a `RouteError`. */
  ask<T>(question: Question, look: (lagMs: number) => T, signal: AbortSignal): Promise<T>;
  /** One attempt of one change: undefined when the answer is that it was made. */
  change(change: RouteChange): Promise<RouteError | undefined>;
};

/** What a provider of the memory cloud is made of. */
export type Parts = {
  readonly clock: Clock;
  readonly truth: Truth;
  readonly line: Line;
  /** Changing calls of one `write` that are under way at once. */
  readonly parallel: number;
  readonly cloud: AwsCloud;
};

/** An error of the memory cloud. */
export function answer(code: RouteError["code"], message: string, retry: RouteError["retry"] = "later"): RouteError {
  return new RouteError(code, `memory: ${message}`, { retry, next: "put the missing thing in place" });
}
