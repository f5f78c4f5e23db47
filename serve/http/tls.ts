import { stat } from "node:fs/promises";
import { isIP } from "node:net";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Log } from "../../shared/ports/log.ts";
import { type Folder, folderCertificate } from "../data-folder.ts";
import { endpointHost, type Settings } from "../settings.ts";
import type { Certificate } from "./certificate.ts";
import { type CertificateFiles, certificateWarnings, readCertificate } from "./certificate-files.ts";

/** How a server is trusted. */
export type Tls = {
  /** Undefined for plain HTTP. */
  readonly certificate: Certificate | undefined;
  /** File of a self-signed certificate, which whoever has it can check; undefined for one of an authority. */
  readonly path: string | undefined;
  /** Calls `use` when the certificate's files have changed. Throws `ServeError` for new ones that are of no use. */
  renew(use: (certificate: Certificate) => void): Promise<void>;
};

type Deps = { readonly clock: Clock; readonly log: Log };

/** Reads the certificate, or makes a self-signed one. Throws `ServeError` for files that are of no use. */
export async function openTls(
  { tls, host }: Pick<Settings, "tls" | "host">,
  folder: Folder | undefined,
  endpoints: readonly string[],
  { clock, log }: Deps,
): Promise<Tls> {
  const names = endpoints.map(endpointHost);
  const warn = (certificate: Certificate): void => {
    for (const warning of certificateWarnings(certificate, names, clock.nowMs())) log.warn(warning);
  };
  switch (tls.kind) {
    case "none":
      return unchanging(
        undefined,
        folder === undefined ? undefined : await selfSignedPath(folder, clock.nowMs(), names),
      );
    case "self-signed": {
      if (folder === undefined) throw new Error("there is no data folder");
      const all = host === undefined || isIP(host) === 0 ? names : [...names, host];
      const { certificate, certificatePath } = await folderCertificate(folder, clock.nowMs(), all);
      warn(certificate);
      return unchanging(certificate, certificatePath);
    }
    case "files": {
      const certificate = await readCertificate(tls);
      warn(certificate);
      return { certificate, path: undefined, renew: renewer(tls, await changedMs(tls), warn) };
    }
    default:
      return tls satisfies never;
  }
}

function unchanging(certificate: Certificate | undefined, path: string | undefined): Tls {
  return { certificate, path, renew: async () => {} };
}

/** The CLI reads a certificate wherever a folder announces a server, also where the address is plain HTTP. */
async function selfSignedPath(folder: Folder, nowMs: number, names: readonly string[]): Promise<string> {
  return (await folderCertificate(folder, nowMs, names)).certificatePath;
}

function renewer(files: CertificateFiles, readMs: number, warn: (certificate: Certificate) => void): Tls["renew"] {
  let knownMs = readMs;
  return async (use) => {
    const nowMs = await changedMs(files);
    if (nowMs === knownMs) return;
    const certificate = await readCertificate(files);
    knownMs = nowMs;
    warn(certificate);
    use(certificate);
  };
}

/** When either file was last changed; 0 while one is being replaced. */
async function changedMs({ certPath, keyPath }: CertificateFiles): Promise<number> {
  const found = await Promise.all([stat(certPath), stat(keyPath)]).catch(() => []);
  return found.reduce((latest, { mtimeMs }) => Math.max(latest, mtimeMs), 0);
}
