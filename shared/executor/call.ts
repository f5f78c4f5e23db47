import * as z from "zod/mini";
import type { ExecutorRef } from "../domain/clouds/executors.ts";
import { RouteError } from "../domain/errors.ts";
import { readBody } from "../platform/plain-http.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { CloudSecrets } from "../ports/cloud-secrets.ts";
import { garbage, givenUp, malformedKey, redirected, refusal, silent, unbelieved, unreadableKey } from "./errors.ts";
import { executorLimits } from "./limits.ts";
import { Envelope } from "./messages.ts";
import { header, isSameSignature, type Operation, parseKey, pathOf, signAnswer, signRequest } from "./sign.ts";
import { errorIn } from "./wire.ts";

/** How executors are called. `fetch`: the platform's own, or a stand-in. */
export type CallParts = {
  readonly clock: Clock;
  readonly random: Random;
  readonly cloudSecrets: CloudSecrets;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
};

/**
 * What came of a request. `failed`: the cloud's own error, by the executor's word. `refused`: it was not looked into, by its
 * word, or could not be signed. `unheard`: nothing that it signed came back, and whether it was carried out is not known.
 */
export type Heard<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly error: RouteError }
  | { readonly kind: "refused"; readonly error: RouteError; readonly challenge: string | undefined }
  | { readonly kind: "unheard"; readonly error: RouteError };

export type Ask<S extends z.ZodMiniType> = {
  readonly operation: Operation;
  readonly message: object;
  readonly schema: S;
  readonly waitMs: number;
  readonly signal: AbortSignal;
};

/**
 * One signed request, made once. An answer that is not signed for just this request is not believed and not shown, nor is a
 * redirect followed.
 */
export async function askExecutor<S extends z.ZodMiniType>(
  parts: CallParts,
  executor: ExecutorRef,
  { operation, message, schema, waitMs, signal }: Ask<S>,
): Promise<Heard<z.output<S>>> {
  const { clock, random, cloudSecrets } = parts;
  const key = await keyOf(cloudSecrets, executor);
  if (key instanceof RouteError) return { kind: "refused", error: key, challenge: undefined };
  const body = JSON.stringify(message);
  const nonce = Buffer.from(random.bytes(18)).toString("base64url");
  const expires = String(Math.floor(clock.nowMs()) + executorLimits.expiryMs);
  const signed = { operation, executorId: executor.id, nonce, expires };
  const headers = {
    "content-type": "application/json",
    [header.executor]: executor.id,
    [header.nonce]: nonce,
    [header.expires]: expires,
    [header.signature]: signRequest(key, signed, body),
  };
  const answer = await exchange(parts, executor, operation, { headers, body }, waitMs, signal);
  if (answer instanceof RouteError) return { kind: "unheard", error: answer };
  const expected = signAnswer(key, signed, answer.status, answer.text);
  if (!isSameSignature(expected, answer.signature)) {
    if (answer.status === 401) cloudSecrets.forget(executor.key);
    return { kind: "unheard", error: unbelieved(executor, answer.status) };
  }
  return read(executor, schema, answer.text);
}

async function keyOf(secrets: CloudSecrets, executor: ExecutorRef): Promise<Uint8Array | RouteError> {
  try {
    return parseKey(await secrets.read(executor.key)) ?? malformedKey(executor);
  } catch (error) {
    return error instanceof RouteError ? error : unreadableKey(executor, error);
  }
}

type Answer = { readonly status: number; readonly signature: string; readonly text: string };

async function exchange(
  { clock, fetch }: CallParts,
  executor: ExecutorRef,
  operation: Operation,
  { headers, body }: { readonly headers: Record<string, string>; readonly body: string },
  waitMs: number,
  signal: AbortSignal,
): Promise<Answer | RouteError> {
  const over = new AbortController();
  const stop = new AbortController();
  const stopped = new Promise<never>((_resolve, reject) => {
    stop.signal.addEventListener("abort", () => reject(stop.signal.reason), { once: true });
  });
  stopped.catch(() => undefined);
  const onAbort = () => stop.abort(givenUp(executor));
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  void clock.sleep(waitMs, over.signal).then(() => {
    if (!over.signal.aborted) stop.abort(silent(executor, `no answer within ${waitMs} ms`));
  });
  const url = `${executor.url.replace(/\/+$/, "")}${pathOf(operation)}`;
  const send = async (): Promise<Answer | RouteError> => {
    const init = { method: "POST", headers, body, redirect: "manual", signal: stop.signal } as const;
    const response = await fetch(url, init);
    if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) {
      await response.body?.cancel();
      return redirected(executor);
    }
    const text = await readBody(response, executorLimits.answerBytes);
    if (text === undefined) return garbage(executor, "an answer that is too large");
    return { status: response.status, signature: response.headers.get(header.signature) ?? "", text };
  };
  try {
    // A request that was sent may be carried out: nothing is begun for a run that is over.
    return await Promise.race([stopped, stop.signal.aborted ? stopped : send()]);
  } catch (error) {
    return error instanceof RouteError ? error : silent(executor, "it cannot be reached", error);
  } finally {
    over.abort();
    signal.removeEventListener("abort", onAbort);
  }
}

/** What a signed answer says, if it is one that can be: an executor that lies is believed in no part of it. */
function read<S extends z.ZodMiniType>(executor: ExecutorRef, schema: S, text: string): Heard<z.output<S>> {
  const envelope = z.safeParse(Envelope, parseJson(text));
  if (!envelope.success) return unfit(executor);
  switch (envelope.data.kind) {
    case "done": {
      const value = z.safeParse(schema, envelope.data.value);
      return value.success ? { kind: "done", value: value.data } : unfit(executor);
    }
    case "failed":
      return { kind: "failed", error: errorIn(envelope.data.error, executor.id) };
    case "refused": {
      const { why, about, challenge } = envelope.data;
      return { kind: "refused", error: refusal(executor, why, about), challenge };
    }
    default:
      return envelope.data satisfies never;
  }
}

function unfit(executor: ExecutorRef): { readonly kind: "unheard"; readonly error: RouteError } {
  return { kind: "unheard", error: garbage(executor, "an answer that it cannot mean") };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
