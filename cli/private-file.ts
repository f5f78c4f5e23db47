import { rename, rm, writeFile } from "node:fs/promises";
import { CliError, exitCodes } from "./exit.ts";

/**
 * Writes a file of mode 600 in one step: what stood at the path is replaced by the whole text, or stays. Throws
 * `CliError`.
 */
export async function writePrivately(path: string, text: string): Promise<void> {
  const next = `${path}.${process.pid}.new`;
  try {
    await writeFile(next, text, { mode: 0o600, flag: "wx" });
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true }).catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(exitCodes.failed, "cannot-write", `${path} cannot be written: ${reason}`, {
      next: "give a file in a folder that is there and yours to write",
      cause: error,
    });
  }
}
