import { RouteError } from "../shared/domain/errors.ts";
import { limits } from "../shared/domain/limits.ts";
import type { Cloud } from "../shared/domain/network.ts";
import type { RouteChange } from "../shared/domain/routes.ts";
import type { Clock } from "../shared/ports/clock.ts";
import type { ChangeOutcome, Guard, RouteProvider, TargetHost, TargetOutcome } from "../shared/ports/route-provider.ts";
import type { CloudCall, CloudFaults } from "./memory-cloud.ts";
import type { Truth } from "./memory-cloud-truth.ts";

type Parts = {
  readonly clock: Clock;
  readonly truth: Truth;
  readonly calls: CloudCall[];
  readonly faults: CloudFaults;
  readonly bucket: (() => boolean) | undefined;
  readonly parallel: number;
  readonly by: string;
  readonly cloud: Cloud;
};

/** The route provider port over the memory cloud, for one process and one location's tables. */
export function memoryProvider(parts: Parts): RouteProvider {
  const { truth, cloud } = parts;
  return {
    async tables() {
      await reading(parts, "tables", "");
      const found = [...truth.tablesOf(cloud)].sort((a, b) => (a.key < b.key ? -1 : 1));
      if (cloud.routeTables.by === "id" && found.length < cloud.routeTables.ids.length) {
        const missing = cloud.routeTables.ids.filter((id) => !found.some((table) => table.id === id));
        throw missingTable(missing.join(", "));
      }
      return found;
    },
    async read(tables) {
      const call = await reading(parts, "read", tables.map((table) => table.id).join(","));
      const lagMs = parts.faults.readLagMs(call);
      return tables.flatMap((table) => (truth.hasTable(table.id) ? truth.routes(table.id, lagMs) : []));
    },
    async targets(hosts) {
      await reading(parts, "targets", "");
      return hosts.map((host) => resolve(truth, host));
    },
    async write(changes, guard, signal) {
      const outcomes: ChangeOutcome[] = [];
      const waiting = [...changes];
      const work = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          outcomes.push(await attempt(parts, next, guard, signal));
        }
      };
      await Promise.all(Array.from({ length: parts.parallel }, work));
      return outcomes;
    },
  };
}

async function reading(parts: Parts, kind: CloudCall["kind"], table: string): Promise<CloudCall> {
  const call = begin(parts, { kind, table, destination: "", target: "" });
  await parts.clock.sleep(Math.min(parts.faults.landMs(call), limits.routeCallMs));
  const refused = parts.faults.refuse(call);
  end(parts, call, refused);
  if (refused !== undefined) throw refused;
  return call;
}

function begin(parts: Parts, what: Pick<CloudCall, "kind" | "table" | "destination" | "target">): CloudCall {
  const call: CloudCall = {
    by: parts.by,
    ...what,
    sentMs: parts.clock.monotonicMs(),
    landedMs: undefined,
    result: undefined,
  };
  parts.calls.push(call);
  return call;
}

function end(parts: Parts, call: CloudCall, error: RouteError | undefined): void {
  call.landedMs = parts.clock.monotonicMs();
  call.result = error === undefined ? "ok" : error.code;
}

async function attempt(parts: Parts, change: RouteChange, guard: Guard, signal: AbortSignal): Promise<ChangeOutcome> {
  if (signal.aborted) return failed(change, new RouteError("TIMED_OUT", "no time left", soon));
  try {
    await guard();
  } catch (error) {
    if (error instanceof RouteError) return failed(change, error);
    throw error;
  }
  const target = change.kind === "remove" ? "" : change.target;
  const { table, destination, kind } = change;
  const call: CloudCall = begin(parts, { kind, table: table.id, destination, target });
  await parts.faults.hold(call);
  const landMs = parts.faults.landMs(call);
  const landing = parts.clock.sleep(landMs).then(() => land(parts, change, call));
  if (landMs > limits.routeCallMs) {
    await parts.clock.sleep(limits.routeCallMs);
    return failed(change, new RouteError("TIMED_OUT", `memory: no answer within ${limits.routeCallMs} ms`, soon));
  }
  const error = await landing;
  return error === undefined ? { change, result: "written", landedMs: parts.clock.nowMs() } : failed(change, error);
}

function land(parts: Parts, change: RouteChange, call: CloudCall): RouteError | undefined {
  const isThrottled = parts.bucket !== undefined && !parts.bucket();
  const refused = isThrottled
    ? new RouteError("THROTTLED", "memory: too many calls", soon)
    : (parts.faults.refuse(call) ?? refusal(parts.truth, change));
  if (refused === undefined) take(parts.truth, change);
  const error = refused ?? parts.faults.answer(call);
  end(parts, call, error);
  return error;
}

function refusal(truth: Truth, change: RouteChange): RouteError | undefined {
  const { table, destination } = change;
  if (!truth.hasTable(table.id)) return missingTable(table.id);
  const stands = truth.target(table.id, destination) !== undefined;
  if (change.kind === "create" && stands) return answer("ROUTE_EXISTS", `${destination} exists in ${table.id}`);
  if (change.kind !== "create" && !stands) return answer("ROUTE_MISSING", `no ${destination} in ${table.id}`);
  if (change.kind === "remove") return undefined;
  return truth.interfaces().some((one) => one.id === change.target)
    ? undefined
    : answer("TARGET_MISSING", `no interface ${change.target}`);
}

function take(truth: Truth, change: RouteChange): void {
  if (change.kind === "remove") truth.remove(change.table.id, change.destination);
  else truth.put(change.table.id, change.destination, change.target, true);
}

function resolve(truth: Truth, host: TargetHost): TargetOutcome {
  const found = truth
    .interfaces()
    .filter((one) =>
      host.target === "auto" ? one.hostId === host.hostId && one.address === host.localAddress : one.id === host.target,
    );
  const [only] = found;
  if (only !== undefined && found.length === 1) return { hostId: host.hostId, result: "found", target: only.id };
  const code = found.length > 1 ? "TARGET_AMBIGUOUS" : "TARGET_MISSING";
  const error = answer(code, `${found.length} interfaces for ${host.target} of ${host.hostId}`);
  return { hostId: host.hostId, result: "failed", error };
}

const soon = { retry: "soon", next: "try again" } as const;

function answer(code: RouteError["code"], message: string): RouteError {
  return new RouteError(code, `memory: ${message}`, { retry: "later", next: "put the missing thing in place" });
}

function missingTable(ids: string): RouteError {
  return answer("TABLE_MISSING", `no route table ${ids}`);
}

function failed(change: RouteChange, error: RouteError): ChangeOutcome {
  return { change, result: "failed", error };
}
