import { answer } from "../../dev/memory-cloud-call.ts";
import { RouteError } from "../../shared/domain/errors.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Fate } from "./wire.ts";

/** Waits for an answer as long as one call may take by the caller's clock. Rejects with TIMED_OUT after that. */
export async function withinCallTime<T>(clock: Clock, what: string, trip: Promise<T>): Promise<T> {
  const over = new AbortController();
  const tooLong = clock.sleep(limits.routeCallMs, over.signal).then(() => {
    throw answer("TIMED_OUT", `${what}: no answer within ${limits.routeCallMs} ms`, "soon");
  });
  try {
    return await Promise.race([trip, tooLong]);
  } finally {
    over.abort();
  }
}

/** The error that a fate is answered with, if it is. */
export function errorOf(fate: Fate, what: string): RouteError | undefined {
  switch (fate.kind) {
    case "fair":
      return undefined;
    case "lost":
      return answer("TIMED_OUT", `${what}: lost`, "soon");
    case "answer-lost":
      return fate.how === "fault"
        ? answer("CLOUD_FAULT", `${what}: internal error`, "soon")
        : answer("TIMED_OUT", `${what}: connection closed`, "soon");
    case "refused":
      return refusalError(fate.how, what);
    default:
      return fate satisfies never;
  }
}

function refusalError(how: Extract<Fate, { kind: "refused" }>["how"], what: string): RouteError {
  switch (how) {
    case "throttled":
      return answer("THROTTLED", `${what}: too many calls`, "soon");
    case "fault":
      return answer("CLOUD_FAULT", `${what}: internal error`, "soon");
    case "unreachable":
      return answer("UNREACHABLE", `${what}: connection refused`, "soon");
    case "denied":
      return new RouteError("DENIED", `memory: ${what}: not allowed`, { retry: "later", next: "allow it" });
    default:
      return how satisfies never;
  }
}
