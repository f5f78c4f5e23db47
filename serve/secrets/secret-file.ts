import { open } from "node:fs/promises";
import { ServeError } from "../error.ts";
import { serveLimits } from "../limits.ts";

/** Permissions that a secret's file must not give: any for all users, writing for the group. */
const FORBIDDEN_MODE = 0o027;

/**
 * The text of a file that holds a secret, without blanks around it; undefined when there is none. Throws `ServeError`, which
 * names the file and never what it holds, when others may read or write it, or it is empty or too long.
 */
export async function readSecretFile(path: string): Promise<string | undefined> {
  const file = await open(path, "r").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return undefined;
    throw new ServeError("failed", `secret file ${path} cannot be read: ${cause.code ?? cause.message}`, {
      next: "let the user that runs the server read it",
      cause,
    });
  });
  if (file === undefined) return undefined;
  try {
    const { mode, size } = await file.stat();
    if (process.platform !== "win32" && (mode & FORBIDDEN_MODE) !== 0) {
      throw new ServeError("failed", `secret file ${path} has mode ${(mode & 0o777).toString(8)}: others may use it`, {
        next: `chmod 600 ${path}`,
      });
    }
    if (size > serveLimits.secretBytes) {
      throw new ServeError("failed", `secret file ${path} is longer than ${serveLimits.secretBytes} bytes`, {
        next: "check that it is the right file",
      });
    }
    const text = (await file.readFile("utf8")).trim();
    if (text !== "") return text;
    throw new ServeError("failed", `secret file ${path} is empty`, { next: "write the secret into it" });
  } finally {
    await file.close();
  }
}
