import { createCipheriv, createHash, createHmac } from "node:crypto";

/** A sealed answer: `body` is the response text, the others go into `Cipher-IV` and `Cipher-Signature`. */
export type Sealed = { readonly body: string; readonly iv: string; readonly signature: string };

/**
 * Seals an answer for the host that holds `secret`: AES-256-CBC under SHA-256(secret), the text padded with NUL bytes
 * to a multiple of 16, as base64, signed with HMAC-SHA512. `iv` is 16 random bytes.
 */
export function seal(plaintext: string, secret: string, iv: Uint8Array): Sealed {
  const text = Buffer.from(plaintext, "utf8");
  const padded = Buffer.alloc(Math.ceil(text.length / 16) * 16);
  text.copy(padded);
  const cipher = createCipheriv("aes-256-cbc", createHash("sha256").update(secret).digest(), iv);
  cipher.setAutoPadding(false);
  const body = Buffer.concat([cipher.update(padded), cipher.final()]).toString("base64");
  const signature = createHmac("sha512", secret).update(body).digest("base64");
  return { body, iv: Buffer.from(iv).toString("base64"), signature };
}
