import { generateKeyPairSync } from "node:crypto";
import type { CloudSecrets } from "../../../shared/ports/cloud-secrets.ts";

export const TENANCY = "ocid1.tenancy.oc1..test";
export const USER = "ocid1.user.oc1..pointsman";

export type ApiKey = { readonly keyId: string; readonly publicKey: string; readonly secret: string };

/** A pair of keys of a user: the public one as OCI has it, the private one as the secret holds it. */
export function apiKey(fingerprint: string): ApiKey {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    // Too short for OCI, and quick: some tests sign a thousand requests.
    modulusLength: 1024,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const secret = JSON.stringify({ tenancy: TENANCY, user: USER, fingerprint, privateKey });
  return { keyId: `${TENANCY}/${USER}/${fingerprint}`, publicKey, secret };
}

/** The key that the tests of one file share: making one takes a while. */
export const KEY = apiKey("00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff");

/** Secrets that are kept until they are forgotten, as the real ones are. `put` changes what the store holds. */
export function heldSecrets(text: string): CloudSecrets & { put(text: string): void; reads(): number } {
  let stored = text;
  let held: string | null = null;
  let reads = 0;
  return {
    async read() {
      if (held === null) reads++;
      held ??= stored;
      return held;
    },
    forget() {
      held = null;
    },
    put(next) {
      stored = next;
    },
    reads: () => reads,
  };
}
