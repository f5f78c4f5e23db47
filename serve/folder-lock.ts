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
      await writeFile(path, `${process.pid} ${await birthOf(process.pid)}\n`, { flag: "wx", mode: 0o600 });
      heldHere.add(path);
      return async () => {
        heldHere.delete(path);
        await rm(path, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const [pid = "", ...birth] = (await readFile(path, "utf8").catch(() => "")).trim().split(" ");
    const holder = Number(pid);
    if (await isAtWork(holder, birth.join(" "), path)) {
      throw new FolderError(
        `process ${holder} already runs on ${folder}: stop it, or choose another folder with --data (if that process is not Pointsman, remove ${path})`,
      );
    }
    await rm(path, { force: true });
  }
  throw new FolderError(`${path} comes back whenever it is removed: choose another folder with --data`);
}

/**
 * A process that was started again can have the number of its dead predecessor, as in a container, and after a power failure
 * any other process can: where the system tells when a process was born, it has to be the same one.
 */
async function isAtWork(pid: number, birth: string, path: string): Promise<boolean> {
  if (pid === process.pid) return heldHere.has(path);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  const now = await birthOf(pid);
  if (birth !== "" && now !== "" && birth !== now) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * The boot that a process was born in, and when, in ticks since then; empty where that cannot be told. The name of the
 * program, which may hold blanks, ends with the last bracket; the time is the 22nd field. Source: proc_pid_stat(5).
 */
async function birthOf(pid: number): Promise<string> {
  try {
    const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return ticks === undefined ? "" : `${boot} ${ticks}`;
  } catch {
    return "";
  }
}
