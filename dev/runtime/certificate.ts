import { generate } from "selfsigned";

/** A self-signed certificate with its key, both PEM. The certificate is its own authority. */
export type Certificate = { readonly key: string; readonly cert: string };

const TEN_YEARS_MS = 10 * 365 * 24 * 3_600_000;

/** Makes a certificate for this machine's loopback names, valid for ten years from a day before `nowMs`. */
export async function makeCertificate(nowMs: number): Promise<Certificate> {
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
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
          { type: 7, ip: "::1" },
        ],
      },
    ],
  });
  return { key: made.private, cert: made.cert };
}
