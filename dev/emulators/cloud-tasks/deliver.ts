import { within } from "../../../shared/platform/deadline.ts";
import type { Clock } from "../../../shared/ports/clock.ts";
import { idOf, type Task } from "./task.ts";

/** How a queue tries again: pauses that double from the shortest to the longest. ms */
export type RetryConfig = {
  readonly maxAttempts: number;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
};

/** How an HTTP request is made: `fetch`, or what a test puts in its place. Gives the status. */
export type Send = (url: string, init: RequestInit) => Promise<{ readonly status: number }>;

/** One attempt: its status, or `null` when there was none. */
export type Attempt = { readonly task: string; readonly atMs: number; readonly status: number | null };

type Delivery = {
  readonly clock: Clock;
  readonly queue: string;
  readonly retry: RetryConfig;
  readonly send: Send;
  readonly signal: AbortSignal;
  readonly note: (attempt: Attempt) => void;
};

/**
 * Delivers a task at its time, and again until a 2xx is answered or its attempts are used up; true when it was taken.
 * Ends early, with false, when the signal aborts.
 */
export async function deliver(task: Task, delivery: Delivery): Promise<boolean> {
  const { clock, retry, signal } = delivery;
  await clock.sleep(task.atMs - clock.nowMs(), signal);
  for (let attempt = 0; attempt < retry.maxAttempts && !signal.aborted; attempt++) {
    if (attempt > 0) await clock.sleep(Math.min(retry.maxBackoffMs, retry.minBackoffMs * 2 ** (attempt - 1)), signal);
    if (signal.aborted) return false;
    const atMs = clock.nowMs();
    const status = await once(task, attempt, delivery);
    delivery.note({ task: task.name, atMs, status });
    if (status !== null && status >= 200 && status < 300) return true;
  }
  return false;
}

async function once(task: Task, attempt: number, { clock, queue, send }: Delivery): Promise<number | null> {
  const { url, httpMethod: method, headers, body, oidcToken } = task.http;
  const isBodied = method === "POST" || method === "PUT" || method === "PATCH";
  const shown = oidcToken && tokenFor(oidcToken.serviceAccountEmail, oidcToken.audience ?? url);
  try {
    const answer = await within(clock, task.deadlineMs, (signal) =>
      send(url, {
        method,
        headers: {
          ...(body !== "" && { "Content-Type": "application/octet-stream" }),
          ...headers,
          "User-Agent": "Google-Cloud-Tasks",
          "X-CloudTasks-QueueName": idOf(queue),
          "X-CloudTasks-TaskName": idOf(task.name),
          "X-CloudTasks-TaskRetryCount": String(attempt),
          "X-CloudTasks-TaskETA": String(task.atMs / 1_000),
          ...(shown !== undefined && { Authorization: `Bearer ${shown}` }),
        },
        ...(isBodied && { body: Buffer.from(body, "base64") }),
        redirect: "manual",
        signal,
      }),
    );
    return answer.status;
  } catch {
    return null;
  }
}

/** Stands for the OIDC token that Google signs: its claims, and no signature. */
function tokenFor(email: string, audience: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none", typ: "JWT" })}.${part({ iss: "https://accounts.google.com", aud: audience, email })}.`;
}
