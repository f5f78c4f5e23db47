import * as z from "zod";

/** The longest that a task may wait, and the bounds of a dispatch deadline. ms */
const maxWaitMs = 30 * 24 * 3_600_000;
const minDeadlineMs = 15_000;
const maxDeadlineMs = 30 * 60_000;
const maxTaskBytes = 100 * 1024;

const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
const base64 = /^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2,3}={0,2})?$/;
const duration = /^\d+(?:\.\d{1,9})?s$/;

const HttpTask = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).max(2_083),
  httpMethod: z.enum(["POST", "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"]).default("POST"),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().regex(base64, "not base64").default(""),
  oidcToken: z.strictObject({ serviceAccountEmail: z.email(), audience: z.string().optional() }).optional(),
});

/**
 * What `projects.locations.queues.tasks.create` (v2) takes of a task with an HTTP target; fields that are not read here are refused.
 * Source: Google, "REST Resource: projects.locations.queues.tasks".
 */
const CreateTask = z.strictObject({
  task: z.strictObject({
    name: z.string().optional(),
    scheduleTime: z.string().regex(timestamp, "not an RFC 3339 time").optional(),
    dispatchDeadline: z.string().regex(duration, "not a duration").default("600s"),
    httpRequest: HttpTask,
  }),
  responseView: z.enum(["BASIC", "FULL"]).optional(),
});

export type HttpTask = z.infer<typeof HttpTask>;

/** A task as it waits. Times in ms since 1970. */
export type Task = {
  readonly name: string;
  readonly createdMs: number;
  readonly atMs: number;
  readonly deadlineMs: number;
  readonly http: HttpTask;
};

/** A call that is refused, as Google's APIs say it. */
export class TasksError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const invalid = (message: string): TasksError => new TasksError(400, "INVALID_ARGUMENT", message);

/** A task from the body of a create call at `nowMs`. `freshId` names one that has no name. Throws `TasksError` 400. */
export function taskFrom(text: string, queue: string, nowMs: number, freshId: () => string): Task {
  if (Buffer.byteLength(text) > maxTaskBytes) throw invalid("Task size too large");
  const found = CreateTask.safeParse(parsed(text));
  if (!found.success) {
    const [issue] = found.error.issues;
    throw invalid(`${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { name, scheduleTime, dispatchDeadline, httpRequest } = found.data.task;
  if (name !== undefined && !/^[\w-]{1,500}$/.test(name.startsWith(`${queue}/tasks/`) ? idOf(name) : "")) {
    throw invalid("Task name must be formatted: projects/P/locations/L/queues/Q/tasks/T");
  }
  const atMs = scheduleTime === undefined ? nowMs : Math.max(nowMs, Date.parse(scheduleTime));
  if (!(atMs - nowMs <= maxWaitMs)) throw invalid("The task.schedule_time is too far in the future");
  const deadlineMs = Number.parseFloat(dispatchDeadline) * 1_000;
  if (deadlineMs < minDeadlineMs || deadlineMs > maxDeadlineMs) {
    throw invalid("The task.dispatchDeadline must be between [15s, 30m]");
  }
  return { name: name ?? `${queue}/tasks/${freshId()}`, createdMs: nowMs, atMs, deadlineMs, http: httpRequest };
}

/** The last part of a task's or queue's name. */
export function idOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A task as it is answered (view BASIC: without its body). */
export function shown(task: Task): object {
  const { body: _notInBasic, ...httpRequest } = task.http;
  return {
    name: task.name,
    httpRequest,
    scheduleTime: new Date(task.atMs).toISOString(),
    createTime: new Date(task.createdMs).toISOString(),
    dispatchDeadline: `${task.deadlineMs / 1_000}s`,
    view: "BASIC",
  };
}
