import { hkdfSync } from "node:crypto";
import type { Id } from "../domain/ids.ts";

/**
 * Secrets are derived from the master key (HKDF-SHA256, RFC 5869) by what they are for, whose they are and their
 * generation, so that none has to be stored and a rotation is a new generation.
 */
function derive(masterKey: Uint8Array, purpose: string): string {
  const bytes = hkdfSync("sha256", masterKey, "pointsman v1", purpose, 32);
  return Buffer.from(bytes).toString("base64url").replaceAll("-", "A").replaceAll("_", "B");
}

/** The secret of a host: 43 letters and digits, fit for the user part of a URI. */
export function hostSecret(masterKey: Uint8Array, hostId: Id, generation: number): string {
  return derive(masterKey, `host/${hostId}/${generation}`);
}

/** The pre-shared key of a pair of locations, the same from either side. */
export function pairKey(masterKey: Uint8Array, linkId: Id, a: Id, b: Id, generation: number): string {
  const [low, high] = a < b ? [a, b] : [b, a];
  return derive(masterKey, `pair/${linkId}/${low}/${high}/${generation}`);
}
