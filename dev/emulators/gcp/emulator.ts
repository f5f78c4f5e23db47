import type { Clock } from "../../../shared/ports/clock.ts";
import { tokenBuckets } from "../common/buckets.ts";
import { type Fault, fairConditions, latencyMs, nextFault } from "../common/faults.ts";
import type { HttpAnswer, HttpRequest } from "../common/http-server.ts";
import { keep } from "../common/keep.ts";
import { seededRandom } from "../common/random.ts";
import { GCP_BUCKETS } from "./buckets.ts";
import { type Change, changeOf } from "./changes.ts";
import { type Control, control, fairOperations } from "./control.ts";
import { ApiError, denied, internalError, missing, noToken, throttled } from "./errors.ts";
import { type Asked, GCP_METHODS, type MethodName, methodOf } from "./methods.ts";
import { operations } from "./operations.ts";
import { testPermissions } from "./permissions.ts";
import { projects } from "./projects.ts";
import { READS } from "./reads.ts";
import type { LoggedCall } from "./record.ts";
import type { Json } from "./show.ts";
import { tokens } from "./tokens.ts";
import type { World, WorldSeed } from "./world.ts";

export type GcpEmulator = {
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

type Inside = ReturnType<typeof inner>;

function inner(clock: Clock, seed: number) {
  return {
    clock,
    random: seededRandom(seed),
    conditions: fairConditions(),
    operationConditions: fairOperations(),
    projects: projects(clock),
    operations: operations(clock),
    tokens: tokens(clock),
    takeToken: tokenBuckets(clock),
    calls: [] as LoggedCall[],
    counts: {} as Partial<Record<MethodName, number>>,
  };
}

/** The part of Compute Engine's REST API that routes need, in memory. `seed` makes latency and read lag repeatable. */
export function createGcpEmulator(options: { clock: Clock; seed?: number; world?: WorldSeed }): GcpEmulator {
  const inside = inner(options.clock, options.seed ?? 1);
  if (options.world !== undefined) inside.projects.seed(options.world);
  return {
    handle: (request) => answer(inside, request),
    control: control({ ...inside, operations: inside.operationConditions }),
    seed: inside.projects.seed,
    dump: inside.projects.dump,
    restore(world) {
      inside.operations.clear();
      inside.projects.restore(world);
    },
  };
}

async function answer(inside: Inside, request: HttpRequest): Promise<HttpAnswer | "dropped"> {
  const url = new URL(request.path, "http://compute.test");
  const authorization = request.headers["authorization"] ?? "";
  const token = inside.tokens.answer(request.method, url.pathname, authorization, request.body);
  if (token !== undefined) return json(token.status, token.body);
  try {
    if (inside.projects.settings.needsToken && !inside.tokens.isGood(authorization)) throw noToken();
    const project = /^\/v1\/projects\/([^/:]+):/.exec(url.pathname)?.[1] ?? "";
    const { deniedPermissions } = inside.projects.current(project);
    const permissions = testPermissions(request.method, url.pathname, request.body, deniedPermissions);
    if (permissions !== undefined) return json(200, permissions);
    const asked = methodOf(request.method, url.pathname);
    if (asked === undefined) throw new ApiError(404, "notFound", `Not Found: ${request.method} ${url.pathname}`);
    const result = await call(inside, asked, url.searchParams, request.body);
    return result === "dropped" ? result : json(200, result);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { status: code, message, reason } = error;
    return json(code, { error: { code, message, errors: [{ message, domain: "global", reason }] } });
  }
}

const json = (status: number, body: Json): HttpAnswer => ({
  status,
  headers: { "content-type": "application/json; charset=UTF-8" },
  body: JSON.stringify(body),
});

async function call(inside: Inside, asked: Asked, query: URLSearchParams, body: string): Promise<Json | "dropped"> {
  const { conditions, clock, random } = inside;
  const { name } = asked;
  const arrivedMs = clock.nowMs();
  inside.counts[name] = (inside.counts[name] ?? 0) + 1;
  const change = changeOf(inside.projects, asked, body);
  const fault = nextFault(conditions, name, change?.subject ?? null);
  const takesMs = latencyMs(conditions, name, random);
  const { bucket, metric } = GCP_BUCKETS[GCP_METHODS[name].kind];
  const project = asked.parts["project"] ?? "";
  const isThrottled = conditions.throttling && !inside.takeToken(`${project}/${metric}`, bucket);
  await pause(inside, takesMs / 2 + (fault?.kind === "stall" ? fault.ms : 0));
  const outcome = await attempt(inside, asked, query, change, isThrottled ? { kind: "throttle" } : fault);
  const landedMs = outcome.accepted ? clock.nowMs() : null;
  await pause(inside, takesMs / 2);
  if (change !== undefined) {
    const { subject, route } = change;
    const answeredMs = clock.nowMs();
    const answer = outcome.label;
    keep(inside.calls, { ...subject, action: name, project, route, arrivedMs, landedMs, answeredMs, answer });
  }
  if (outcome.result instanceof ApiError) throw outcome.result;
  return outcome.result;
}

type Outcome = { readonly result: Json | ApiError | "dropped"; readonly accepted: boolean; readonly label: string };

/** Carries a call out as far as its fault lets it. */
async function attempt(
  inside: Inside,
  asked: Asked,
  query: URLSearchParams,
  change: Change | undefined,
  fault: Fault | null,
): Promise<Outcome> {
  const isLost = (fault?.kind === "drop" || fault?.kind === "internal-error") && fault.written !== true;
  try {
    if (!isLost) throwFault(asked, fault);
    const result = isLost ? {} : await run(inside, asked, query, change);
    const accepted = !isLost && change !== undefined;
    if (fault?.kind === "drop") return { result: "dropped", accepted, label: "dropped" };
    if (fault?.kind === "internal-error") return { result: internalError(), accepted, label: "backendError" };
    return { result, accepted, label: "accepted" };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { result: fault?.kind === "drop" ? "dropped" : error, accepted: false, label: error.reason };
  }
}

async function run(
  inside: Inside,
  { name, parts }: Asked,
  query: URLSearchParams,
  change: Change | undefined,
): Promise<Json> {
  const known: readonly string[] = GCP_METHODS[name].query;
  const unknown = [...query.keys()].find((key) => !known.includes(key));
  if (unknown !== undefined) throw new ApiError(400, "invalid", `Unknown parameter ${unknown}`);
  const project = parts["project"] ?? "";
  if (!inside.projects.has(project)) throw missing(`projects/${project}`);
  if (change !== undefined) return begin(inside, project, change);
  const operation = parts["operation"] ?? "";
  if (name === "globalOperations.get") return inside.operations.get(project, operation);
  if (name === "globalOperations.wait") return inside.operations.wait(project, operation);
  const read = READS[name];
  if (read === undefined) throw new ApiError(501, "notImplemented", name);
  const lagMs = inside.conditions.readLagMs * inside.random();
  const { find, settings } = inside.projects;
  const { down } = inside.operationConditions;
  const { pageEntries } = settings;
  return read({ state: inside.projects.past(project, lagMs), find, parts, query, pageEntries, down });
}

/** Accepts a change, which lands when its operation ends. */
function begin(inside: Inside, project: string, change: Change): Json {
  const land = change.check(inside.operations.underWay);
  const { takes, rules } = inside.operationConditions;
  const hit = rules.find(
    ({ rule, left }) =>
      left > 0 &&
      rule.action === `routes.${change.type}` &&
      (rule.destination === undefined || rule.destination === change.subject.destination),
  );
  if (hit !== undefined) hit.left--;
  const takesMs = typeof takes === "number" ? takes : takes.minMs + inside.random() * (takes.maxMs - takes.minMs);
  const target = `projects/${project}/global/routes/${change.route}`;
  return inside.operations.begin({ project, type: change.type, target, takesMs, error: hit?.rule.error ?? null, land });
}

function throwFault({ name, parts }: Asked, fault: Fault | null): void {
  if (fault?.kind === "throttle") throw throttled(GCP_BUCKETS[GCP_METHODS[name].kind].metric);
  if (fault?.kind === "deny") throw denied(GCP_METHODS[name].permissions[0], `projects/${parts["project"]}`);
  if (fault?.kind === "error") throw new ApiError(fault.status ?? 400, fault.code, fault.message);
}

async function pause(inside: Inside, ms: number): Promise<void> {
  if (ms > 0) await inside.clock.sleep(ms);
}
