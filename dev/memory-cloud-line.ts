import type { RouteError } from "../shared/domain/errors.ts";
import { limits } from "../shared/domain/limits.ts";
import type { Clock } from "../shared/ports/clock.ts";
import type { CloudCall, CloudFaults } from "./memory-cloud.ts";
import { answer, type Line } from "./memory-cloud-call.ts";
import { makeChange, type Truth } from "./memory-cloud-truth.ts";

/** What the line of one process of the memory cloud is made of. */
export type LineParts = {
  readonly clock: Clock;
  readonly truth: Truth;
  readonly calls: CloudCall[];
  readonly faults: CloudFaults;
  readonly bucket: (() => boolean) | undefined;
  readonly by: string;
};

/** The line of a process called `by`: logs every call, and does to it what the faults say. */
export function faultyLine(parts: LineParts): Line {
  const { clock, truth, calls, faults } = parts;
  const begin = (what: Pick<CloudCall, "kind" | "table" | "destination" | "target">): CloudCall => {
    const sentMs = clock.monotonicMs();
    const call: CloudCall = { by: parts.by, ...what, sentMs, landedMs: undefined, result: undefined };
    calls.push(call);
    return call;
  };
  const end = (call: CloudCall, error: RouteError | undefined): void => {
    call.landedMs = clock.monotonicMs();
    call.result = error === undefined ? "ok" : error.code;
  };

  return {
    async ask(question, look, signal) {
      if (signal.aborted) throw answer("TIMED_OUT", `${question.kind} not begun before the run ended`, "soon");
      const call = begin({ ...question, destination: "", target: "" });
      await clock.sleep(Math.min(faults.landMs(call), limits.routeCallMs));
      const refused = faults.refuse(call);
      end(call, refused);
      if (refused !== undefined) throw refused;
      return look(faults.readLagMs(call));
    },
    async change(change) {
      const target = change.kind === "remove" ? "" : change.target;
      const { table, destination, kind } = change;
      const call = begin({ kind, table: table.id, destination, target });
      await faults.hold(call);
      const landMs = faults.landMs(call);
      const landing = clock.sleep(landMs).then(() => {
        const isThrottled = parts.bucket !== undefined && !parts.bucket();
        const refused = isThrottled ? answer("THROTTLED", "too many calls", "soon") : faults.refuse(call);
        const error = refused ?? makeChange(truth, change) ?? faults.answer(call);
        end(call, error);
        return error;
      });
      if (landMs <= limits.routeCallMs) return landing;
      await clock.sleep(limits.routeCallMs);
      return answer("TIMED_OUT", `no answer within ${limits.routeCallMs} ms`, "soon");
    },
  };
}
