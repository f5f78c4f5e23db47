import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const heldHere = new Set<string>();

/** A data folder cannot be used as it is; the message says what to do. */
export class FolderError extends Error {
  override readonly name = "FolderError";
}

/**
 * Takes a folder for this process and returns what gives it back. A lock that a dead process left is taken over.
 * Throws `FolderError` when another process has it.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "lock");
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await writeFile(path, `${process.pid}\n`, { flag: "wx", mode: 0o600 });
      heldHere.add(path);
      return async () => {
        heldHere.delete(path);
        await rm(path, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = Number(await readFile(path, "utf8").catch(() => ""));
    if (isAtWork(holder, path)) {
      throw new FolderError(
        `process ${holder} already runs on ${folder}: stop it, or choose another folder with --data (if that process is not Pointsman, remove ${path})`,
      );
    }
    await rm(path, { force: true });
  }
  throw new FolderError(`${path} comes back whenever it is removed: choose another folder with --data`);
}

/** A process that was started again can have the number of its dead predecessor, as in a container. */
function isAtWork(pid: number, path: string): boolean {
  if (pid === process.pid) return heldHere.has(path);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
