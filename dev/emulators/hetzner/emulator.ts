import type { Clock } from "../../../shared/ports/clock.ts";
import { type Conditions, type Fault, fairConditions, latencyMs, nextFault, type Subject } from "../common/faults.ts";
import type { HttpAnswer, HttpRequest } from "../common/http-server.ts";
import { keep } from "../common/keep.ts";
import { seededRandom } from "../common/random.ts";
import { type Actions, actions } from "./actions.ts";
import { changeRoute } from "./change-route.ts";
import { type ActionConditions, type Control, control, fairActions } from "./control.ts";
import { ApiError, apiError } from "./errors.ts";
import { type Project, project } from "./project.ts";
import { type RateLimit, rateLimit } from "./rate-limit.ts";
import { readAnswer } from "./read.ts";
import type { LoggedCall, LoggedRequest } from "./record.ts";
import { type Operation, operationOf } from "./requests.ts";
import { readRoute } from "./routes.ts";
import type { World, WorldSeed } from "./world.ts";

export type HetznerEmulator = {
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

/** What the handlers of operations work on. */
export type Inside = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly conditions: Conditions;
  readonly actionConditions: ActionConditions;
  readonly project: Project;
  readonly actions: Actions;
  readonly limit: RateLimit;
  readonly calls: LoggedCall[];
  readonly requests: LoggedRequest[];
};

/** The part of the Hetzner Cloud API that has to do with the routes of networks, for one project, in memory. */
export function createHetznerEmulator(options: { clock: Clock; seed?: number; world?: WorldSeed }): HetznerEmulator {
  const { clock } = options;
  const inside: Inside = {
    clock,
    random: seededRandom(options.seed ?? 1),
    conditions: fairConditions(),
    actionConditions: fairActions(),
    project: project(clock),
    actions: actions(clock),
    limit: rateLimit(clock),
    calls: [],
    requests: [],
  };
  const take = ({ lastActionId }: World): void => {
    inside.actions.lastId = Math.max(inside.actions.lastId, lastActionId);
  };
  if (options.world !== undefined) take(inside.project.seed(options.world));
  return {
    handle: (request) => handle(inside, request),
    control: control({ ...inside, actions: inside.actionConditions }),
    seed: (world) => take(inside.project.seed(world)),
    dump: () => inside.project.dump(inside.actions.lastId),
    restore: (world) => take(inside.project.restore(world)),
  };
}

type Answered = { readonly status: number; readonly body: unknown } | "dropped";

async function handle(inside: Inside, request: HttpRequest): Promise<HttpAnswer | "dropped"> {
  const atMs = inside.clock.nowMs();
  const isLeft = inside.limit.take() || !inside.conditions.throttling;
  let name = `${request.method} ${request.path}`;
  let answered: Answered;
  try {
    if (!isLeft) throw apiError("rate_limit_exceeded", "limit of requests exceeded");
    const token = tokenOf(inside, request);
    const operation = operationOf(request);
    name = operation.name;
    if (request.method !== "GET" && token.access === "read") {
      throw apiError("token_readonly", "the token is only allowed to perform GET requests");
    }
    answered = await carryOut(inside, request, operation);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { status, code, message, details } = error;
    answered = { status, body: { error: { code, message, ...(details !== undefined && { details }) } } };
  }
  keep(inside.requests, { operation: name, atMs, status: answered === "dropped" ? null : answered.status });
  if (answered === "dropped") return answered;
  return {
    status: answered.status,
    headers: { "content-type": "application/json", ...inside.limit.headers() },
    body: JSON.stringify(answered.body),
  };
}

function tokenOf(inside: Inside, { headers }: HttpRequest) {
  const given = /^Bearer (\S+)$/.exec(headers["authorization"] ?? "")?.[1];
  const known = inside.project.tokens().find(({ token }) => token === given);
  if (known === undefined) throw apiError("unauthorized", "unable to authenticate");
  return known;
}

async function carryOut(inside: Inside, request: HttpRequest, operation: Operation): Promise<Answered> {
  if (request.method === "GET") return answerRead(inside, operation);
  if (!(request.headers["content-type"] ?? "").startsWith("application/json")) {
    throw apiError("json_error", "the request body is no JSON");
  }
  const route = readRoute(request.body);
  const action = operation.name.endsWith("add_route") ? "add_route" : "delete_route";
  const subject = { table: String(operation.id), destination: route.destination, target: route.gateway };
  const arrivedMs = inside.clock.nowMs();
  const fault = nextFault(inside.conditions, action, subject) ?? nextFault(inside.conditions, "change", subject);
  const takesMs = latencyMs(inside.conditions, action, inside.random);
  await pause(inside, takesMs / 2 + stallMs(fault));
  const outcome = attempt(() => changeRoute(inside, action, operation.id, route), fault);
  const landedMs = outcome.landed ? inside.clock.nowMs() : null;
  await pause(inside, takesMs / 2);
  const answeredMs = inside.clock.nowMs();
  log(inside, { ...subject, action, arrivedMs, landedMs, answeredMs, answer: outcome.label });
  if (outcome.result instanceof ApiError) throw outcome.result;
  return outcome.result === "dropped" ? "dropped" : { status: 201, body: outcome.result };
}

function log(inside: Inside, call: LoggedCall & Subject): void {
  keep(inside.calls, call);
}

async function answerRead(inside: Inside, operation: Operation): Promise<Answered> {
  const fault = nextFault(inside.conditions, operation.name, null);
  const takesMs = latencyMs(inside.conditions, operation.name, inside.random);
  await pause(inside, takesMs / 2 + stallMs(fault));
  const outcome = attempt(() => readAnswer(inside, operation), fault);
  await pause(inside, takesMs / 2);
  if (outcome.result instanceof ApiError) throw outcome.result;
  return outcome.result === "dropped" ? "dropped" : { status: 200, body: outcome.result };
}

type Outcome = { readonly result: unknown; readonly landed: boolean; readonly label: string };

/** Carries a call out as far as its fault lets it. */
function attempt(run: () => unknown, fault: Fault | null): Outcome {
  const isLost = (fault?.kind === "drop" || fault?.kind === "internal-error") && fault.written !== true;
  try {
    if (!isLost) throwFault(fault);
    const result = isLost ? undefined : run();
    if (fault?.kind === "drop") return { result: "dropped", landed: !isLost, label: "dropped" };
    if (fault?.kind === "internal-error") {
      return { result: apiError("server_error", "internal server error"), landed: !isLost, label: "server_error" };
    }
    return { result, landed: true, label: "accepted" };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { result: fault?.kind === "drop" ? "dropped" : error, landed: false, label: error.code };
  }
}

function throwFault(fault: Fault | null): void {
  if (fault?.kind === "throttle") throw apiError("rate_limit_exceeded", "limit of requests exceeded");
  if (fault?.kind === "deny") throw apiError("forbidden", "insufficient permissions for this request");
  if (fault?.kind === "error") throw apiError(fault.code, fault.message, fault.status);
}

function stallMs(fault: Fault | null): number {
  return fault?.kind === "stall" ? fault.ms : 0;
}

async function pause(inside: Inside, ms: number): Promise<void> {
  if (ms > 0) await inside.clock.sleep(ms);
}
