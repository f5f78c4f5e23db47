import * as z from "zod/mini";
import { redacted } from "../domain/redact.ts";
import { tickDelayS } from "../domain/tick-delay.ts";
import type { Clock } from "../ports/clock.ts";
import type { ExamineQueue } from "../ports/examinations.ts";
import type { SwapQueue, TickQueue } from "../ports/queues.ts";
import { within } from "./deadline.ts";
import type { GoogleAccess } from "./google-metadata.ts";
import { inParallel } from "./parallel.ts";

/** Google's own address of the API. */
export const cloudTasksEndpoint = "https://cloudtasks.googleapis.com";

/** Where tasks go: a queue, and the function that its tasks are delivered to. */
export type TaskQueue = {
  /** `projects/P/locations/L/queues/Q`. */
  readonly name: string;
  /** The function's URL, which is also the audience of the token that shows it who calls. */
  readonly url: string;
  /** The service account whose token the tasks carry; it may invoke the function. */
  readonly account: string;
};

type Deps = { readonly clock: Clock; readonly access: GoogleAccess; readonly endpoint: string };

/** Attempts for one task, the pause before the second, which doubles, and the time for one. ms */
const attempts = 3;
const pauseMs = 100;
const attemptMs = 3_000;
/** Tasks that are sent at the same time: the API takes one a call. */
const width = 16;
/** A run that has not ended after this counts as failed: a little longer than the functions' own time-out. s */
const deadlineS = 35;

/**
 * Wakes over Cloud Tasks. A queue has no groups, and two wakes of one location may run at the same time: the lease in
 * the table lets one of them write. Tasks have no names, since a name swallows the next task that says the same, for
 * an hour; a task that is sent twice, after an answer that was lost, does no harm. Throws when a task could not be sent.
 */
export function googleSwapQueue(queue: TaskQueue, deps: Deps): SwapQueue {
  return { wake: (wakes) => sendAll(queue, deps, wakes.map(immediate)) };
}

/** Requests for examinations over the queue of the routes function. Throws when one could not be sent. */
export function googleExamineQueue(queue: TaskQueue, deps: Deps): ExamineQueue {
  return { examine: (requests) => sendAll(queue, deps, requests.map(immediate)) };
}

/** Ticks over Cloud Tasks, each after as many whole seconds as `tickDelayS` gives. Throws when one could not be sent. */
export function googleTickQueue(queue: TaskQueue, deps: Deps): TickQueue {
  return {
    send: (ticks) => {
      const nowMs = deps.clock.nowMs();
      const delayed = ticks.map((message) => {
        const delayS = tickDelayS(message.kind, message.dueMs - nowMs);
        return { message, ...(delayS > 0 && { atMs: nowMs + delayS * 1_000 }) };
      });
      return sendAll(queue, deps, delayed);
    },
  };
}

/** A message, and when it is to be delivered; at once when left out. */
type Task = { readonly message: object; readonly atMs?: number };

const immediate = (message: object): Task => ({ message });

/** Sends all of them, whatever becomes of some. */
async function sendAll(queue: TaskQueue, deps: Deps, tasks: readonly Task[]): Promise<void> {
  const refusals = await inParallel(tasks, width, async (task) => {
    try {
      await send(queue, deps, task);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  });
  const failed = refusals.filter((refusal) => refusal !== undefined);
  if (failed.length === 0) return;
  const reasons = [...new Set(failed)].join("; ");
  throw new Error(`cloud tasks: ${failed.length} of ${tasks.length} tasks were not taken by ${queue.name}: ${reasons}`);
}

async function send(queue: TaskQueue, deps: Deps, task: Task): Promise<void> {
  let reason = "";
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await deps.clock.sleep(pauseMs * 2 ** (attempt - 1));
    try {
      const answer = await within(deps.clock, attemptMs, (signal) => post(queue, deps, task, signal));
      if (answer.ok) return;
      reason = refusalOf(answer.status, answer.text);
      // A token that was refused is not shown again: the account may have got another key or role meanwhile.
      if (answer.status === 401) deps.access.forget();
      else if (answer.status < 500 && answer.status !== 429) break;
    } catch (error) {
      reason = redacted(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(reason);
}

async function post(queue: TaskQueue, { access, endpoint }: Deps, task: Task, signal: AbortSignal) {
  const token = await access.get(signal);
  const answer = await fetch(`${endpoint.replace(/\/+$/, "")}/v2/${queue.name}/tasks`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ task: taskOf(queue, task) }),
    redirect: "error",
    signal,
  });
  return { ok: answer.ok, status: answer.status, text: await answer.text() };
}

/**
 * A task as the API takes it. Its body goes as bytes: under a JSON content type the framework would refuse a body that is
 * none before our function could drop it, and it would come again and again.
 * Source: Google, "REST Resource: projects.locations.queues.tasks" (v2).
 */
function taskOf({ url, account }: TaskQueue, { message, atMs }: Task) {
  return {
    ...(atMs !== undefined && { scheduleTime: new Date(atMs).toISOString() }),
    dispatchDeadline: `${deadlineS}s`,
    httpRequest: {
      url,
      httpMethod: "POST",
      headers: { "Content-Type": "application/octet-stream" },
      body: Buffer.from(JSON.stringify(message)).toString("base64"),
      oidcToken: { serviceAccountEmail: account, audience: url },
    },
  };
}

const Refused = z.object({ error: z.object({ status: z.string(), message: z.string() }) });

const advice: Readonly<Record<number, string>> = {
  400: "see whether POINTSMAN_FAILOVER_URL, POINTSMAN_ROUTES_URL and POINTSMAN_TASKS_ACCOUNT are right",
  401: "see whether the function runs as a service account",
  403: "give the function's service account roles/cloudtasks.enqueuer, and roles/iam.serviceAccountUser on POINTSMAN_TASKS_ACCOUNT",
  404: "make the queue, or see whether POINTSMAN_TASKS_PROJECT and POINTSMAN_TASKS_LOCATION are right",
  429: "it is sent again by the next sweep; ask for a higher quota if it goes on",
};

function refusalOf(status: number, text: string): string {
  const found = z.safeParse(Refused, parsed(text));
  const said = found.success ? `${found.data.error.status}: ${redacted(found.data.error.message)}` : `HTTP ${status}`;
  return `${said}: ${advice[status] ?? "it is sent again by the next sweep"}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
