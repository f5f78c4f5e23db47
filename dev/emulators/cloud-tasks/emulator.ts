import { setMaxListeners } from "node:events";
import type { Clock } from "../../../shared/ports/clock.ts";
import { devLimits } from "../../limits.ts";
import type { HttpAnswer, HttpRequest } from "../common/http-server.ts";
import { keep } from "../common/keep.ts";
import { type Attempt, deliver, type RetryConfig, type Send } from "./deliver.ts";
import { shown, type Task, TasksError, taskFrom } from "./task.ts";

/** A name is not taken again for so long after its task was delivered or given up. ms */
const nameKeptMs = 3_600_000;

export type CloudTasksOptions = {
  readonly clock: Clock;
  /** `projects/P/locations/L/queues/Q` of every queue, and how it tries again. */
  readonly queues: Readonly<Record<string, RetryConfig>>;
  /** Delivers; by HTTP when left out. */
  readonly send?: Send;
};

export type CloudTasksEmulator = {
  handle(request: HttpRequest): Promise<HttpAnswer | "dropped">;
  readonly control: {
    /** The next `count` create calls get this answer instead, without a task. */
    refuse(count: number, status: number, code?: string): void;
    /** The next create call makes its task, and its answer is lost. */
    loseAnswer(): void;
    /** Tasks that wait or are under way. */
    waiting(): readonly Task[];
    readonly attempts: readonly Attempt[];
    /** Tasks whose attempts were used up. */
    readonly givenUp: readonly Task[];
  };
  /** Delivers nothing more, and resolves when nothing is under way. */
  stop(): Promise<void>;
};

/** Cloud Tasks' REST API (v2, create with an HTTP target) in memory, with its deliveries. */
export function createCloudTasksEmulator(options: CloudTasksOptions): CloudTasksEmulator {
  const { clock, queues, send = fetchStatus } = options;
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const waiting = new Map<string, Task>();
  const names = new Map<string, number>();
  const attempts: Attempt[] = [];
  const givenUp: Task[] = [];
  const underWay = new Set<Promise<void>>();
  const faults: { status: number; code: string }[] = [];
  let losesAnswer = false;
  let ids = 0;

  const carry = async (task: Task, queue: string, retry: RetryConfig): Promise<void> => {
    const note = (attempt: Attempt) => keep(attempts, attempt);
    const isTaken = await deliver(task, { clock, queue, retry, send, signal: stopping.signal, note });
    waiting.delete(task.name);
    names.set(task.name, clock.nowMs() + nameKeptMs);
    if (!isTaken && !stopping.signal.aborted) keep(givenUp, task);
  };

  const create = (request: HttpRequest): Task => {
    const queue = /^\/v2\/(projects\/[^/]+\/locations\/[^/]+\/queues\/[^/]+)\/tasks$/.exec(request.path)?.[1];
    if (queue === undefined || request.method !== "POST") throw new TasksError(404, "NOT_FOUND", "Not found.");
    if (!/^Bearer \S+$/.test(request.headers["authorization"] ?? "")) {
      throw new TasksError(401, "UNAUTHENTICATED", "Request is missing required authentication credential.");
    }
    const fault = faults.shift();
    if (fault !== undefined) throw new TasksError(fault.status, fault.code, "refused on purpose");
    const retry = queues[queue];
    if (retry === undefined) throw new TasksError(404, "NOT_FOUND", "Queue does not exist.");
    const task = taskFrom(request.body, queue, clock.nowMs(), () => String(++ids).padStart(19, "0"));
    if (waiting.has(task.name) || (names.get(task.name) ?? 0) > clock.nowMs()) {
      throw new TasksError(
        409,
        "ALREADY_EXISTS",
        "The task cannot be created because a task with this name existed too recently.",
      );
    }
    if (waiting.size >= devLimits.queueMessages) throw new TasksError(429, "RESOURCE_EXHAUSTED", "The queue is full.");
    waiting.set(task.name, task);
    const carried = carry(task, queue, retry).finally(() => underWay.delete(carried));
    underWay.add(carried);
    return task;
  };

  return {
    async handle(request) {
      try {
        const task = create(request);
        if (!losesAnswer) return answer(200, shown(task));
        losesAnswer = false;
        return "dropped";
      } catch (error) {
        if (!(error instanceof TasksError)) throw error;
        return answer(error.status, { error: { code: error.status, message: error.message, status: error.code } });
      }
    },
    control: {
      refuse(count, status, code = status === 429 ? "RESOURCE_EXHAUSTED" : "UNAVAILABLE") {
        for (let n = 0; n < count; n++) faults.push({ status, code });
      },
      loseAnswer() {
        losesAnswer = true;
      },
      waiting: () => [...waiting.values()],
      attempts,
      givenUp,
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled([...underWay]);
    },
  };
}

async function fetchStatus(url: string, init: RequestInit): Promise<{ readonly status: number }> {
  const answer = await fetch(url, init);
  await answer.arrayBuffer();
  return { status: answer.status };
}

function answer(status: number, body: object): HttpAnswer {
  return { status, headers: { "content-type": "application/json; charset=UTF-8" }, body: JSON.stringify(body) };
}
