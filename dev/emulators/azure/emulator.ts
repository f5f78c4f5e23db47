import type { Clock } from "../../../shared/ports/clock.ts";
import { tokenBuckets } from "../common/buckets.ts";
import { type Fault, fairConditions, latencyMs, nextFault } from "../common/faults.ts";
import { history } from "../common/history.ts";
import type { HttpAnswer, HttpRequest } from "../common/http-server.ts";
import { keep } from "../common/keep.ts";
import { seededRandom } from "../common/random.ts";
import { AZURE_BUCKETS } from "./buckets.ts";
import { subjectOf } from "./change-route.ts";
import { type Control, control, fairSettings, type Settings } from "./control.ts";
import { ApiError, badToken, denied, errorBody, internalError, noToken, throttled } from "./errors.ts";
import { operations } from "./operations.ts";
import { type Asked, asked } from "./paths.ts";
import { type LoggedCall, type RouteMoment, routeMoments } from "./record.ts";
import { type Result, type Runtime, run } from "./run.ts";
import { addWorld, emptyState, worldOf } from "./state.ts";
import { World, type WorldSeed } from "./world.ts";

export type AzureEmulator = {
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

type Inside = Runtime & {
  readonly clock: Clock;
  readonly takeToken: ReturnType<typeof tokenBuckets>;
  readonly calls: LoggedCall[];
  readonly actions: Set<string>;
  readonly moments: RouteMoment[];
};

/** Azure Resource Manager, as far as it serves Microsoft.Network's routes, in memory. `seed` makes latency and read lag repeatable. */
export function createAzureEmulator(options: { clock: Clock; seed?: number; world?: WorldSeed }): AzureEmulator {
  const { clock } = options;
  let states = history(clock, emptyState);
  const moments: RouteMoment[] = [];
  const inside: Inside = {
    clock,
    random: seededRandom(options.seed ?? 1),
    conditions: fairConditions(),
    settings: fairSettings(),
    operations: operations(clock),
    takeToken: tokenBuckets(clock),
    calls: [],
    actions: new Set(),
    moments,
    current: () => states.current(),
    past: (lagMs) => states.past(lagMs),
    edit(change) {
      const before = states.current();
      const after = change(before);
      keep(moments, ...routeMoments(before, after, clock.nowMs()));
      states.put(after);
    },
  };
  const seed = (world: WorldSeed) => inside.edit((state) => addWorld(state, World.parse(world)));
  if (options.world !== undefined) seed(options.world);
  return {
    handle: (request) => answer(inside, request),
    control: control(inside),
    seed,
    dump: () => structuredClone(worldOf(states.current())),
    restore(world) {
      states = history(clock, emptyState);
      moments.length = 0;
      seed(world);
    },
  };
}

async function answer(inside: Inside, request: HttpRequest): Promise<HttpAnswer | "dropped"> {
  try {
    const result = await served(inside, request);
    return result === "dropped" ? result : { status: result.status, headers: headersOf(result), body: bodyOf(result) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { status, retryAfterS } = error;
    const headers = { ...json, ...(retryAfterS !== undefined && { "retry-after": String(retryAfterS) }) };
    return { status, headers, body: JSON.stringify(errorBody(error)) };
  }
}

const json = { "content-type": "application/json; charset=utf-8" };
const headersOf = ({ body, headers = {} }: Result) => (body === undefined ? headers : { ...json, ...headers });
const bodyOf = ({ body }: Result) => (body === undefined ? "" : JSON.stringify(body));

async function served(inside: Inside, request: HttpRequest): Promise<Result | "dropped"> {
  const arrivedMs = inside.clock.nowMs();
  checkToken(inside.settings, request.headers["authorization"]);
  const at = asked(request.method, request.path);
  inside.actions.add(at.action);
  const origin = `${request.headers["x-forwarded-proto"] ?? "http"}://${request.headers["host"] ?? "arm"}`;
  const subject = at.isChange ? subjectOf(inside.current(), at, request.body) : null;
  const fault = isThrottled(inside, request.method, at) ? throttle : nextFault(inside.conditions, at.action, subject);

  const takesMs = latencyMs(inside.conditions, at.action, inside.random);
  await pause(inside, takesMs / 2 + (fault?.kind === "stall" ? fault.ms : 0));
  const outcome = attempt(inside, at, request, origin, fault);
  const landedMs = outcome.landed ? inside.clock.nowMs() : null;
  await pause(inside, takesMs / 2);
  if (subject !== null) {
    const { action, subscription } = at;
    const answeredMs = inside.clock.nowMs();
    keep(inside.calls, { ...subject, action, subscription, arrivedMs, landedMs, answeredMs, answer: outcome.label });
  }
  if (outcome.result instanceof ApiError) throw outcome.result;
  return outcome.result;
}

const throttle: Fault = { kind: "throttle" };

function checkToken({ tokens }: Settings, authorization = ""): void {
  const [, token] = /^Bearer (.+)$/.exec(authorization) ?? [];
  if (token === undefined) throw noToken();
  if (tokens !== null && !tokens.has(token)) throw badToken();
}

function isThrottled({ conditions, takeToken }: Inside, method: string, at: Asked): boolean {
  if (!conditions.throttling) return false;
  const bucket = method === "PUT" || method === "DELETE" ? AZURE_BUCKETS[method] : AZURE_BUCKETS.GET;
  if (!takeToken(`${method}/${at.subscription}`, bucket)) return true;
  return at.isChange && !takeToken(`network/${at.subscription}`, AZURE_BUCKETS.network);
}

type Outcome = { readonly result: Result | ApiError | "dropped"; readonly landed: boolean; readonly label: string };

/** Carries a call out as far as its fault lets it. */
function attempt(inside: Inside, at: Asked, request: HttpRequest, origin: string, fault: Fault | null): Outcome {
  const isLost = (fault?.kind === "drop" || fault?.kind === "internal-error") && fault.written !== true;
  try {
    if (!isLost) throwFault(fault, at);
    const result = isLost ? undefined : run(inside, at, request, origin);
    const landed = result !== undefined && at.isChange;
    if (fault?.kind === "drop") return { result: "dropped", landed, label: "dropped" };
    if (result === undefined || fault?.kind === "internal-error") {
      return { result: internalError(), landed, label: "InternalServerError" };
    }
    return { result, landed, label: "accepted" };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { result: fault?.kind === "drop" ? "dropped" : error, landed: false, label: error.code };
  }
}

function throwFault(fault: Fault | null, at: Asked): void {
  if (fault?.kind === "throttle") throw throttled();
  if (fault?.kind === "deny") throw denied(at.action, at.path);
  if (fault?.kind === "error") throw new ApiError(fault.status ?? 400, fault.code, fault.message);
}

async function pause({ clock }: Inside, ms: number): Promise<void> {
  if (ms > 0) await clock.sleep(ms);
}
