import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CliError, exitCodes } from "../exit.ts";
import type { SecretStore } from "./secret-store.ts";

/** Secrets of a local server: files of mode 600 in its data folder, which is made when it is not there. */
export function fileSecrets(folder: string): SecretStore {
  const masterKey = join(folder, "master-key");
  const token = join(folder, "admin-token");
  return {
    masterKeyPlace: masterKey,
    tokenPlace: token,
    putMasterKey: (key) => writeNew(folder, masterKey, key),
    putToken: (value) => writeNew(folder, token, value),
    async replaceToken(value) {
      const next = `${token}.${process.pid}.new`;
      try {
        await rm(next, { force: true });
        await writeNew(folder, next, value);
        await rename(next, token);
      } catch (error) {
        throw refused(token, error);
      }
    },
  };
}

async function writeNew(folder: string, path: string, value: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw refused(folder, error);
  }
  try {
    await writeFile(path, `${value}\n`, { mode: 0o600, flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw refused(path, error);
  }
}

function refused(path: string, cause: unknown): CliError {
  if (cause instanceof CliError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new CliError(exitCodes.failed, "secret-store", `${path} cannot be written: ${text}`, {
    next: "check that the data folder is yours to write, or give another with --data",
    cause,
  });
}
