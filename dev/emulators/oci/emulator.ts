import type { Clock } from "../../../shared/ports/clock.ts";
import { type BucketSize, tokenBuckets } from "../common/buckets.ts";
import { type Conditions, type Fault, fairConditions, latencyMs, nextFault, type Subject } from "../common/faults.ts";
import { type History, history } from "../common/history.ts";
import type { HttpAnswer, HttpRequest } from "../common/http-server.ts";
import { keep } from "../common/keep.ts";
import { seededRandom } from "../common/random.ts";
import { type Control, control } from "./control.ts";
import { ApiError, internalError, invalid, notFound, throttled } from "./errors.ts";
import { OCI_OPERATIONS, type Operation, type Request, type Result } from "./operations.ts";
import { type LoggedCall, type RouteMoment, routeMoments } from "./record.ts";
import { callerOf } from "./signature.ts";
import { emptyState, type MakeEtag, type State, withWorld, worldOf } from "./state.ts";
import { World, type WorldSeed } from "./world.ts";

/**
 * Oracle publishes no rates of the networking API, only that it answers 429: these are assumed, for each caller and
 * operation.
 */
export const OCI_BUCKETS = {
  read: { size: 100, perSecond: 50 },
  change: { size: 20, perSecond: 10 },
} as const;

export type OciEmulator = {
  /** Answers one request; `dropped` when the connection is to be closed without an answer. */
  handle(request: HttpRequest): Promise<HttpAnswer | "dropped">;
  readonly control: Control;
  /** Adds to the world. */
  seed(world: WorldSeed): void;
  /** The whole world as plain JSON. */
  dump(): World;
  /** Replaces the world, as by one that was dumped. */
  restore(world: WorldSeed): void;
};

type Inside = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly conditions: Conditions;
  readonly takeToken: (key: string, size: BucketSize) => boolean;
  readonly calls: LoggedCall[];
  readonly operations: Map<string, number>;
  readonly moments: RouteMoment[];
  readonly etag: MakeEtag;
  states: History<State>;
  put(state: State): void;
};

/** OCI's networking API in memory. `seed` makes latency, read lag and etags repeatable. */
export function createOciEmulator(options: { clock: Clock; seed?: number; world?: WorldSeed }): OciEmulator {
  const { clock } = options;
  const random = seededRandom(options.seed ?? 1);
  let etags = 0;
  const inside: Inside = {
    clock,
    random,
    conditions: fairConditions(),
    takeToken: tokenBuckets(clock),
    calls: [],
    operations: new Map(),
    moments: [],
    etag: () => `e${(etags++).toString(16).padStart(8, "0")}`,
    states: history(clock, emptyState),
    put(state) {
      keep(inside.moments, ...routeMoments(inside.states.current(), state, clock.nowMs()));
      inside.states.put(state);
    },
  };
  const seed = (world: WorldSeed) => inside.put(withWorld(inside.states.current(), World.parse(world), inside.etag));
  if (options.world !== undefined) seed(options.world);
  let requests = 0;
  return {
    handle(request) {
      requests++;
      return handle(inside, request, requests.toString(16).toUpperCase().padStart(32, "0"));
    },
    control: control({
      ...inside,
      monotonicMs: () => clock.monotonicMs(),
      current: () => inside.states.current(),
      put: inside.put,
    }),
    seed,
    dump: () => structuredClone(worldOf(inside.states.current())),
    restore(world) {
      inside.states = history(clock, emptyState);
      inside.moments.length = 0;
      seed(world);
    },
  };
}

async function handle(inside: Inside, request: HttpRequest, requestId: string): Promise<HttpAnswer | "dropped"> {
  const headers = { "content-type": "application/json", "opc-request-id": requestId };
  try {
    const caller = callerOf(request, inside.states.current().apiKeys);
    const { name, operation, asked } = understand(inside, request);
    const result = await carryOut(inside, caller, name, operation, asked);
    if (result === "dropped") return result;
    const { etag, nextPage } = result;
    const more = { ...(etag !== undefined && { etag }), ...(nextPage !== undefined && { "opc-next-page": nextPage }) };
    return { status: 200, headers: { ...headers, ...more }, body: JSON.stringify(result.body) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { status: error.status, headers, body: JSON.stringify({ code: error.code, message: error.message }) };
  }
}

const NAMES: Readonly<Record<string, string>> = {
  routeTables: "RouteTable",
  privateIps: "PrivateIp",
  vnics: "Vnic",
  subnets: "Subnet",
  securityLists: "SecurityList",
  networkSecurityGroups: "NetworkSecurityGroup",
  vcns: "Vcn",
};

/** What an operation is called. Throws `ApiError` for a path that none has. */
function nameOf(method: string, pathname: string): { readonly name: string; readonly id: string } {
  const [, version, kind = "", id = "", ...rest] = pathname.split("/").map(decodeURIComponent);
  const noun = NAMES[kind];
  if (version !== "20160918" || noun === undefined) throw notFound();
  if (rest.join("/") === "actions/detach" && kind === "privateIps" && method === "POST") {
    return { name: "PrivateIpVnicDetach", id };
  }
  if (rest.join("/") === "securityRules" && kind === "networkSecurityGroups" && method === "GET") {
    return { name: "ListNetworkSecurityGroupSecurityRules", id };
  }
  if (rest.length > 0) throw notFound();
  if (method !== "GET" && method !== "PUT")
    throw new ApiError(405, "MethodNotAllowed", `${method} is not allowed here`);
  if (id === "") return { name: `List${noun}s`, id };
  return { name: `${method === "PUT" ? "Update" : "Get"}${noun}`, id };
}

/** Which operation a request is for. Throws `ApiError` for what none takes. */
function understand(inside: Inside, { method, path, headers, body }: HttpRequest) {
  const url = new URL(path, "http://oci.test");
  const { name, id } = nameOf(method, url.pathname);
  const operation = OCI_OPERATIONS[name];
  if (operation === undefined) {
    throw new ApiError(405, "MethodNotAllowed", `${method} is not allowed here`);
  }
  const query = new Map(url.searchParams);
  const allowed = operation.kind === "read" ? operation.query : [];
  const unknown = [...query.keys()].find((parameter) => !allowed.includes(parameter));
  if (unknown !== undefined) throw invalid(`Unknown query parameter ${unknown}`);
  const asked: Request = {
    id,
    query,
    ifMatch: headers["if-match"],
    body: operation.kind === "change" && operation.body.length > 0 ? bodyOf(body, operation.body) : {},
    monotonicMs: inside.clock.monotonicMs(),
  };
  return { name, operation, asked };
}

function bodyOf(text: string, allowed: readonly string[]): Readonly<Record<string, unknown>> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new ApiError(400, "CannotParseRequest", "Incorrectly formatted request");
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw invalid("the body must be an object");
  const unknown = Object.keys(body).find((field) => !allowed.includes(field));
  if (unknown !== undefined) throw invalid(`Unrecognized field ${unknown}`);
  return { ...body };
}

async function carryOut(
  inside: Inside,
  caller: string,
  name: string,
  operation: Operation,
  asked: Request,
): Promise<Result | "dropped"> {
  const arrivedMs = inside.clock.nowMs();
  inside.operations.set(name, (inside.operations.get(name) ?? 0) + 1);
  const subject = operation.kind === "change" ? operation.subject(inside.states.current(), asked) : null;
  const about: Subject = subject ?? { table: asked.id, destination: "", target: null };
  const fault = nextFault(inside.conditions, name, about);
  const isFull = !inside.conditions.throttling || inside.takeToken(`${caller}/${name}`, OCI_BUCKETS[operation.kind]);
  const takesMs = latencyMs(inside.conditions, name, inside.random);
  await pause(inside, takesMs / 2 + (fault?.kind === "stall" ? fault.ms : 0));
  const outcome = attempt(inside, operation, asked, isFull ? fault : { kind: "throttle" });
  const landedMs = outcome.landed ? inside.clock.nowMs() : null;
  await pause(inside, takesMs / 2);
  if (subject !== null) {
    const answeredMs = inside.clock.nowMs();
    keep(inside.calls, { ...subject, operation: name, arrivedMs, landedMs, answeredMs, answer: outcome.label });
  }
  if (outcome.result instanceof ApiError) throw outcome.result;
  return outcome.result;
}

type Outcome = { readonly result: Result | ApiError | "dropped"; readonly landed: boolean; readonly label: string };

/** Carries a call out as far as its fault lets it. */
function attempt(inside: Inside, operation: Operation, asked: Request, fault: Fault | null): Outcome {
  const isLost = (fault?.kind === "drop" || fault?.kind === "internal-error") && fault.written !== true;
  try {
    if (!isLost) throwFault(fault);
    const result: Result = isLost ? { body: {} } : run(inside, operation, asked);
    const landed = !isLost && operation.kind === "change";
    if (fault?.kind === "drop") return { result: "dropped", landed, label: "dropped" };
    if (fault?.kind === "internal-error") return { result: internalError(), landed, label: "InternalServerError" };
    return { result, landed, label: "written" };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { result: fault?.kind === "drop" ? "dropped" : error, landed: false, label: error.code };
  }
}

function run(inside: Inside, operation: Operation, asked: Request): Result {
  if (operation.kind === "read") {
    return operation.run(inside.states.past(inside.conditions.readLagMs * inside.random()), asked);
  }
  const now = { ...asked, monotonicMs: inside.clock.monotonicMs() };
  const { state, result } = operation.run(inside.states.current(), now, inside.etag);
  inside.put(state);
  return result;
}

function throwFault(fault: Fault | null): void {
  if (fault?.kind === "throttle") throw throttled();
  if (fault?.kind === "deny") throw notFound();
  if (fault?.kind === "error") throw new ApiError(fault.status ?? 400, fault.code, fault.message);
}

async function pause(inside: Inside, ms: number): Promise<void> {
  if (ms > 0) await inside.clock.sleep(ms);
}
