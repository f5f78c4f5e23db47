import type { Database, Expected, Key } from "../ports/database.ts";
import type { Claim } from "../ports/store.ts";
import { encode } from "./codec.ts";
import { stepsOf } from "./versions.ts";

/** What a writer says of the item it means to replace: its revision, or undefined for "must not exist yet". */
export function expecting(prior: number | undefined): Expected {
  return prior === undefined ? { kind: "absent" } : { kind: "revision", revision: prior };
}

/** Writes a record, in the version of this release, on the condition of its prior revision. */
export async function writeRecord(
  database: Database,
  key: Key,
  record: object,
  prior: number | undefined,
  expiresAtS?: number,
): Promise<Claim> {
  const item = {
    key,
    schema: stepsOf(key).length + 1,
    data: encode(record),
    ...(expiresAtS === undefined ? {} : { expiresAtS }),
  };
  const outcome = await database.put(item, expecting(prior));
  return outcome.kind === "written" ? { kind: "won", revision: outcome.revision } : { kind: "lost" };
}

/** Deletes a record on the condition of its revision. */
export async function removeRecord(database: Database, key: Key, prior: number): Promise<Claim> {
  const outcome = await database.remove(key, { kind: "revision", revision: prior });
  return outcome.kind === "written" ? { kind: "won", revision: outcome.revision } : { kind: "lost" };
}
