import type * as z from "zod/mini";
import type { Data, StoredItem, Value } from "../ports/database.ts";
import type { Revised } from "../ports/store.ts";
import { schemaVersion } from "./keys.ts";

/** Thrown for an item that this release cannot read: written by a newer release, or damaged. */
export class StoredDataError extends Error {
  override readonly name = "StoredDataError";
}

/** Reads an item's data through its schema. Throws `StoredDataError` naming the key, never the data. */
export function decode<T>(schema: z.ZodMiniType<T>, item: StoredItem): Revised<T> {
  const where = `${item.key.pk} ${item.key.sk}`;
  if (item.schema > schemaVersion) {
    throw new StoredDataError(
      `item ${where} has schema version ${item.schema}, this release reads up to ${schemaVersion}: deploy the newer release again`,
    );
  }
  const parsed = schema.safeParse(item.data);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => issue.path.join(".")).join(", ");
    throw new StoredDataError(`item ${where} cannot be read (${fields}): restore it from a backup`);
  }
  return { value: parsed.data, revision: item.revision };
}

/**
 * A record as data of an item. Records hold only what the database can: their types are inferred from schemas of
 * strings, numbers, booleans, null, bytes, arrays and maps.
 */
export function encode(record: object): Data {
  const data: Record<string, Value> = {};
  for (const [name, value] of Object.entries(record)) if (value !== undefined) data[name] = value;
  return data;
}
