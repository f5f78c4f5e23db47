import type { PlainRequest } from "../platform/plain-http.ts";
import type { Clock } from "../ports/clock.ts";
import { executorLimits } from "./limits.ts";
import type { Refusal } from "./messages.ts";
import type { Nonces } from "./nonces.ts";
import { header, isSameSignature, type Operation, operations, type RequestParts, signRequest } from "./sign.ts";

/** A request that was signed with one of our keys. `refusal`: why it is not looked into all the same. */
export type Signed = {
  readonly parts: RequestParts;
  readonly key: Uint8Array;
  readonly body: string;
  readonly refusal: Refusal | undefined;
};

/** What is answered without a signature: nothing of it is to be believed. */
export type Turned = { readonly status: 401 | 404 | 405 | 413 };

const noncePattern = /^[A-Za-z0-9_-]{16,64}$/;
const expiresPattern = /^\d{1,15}$/;

/** The operation of a path, whatever stands before: a platform may have a prefix of its own. */
function operationOf(path: string): Operation | undefined {
  const [, name] = /\/executor\/v1\/([a-z]+)$/.exec(path) ?? [];
  return operations.find((operation) => operation === name);
}

/**
 * Looks whether a request is for this executor, signed by whoever holds one of its keys, in time, and not here before.
 * Nothing of its body is read before that. Each key costs one comparison in constant time.
 */
export function admit(
  request: PlainRequest,
  {
    id,
    keys,
    clock,
    nonces,
  }: { readonly id: string; readonly keys: readonly Uint8Array[]; readonly clock: Clock; readonly nonces: Nonces },
): Signed | Turned {
  const operation = operationOf(request.path);
  if (operation === undefined) return { status: 404 };
  if (request.method !== "POST") return { status: 405 };
  const { body } = request;
  if (body === undefined || Buffer.byteLength(body) > executorLimits.requestBytes) return { status: 413 };
  const executorId = request.headers.get(header.executor) ?? "";
  const nonce = request.headers.get(header.nonce) ?? "";
  const expires = request.headers.get(header.expires) ?? "";
  const signature = request.headers.get(header.signature) ?? "";
  if (executorId !== id || !noncePattern.test(nonce) || !expiresPattern.test(expires)) return { status: 401 };
  const parts = { operation, executorId, nonce, expires };
  const key = keys.filter((one) => isSameSignature(signRequest(one, parts, body), signature))[0];
  if (key === undefined) return { status: 401 };
  return { parts, key, body, refusal: untimely(Number(expires), nonce, clock.nowMs(), nonces) };
}

function untimely(expiresMs: number, nonce: string, nowMs: number, nonces: Nonces): Refusal | undefined {
  if (expiresMs <= nowMs) return "expired";
  if (expiresMs > nowMs + executorLimits.expiryMostMs) return "expires-late";
  const taken = nonces.take(nonce, expiresMs, nowMs);
  return taken === "taken" ? undefined : taken;
}
