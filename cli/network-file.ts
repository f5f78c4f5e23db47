import { readFile } from "node:fs/promises";
import { CliError, exitCodes, usageError } from "./exit.ts";

/** The text of a network file. Throws `CliError` (usage) when it cannot be read. */
export async function readNetworkFile(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError(`${path} cannot be read: ${reason}`, "give the path of a network file");
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CliError(exitCodes.failed, "invalid-network", `${path} is not UTF-8 text`, {
      next: "save it as UTF-8",
      cause,
    });
  }
}
