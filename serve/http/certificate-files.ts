import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { createSecureContext } from "node:tls";
import { ServeError } from "../error.ts";
import type { Certificate } from "./certificate.ts";

/** Where a certificate (with its chain) and its key are kept, PEM. */
export type CertificateFiles = { readonly certPath: string; readonly keyPath: string };

const WARN_MS = 14 * 24 * 3_600_000;

/** Reads a certificate and its key. Throws `ServeError` when a file cannot be read or the two do not go together. */
export async function readCertificate({ certPath, keyPath }: CertificateFiles): Promise<Certificate> {
  const cert = await readPem("--tls-cert", certPath);
  const key = await readPem("--tls-key", keyPath);
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ServeError("failed", `${certPath} with ${keyPath} is no certificate with its key: ${reason}`, {
      next: "give --tls-cert the certificate with its chain and --tls-key its key without a passphrase, both PEM",
      cause,
    });
  }
  return { key, cert };
}

async function readPem(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ServeError("failed", `${option} ${path} cannot be read: ${reason}`, {
      next: "check the path, and that the user that runs the server may read the file",
      cause,
    });
  }
}

/** What is about to go wrong with a certificate: names of `names` that it is not for, and its end when that is near. */
export function certificateWarnings(certificate: Certificate, names: readonly string[], nowMs: number): string[] {
  const found = new X509Certificate(certificate.cert);
  const covers = (name: string) => (isIP(name) === 0 ? found.checkHost(name) : found.checkIP(name)) !== undefined;
  const endMs = Date.parse(found.validTo);
  return [
    ...names.filter((name) => !covers(name)).map((name) => `the certificate does not name ${name}`),
    ...(endMs < nowMs ? [`the certificate ended on ${found.validTo}`] : []),
    ...(endMs >= nowMs && endMs - nowMs < WARN_MS ? [`the certificate ends on ${found.validTo}`] : []),
  ];
}
