import { isIP } from "node:net";
import { generate } from "selfsigned";

/** A self-signed certificate with its key, both PEM. The certificate is its own authority. */
export type Certificate = { readonly key: string; readonly cert: string };

const TEN_YEARS_MS = 10 * 365 * 24 * 3_600_000;

/**
 * Makes a certificate for this machine's loopback names and for `names` (host names and addresses), valid for ten years
 * from a day before `nowMs`.
 */
export async function makeCertificate(nowMs: number, names: readonly string[] = []): Promise<Certificate> {
  const all = new Set(["localhost", "127.0.0.1", "::1", ...names]);
  const made = await generate([{ name: "commonName", value: "pointsman.localhost" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate: new Date(nowMs - 24 * 3_600_000),
    notAfterDate: new Date(nowMs + TEN_YEARS_MS),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames: [...all].map(altName) },
    ],
  });
  return { key: made.private, cert: made.cert };
}

function altName(name: string): { type: 2; value: string } | { type: 7; ip: string } {
  return isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name };
}
