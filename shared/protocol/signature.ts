import { createHmac, timingSafeEqual } from "node:crypto";

/** The one path of the protocol. */
export const statePath = "/link/state";

/** What signs a request. `timestamp` is the header's own text: the signature covers that, not the number. */
export type SignedParts = {
  readonly hostId: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly method: "PUT" | "DELETE";
};

/** base64( HMAC-SHA512( secret, `HOST_ID&TIMESTAMP&NONCE&METHOD&/link/state` ) ). */
export function sign(parts: SignedParts, secret: string): string {
  const message = `${parts.hostId}&${parts.timestamp}&${parts.nonce}&${parts.method}&${statePath}`;
  return createHmac("sha512", secret).update(message).digest("base64");
}

/** Whether a signature is right, in a time that does not depend on where it differs. */
export function isSigned(parts: SignedParts, secret: string, signature: string): boolean {
  const expected = Buffer.from(sign(parts, secret));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
