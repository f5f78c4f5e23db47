import type * as z from "zod/mini";
import type { Data, StoredItem, Value } from "../ports/database.ts";
import type { Revised } from "../ports/store.ts";
import { stepsOf } from "./versions.ts";

/** Thrown for an item that this release cannot read: written by a newer release, or damaged. */
export class StoredDataError extends Error {
  override readonly name = "StoredDataError";
}

/**
 * Reads an item's data through its schema, after the steps that lead from its version to this release's. Throws
 * `StoredDataError` naming the key, never the data: whoever cannot read an item has no revision to overwrite it by.
 */
export function decode<T>(schema: z.ZodMiniType<T>, item: StoredItem): Revised<T> {
  const where = `${item.key.pk} ${item.key.sk}`;
  const steps = stepsOf(item.key);
  if (item.schema > steps.length + 1) {
    throw new StoredDataError(
      `item ${where} is of version ${item.schema}, this release reads up to ${steps.length + 1}: upgrade this function`,
    );
  }
  const data = steps.slice(item.schema - 1).reduce((older, step) => step(older, item.key), item.data);
  const parsed = schema.safeParse(data);
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
