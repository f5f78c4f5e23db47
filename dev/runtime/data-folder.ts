import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Secrets } from "../../shared/ports/secrets.ts";
import { type Certificate, makeCertificate } from "./certificate.ts";
import { FolderError, lockFolder } from "./folder-lock.ts";

/** How the CLI finds a running server. */
type Running = {
  readonly url: string;
  readonly adminUrl: string;
  readonly pid: number;
  /** Path of the certificate that the server shows, PEM. */
  readonly certificate: string;
};

/** Everything that the local runtime keeps. Made with its secrets when it is not there yet. */
export type DataFolder = {
  readonly path: string;
  readonly dynamoPath: string;
  readonly adminToken: string;
  readonly adminTokenPath: string;
  readonly certificate: Certificate;
  readonly certificatePath: string;
  readonly secrets: Secrets;
  announce(running: Running): Promise<void>;
  /** Takes back the announcement and the lock. */
  close(): Promise<void>;
};

const MASTER_KEY_BYTES = 32;

/** Opens a data folder for this process alone. Throws `FolderError` when another process has it or it is damaged. */
export async function openDataFolder(folder: string, nowMs: number): Promise<DataFolder> {
  const path = resolve(folder);
  await mkdir(path, { recursive: true, mode: 0o700 });
  const unlock = await lockFolder(path);
  try {
    const file = (name: string) => join(path, name);
    const masterKey = Buffer.from(
      await keep(file("master-key"), () => randomBytes(MASTER_KEY_BYTES).toString("base64")),
      "base64",
    );
    if (masterKey.length !== MASTER_KEY_BYTES) {
      throw new FolderError(
        `${file("master-key")} is damaged: put it back from a backup, or use another --data folder`,
      );
    }
    const adminToken = await keep(file("admin-token"), () => randomBytes(24).toString("base64url"));
    const certificate = await keepCertificate(file, nowMs);
    const runningPath = file("running.json");
    return {
      path,
      dynamoPath: file("dynamodb"),
      adminToken,
      adminTokenPath: file("admin-token"),
      certificate,
      certificatePath: file("certificate.pem"),
      secrets: {
        masterKey: async () => new Uint8Array(masterKey),
        // Read each time: `pointsman rotate token` replaces the file while the server runs.
        adminTokenHash: async () => {
          const token = (await readFile(file("admin-token"), "utf8")).trim();
          return createHash("sha256").update(token).digest("hex");
        },
      },
      announce: (running) => writeSecretly(runningPath, `${JSON.stringify(running, null, 2)}\n`),
      async close() {
        await rm(runningPath, { force: true });
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function keepCertificate(file: (name: string) => string, nowMs: number): Promise<Certificate> {
  const keyPath = file("certificate-key.pem");
  const certPath = file("certificate.pem");
  if (!existsSync(keyPath) || !existsSync(certPath)) {
    const made = await makeCertificate(nowMs);
    await writeSecretly(keyPath, made.key);
    await writeSecretly(certPath, made.cert);
  }
  return { key: await readFile(keyPath, "utf8"), cert: await readFile(certPath, "utf8") };
}

/** The text of a file without its line end; a missing one is made first. Nobody else may read it. */
async function keep(path: string, make: () => string): Promise<string> {
  if (!existsSync(path)) await writeSecretly(path, `${make()}\n`);
  await chmod(path, 0o600);
  return (await readFile(path, "utf8")).trim();
}

/** Writes a whole file or none of it, mode 600. */
async function writeSecretly(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`;
  await writeFile(fresh, text, { mode: 0o600 });
  await rename(fresh, path);
}
