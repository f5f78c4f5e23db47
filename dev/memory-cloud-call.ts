import { RouteError } from "../shared/domain/errors.ts";
import type { Cloud } from "../shared/domain/network.ts";
import type { Clock } from "../shared/ports/clock.ts";
import type { CloudCall, CloudFaults } from "./memory-cloud.ts";
import type { Truth } from "./memory-cloud-truth.ts";

/** What a provider of the memory cloud is made of. */
export type Parts = {
  readonly clock: Clock;
  readonly truth: Truth;
  readonly calls: CloudCall[];
  readonly faults: CloudFaults;
  readonly bucket: (() => boolean) | undefined;
  readonly parallel: number;
  readonly by: string;
  readonly cloud: Cloud;
};

/** Notes a call that is being sent. */
export function begin(parts: Parts, what: Pick<CloudCall, "kind" | "table" | "destination" | "target">): CloudCall {
  const sentMs = parts.clock.monotonicMs();
  const call: CloudCall = { by: parts.by, ...what, sentMs, landedMs: undefined, result: undefined };
  parts.calls.push(call);
  return call;
}

/** Notes how a call ended. */
export function end(parts: Parts, call: CloudCall, error: RouteError | undefined): void {
  call.landedMs = parts.clock.monotonicMs();
  call.result = error === undefined ? "ok" : error.code;
}

/** An error of the memory cloud. */
export function answer(code: RouteError["code"], message: string, retry: RouteError["retry"] = "later"): RouteError {
  return new RouteError(code, `memory: ${message}`, { retry, next: "put the missing thing in place" });
}
