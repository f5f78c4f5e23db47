import { RouteError } from "../shared/domain/errors.ts";
import { limits } from "../shared/domain/limits.ts";
import type { RouteChange } from "../shared/domain/routes.ts";
import type { ChangeOutcome, Guard } from "../shared/ports/route-provider.ts";
import type { CloudCall } from "./memory-cloud.ts";
import { answer, begin, end, type Parts } from "./memory-cloud-call.ts";

/** Pause before a throttled call is made again. ms */
const throttledMs = 200;

type Writing = {
  readonly parts: Parts;
  readonly guard: Guard;
  readonly signal: AbortSignal;
  refusal: RouteError | undefined;
};

/**
 * Writes changes in their order, `parallel` of them at once. A throttled call is made again, with its own guard, until
 * the signal aborts; once the guard has refused a call none is begun.
 */
export async function writeAll(
  parts: Parts,
  changes: readonly RouteChange[],
  guard: Guard,
  signal: AbortSignal,
): Promise<readonly ChangeOutcome[]> {
  const writing: Writing = { parts, guard, signal, refusal: undefined };
  const outcomes: ChangeOutcome[] = [];
  const waiting = [...changes.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, change] = next;
      outcomes[at] = await writeOne(writing, change);
    }
  };
  await Promise.all(Array.from({ length: parts.parallel }, work));
  return outcomes;
}

async function writeOne(writing: Writing, change: RouteChange): Promise<ChangeOutcome> {
  const { parts, signal } = writing;
  let throttled: RouteError | undefined;
  for (;;) {
    if (writing.refusal === undefined && !signal.aborted) await ask(writing);
    if (writing.refusal !== undefined) return failed(change, writing.refusal);
    if (signal.aborted)
      return failed(change, throttled ?? answer("TIMED_OUT", "not begun before the run ended", "soon"));
    const outcome = await attempt(parts, change);
    if (outcome.result === "written" || outcome.error.code !== "THROTTLED") return outcome;
    throttled = outcome.error;
    await parts.clock.sleep(throttledMs, signal);
  }
}

async function ask(writing: Writing): Promise<void> {
  try {
    await writing.guard();
  } catch (error) {
    const next = "see the cause";
    const unknown = () => new RouteError("UNKNOWN", "memory: the guard failed", { cause: error, retry: "soon", next });
    writing.refusal ??= error instanceof RouteError ? error : unknown();
  }
}

async function attempt(parts: Parts, change: RouteChange): Promise<ChangeOutcome> {
  const target = change.kind === "remove" ? "" : change.target;
  const { table, destination, kind } = change;
  const call = begin(parts, { kind, table: table.id, destination, target });
  await parts.faults.hold(call);
  const landMs = parts.faults.landMs(call);
  const landing = parts.clock.sleep(landMs).then(() => land(parts, change, call));
  if (landMs > limits.routeCallMs) {
    await parts.clock.sleep(limits.routeCallMs);
    return failed(change, answer("TIMED_OUT", `no answer within ${limits.routeCallMs} ms`, "soon"));
  }
  const error = await landing;
  return error === undefined ? { change, result: "written", landedMs: parts.clock.nowMs() } : failed(change, error);
}

function land(parts: Parts, change: RouteChange, call: CloudCall): RouteError | undefined {
  const isThrottled = parts.bucket !== undefined && !parts.bucket();
  const refused = isThrottled
    ? answer("THROTTLED", "too many calls", "soon")
    : (parts.faults.refuse(call) ?? refusalOf(parts, change));
  if (refused === undefined) take(parts, change);
  const error = refused ?? parts.faults.answer(call);
  end(parts, call, error);
  return error;
}

function refusalOf({ truth }: Parts, change: RouteChange): RouteError | undefined {
  const { table, destination } = change;
  if (!truth.hasTable(table.id)) return answer("TABLE_MISSING", `no route table ${table.id}`);
  const stands = truth.target(table.id, destination) !== undefined;
  if (change.kind === "create" && stands) return answer("ROUTE_EXISTS", `${destination} exists in ${table.id}`, "soon");
  if (change.kind !== "create" && !stands) return answer("ROUTE_MISSING", `no ${destination} in ${table.id}`, "soon");
  if (change.kind === "remove") return undefined;
  return truth.interfaces().some((one) => one.id === change.target)
    ? undefined
    : answer("TARGET_MISSING", `no interface ${change.target}`);
}

function take({ truth }: Parts, change: RouteChange): void {
  if (change.kind === "remove") truth.remove(change.table.id, change.destination);
  else truth.put(change.table.id, change.destination, change.target, true);
}

function failed(change: RouteChange, error: RouteError): ChangeOutcome {
  return { change, result: "failed", error };
}
