import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** What can be asked of an executor. */
export const operations = ["challenge", "survey", "read", "targets", "write", "permit"] as const;
export type Operation = (typeof operations)[number];

/** Where an operation is asked for, below the address of the executor. */
export const pathOf = (operation: Operation): string => `/executor/v1/${operation}`;

/** The headers of the protocol, in lower case. */
export const header = {
  executor: "pointsman-executor",
  nonce: "pointsman-nonce",
  expires: "pointsman-expires",
  signature: "pointsman-signature",
} as const;

/** What is signed of a request beside its body. `expires`: milliseconds since 1970, as the header's own text. */
export type RequestParts = {
  readonly operation: Operation;
  readonly executorId: string;
  readonly nonce: string;
  readonly expires: string;
};

/** The 32 bytes of a key that is stored as 64 hex digits; undefined for anything else. */
export function parseKey(text: string): Uint8Array | undefined {
  const digits = text.trim();
  return /^[0-9a-f]{64}$/i.test(digits) ? new Uint8Array(Buffer.from(digits, "hex")) : undefined;
}

/** HMAC-SHA256 of method, path, executor, nonce, expiry and the body's hash, as base64url. */
export function signRequest(
  key: Uint8Array,
  { operation, executorId, nonce, expires }: RequestParts,
  body: string,
): string {
  return hmac(key, ["request", "POST", pathOf(operation), executorId, nonce, expires, sha256(body)]);
}

/** HMAC-SHA256 of status, executor, the request's nonce and the body's hash, as base64url: it answers one request alone. */
export function signAnswer(
  key: Uint8Array,
  { operation, executorId, nonce }: Omit<RequestParts, "expires">,
  status: number,
  body: string,
): string {
  return hmac(key, ["answer", pathOf(operation), String(status), executorId, nonce, sha256(body)]);
}

/** Whether two signatures are the same, in a time that does not depend on where they differ. */
export function isSameSignature(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** No part holds a line end: ids, nonces and numbers are checked before, the rest is made here. */
function hmac(key: Uint8Array, parts: readonly string[]): string {
  return createHmac("sha256", key)
    .update(["pointsman executor v1", ...parts].join("\n"))
    .digest("base64url");
}

function sha256(body: string): string {
  return createHash("sha256").update(body, "utf8").digest("hex");
}
