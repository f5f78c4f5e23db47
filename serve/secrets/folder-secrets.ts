import { createHash } from "node:crypto";
import { join } from "node:path";
import { RouteError } from "../../shared/domain/errors.ts";
import { parameterSecrets } from "../../shared/platform/ssm-secrets.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Secrets } from "../../shared/ports/secrets.ts";
import { ServeError } from "../error.ts";
import { readSecretFile } from "./secret-file.ts";

/**
 * Master key and admin token of files in a folder: `master-key` (base64 of 32 bytes), and `admin-token-hash` (SHA-256 in
 * lower-case hex) or else `admin-token`, the token itself. Both methods throw `ServeError` for a file that is missing or that others may
 * read, and an Error that names the file when its text has another form.
 */
export function folderFileSecrets(folder: string, clock: Clock): Secrets {
  const masterKey = join(folder, "master-key");
  const hash = join(folder, "admin-token-hash");
  const read = async (path: string): Promise<string> => {
    const text = await readSecretFile(path);
    if (text !== undefined) return text;
    const token = path === hash ? await readSecretFile(join(folder, "admin-token")) : undefined;
    if (token !== undefined) return createHash("sha256").update(token).digest("hex");
    const missing = path === hash ? `neither ${hash} nor ${join(folder, "admin-token")} is` : `${path} is not`;
    throw new ServeError("failed", `${missing} there`, {
      next: `make them once with \`pointsman init --data ${folder}\`, and give every instance the same ones`,
    });
  };
  return parameterSecrets(read, { masterKey, adminTokenHash: hash }, clock);
}

/** A name that cannot lead out of the folder; `/` parts folders. */
const safeName = /^(?!\.{1,2}(?:\/|$))[\w+=.@-]+(?:\/(?!\.{1,2}(?:\/|$))[\w+=.@-]+)*$/;

/**
 * Reads the secrets of clouds from files of a folder by the names of the network file. Throws `RouteError`: INVALID for a name
 * that cannot be a file's and for a file that is not there, DENIED for one that must not be used as it is.
 */
export function cloudSecretFiles(folder: string): (reference: string) => Promise<string> {
  return async (reference) => {
    if (!safeName.test(reference)) {
      throw new RouteError("INVALID", `secret ${reference} cannot be the name of a file in ${folder}`, {
        retry: "never",
        next: "name it with letters, digits and _+=.@- in the network file, folders parted by /",
      });
    }
    const path = join(folder, reference);
    const text = await readSecretFile(path).catch((error: unknown) => {
      if (!(error instanceof ServeError)) throw error;
      throw new RouteError("DENIED", error.message, { cause: error, retry: "later", next: error.next });
    });
    if (text !== undefined) return text;
    throw new RouteError("INVALID", `secret ${reference} is not there: no file ${path}`, {
      retry: "later",
      next: `write it into ${path}, mode 600`,
    });
  };
}
