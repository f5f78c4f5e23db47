import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Secrets } from "../shared/ports/secrets.ts";
import { FolderError, lockFolder } from "./folder-lock.ts";
import { type Certificate, makeCertificate } from "./http/certificate.ts";

/** How the CLI finds a running server. */
type Running = {
  readonly url: string;
  readonly adminUrl: string;
  readonly pid: number;
  /** Path of the certificate that the server shows, PEM. */
  readonly certificate: string;
};

/** A folder that this process alone works with. */
export type Folder = {
  readonly path: string;
  file(name: string): string;
  announce(running: Running): Promise<void>;
  /** Takes back the announcement and the lock. */
  close(): Promise<void>;
};

/** Master key and admin token of a folder. */
type FolderSecrets = { readonly secrets: Secrets; readonly adminToken: string; readonly adminTokenPath: string };

type FolderCertificate = { readonly certificate: Certificate; readonly certificatePath: string };

/** Everything that a server without any other place for it keeps. Made with its secrets when it is not there yet. */
export type DataFolder = FolderSecrets &
  FolderCertificate &
  Pick<Folder, "path" | "announce" | "close"> & { readonly dynamoPath: string };

const MASTER_KEY_BYTES = 32;

/** Opens a data folder for this process alone. Throws `FolderError` when another process has it or it is damaged. */
export async function openDataFolder(path: string, nowMs: number): Promise<DataFolder> {
  const folder = await openFolder(path);
  try {
    const secrets = await folderSecrets(folder);
    const certificate = await folderCertificate(folder, nowMs);
    return { ...folder, ...secrets, ...certificate, dynamoPath: folder.file("dynamodb") };
  } catch (error) {
    await folder.close();
    throw error;
  }
}

/** Makes a folder where it is not there and takes it for this process. Throws `FolderError` when another one has it. */
export async function openFolder(folder: string): Promise<Folder> {
  const path = resolve(folder);
  await mkdir(path, { recursive: true, mode: 0o700 });
  const unlock = await lockFolder(path);
  const file = (name: string) => join(path, name);
  const runningPath = file("running.json");
  return {
    path,
    file,
    announce: (running) => writeSecretly(runningPath, `${JSON.stringify(running, null, 2)}\n`),
    async close() {
      await rm(runningPath, { force: true });
      await unlock();
    },
  };
}

/** The secrets of a folder, made where they are not there. Throws `FolderError` when the master key is damaged. */
export async function folderSecrets({ file }: Pick<Folder, "file">): Promise<FolderSecrets> {
  const masterKey = Buffer.from(
    await keep(file("master-key"), () => randomBytes(MASTER_KEY_BYTES).toString("base64")),
    "base64",
  );
  if (masterKey.length !== MASTER_KEY_BYTES) {
    throw new FolderError(`${file("master-key")} is damaged: put it back from a backup, or use another --data folder`);
  }
  return {
    adminToken: await keep(file("admin-token"), () => randomBytes(24).toString("base64url")),
    adminTokenPath: file("admin-token"),
    secrets: {
      masterKey: async () => new Uint8Array(masterKey),
      // Read each time: `pointsman rotate token` replaces the file while the server runs.
      adminTokenHash: async () => {
        const token = (await readFile(file("admin-token"), "utf8")).trim();
        return createHash("sha256").update(token).digest("hex");
      },
    },
  };
}

/** The self-signed certificate of a folder, made for `names` where it is not there. */
export async function folderCertificate(
  { file }: Pick<Folder, "file">,
  nowMs: number,
  names: readonly string[] = [],
): Promise<FolderCertificate> {
  const keyPath = file("certificate-key.pem");
  const certificatePath = file("certificate.pem");
  if (!existsSync(keyPath) || !existsSync(certificatePath)) {
    const made = await makeCertificate(nowMs, names);
    await writeSecretly(keyPath, made.key);
    await writeSecretly(certificatePath, made.cert);
  }
  const [key, cert] = await Promise.all([readFile(keyPath, "utf8"), readFile(certificatePath, "utf8")]);
  return { certificate: { key, cert }, certificatePath };
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
