import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Database, Key, NewItem, Observed, StoredItem } from "../../shared/ports/database.ts";

/** Capacity units that DynamoDB would have charged, and how many calls they were. */
export type Meter = { readUnits: number; writeUnits: number; reads: number; writes: number };

/** A database and the meter that runs with it. */
export type MeteredDatabase = { readonly database: Database; readonly meter: Meter };

const readBlock = 4096;
const writeBlock = 1024;

/**
 * Counts what DynamoDB charges on demand: a read is rounded up to 4 KB over all items of a query and costs half when
 * eventually consistent, a write is rounded up to 1 KB, and a write whose condition fails costs the same.
 * Source: "Read and write operations", "DynamoDB item sizes and formats" in the DynamoDB developer guide.
 */
export function meteredDatabase(inner: Database): MeteredDatabase {
  const meter: Meter = { readUnits: 0, writeUnits: 0, reads: 0, writes: 0 };
  const noteRead = (bytes: number, isStrong: boolean) => {
    meter.reads++;
    meter.readUnits += Math.max(1, Math.ceil(bytes / readBlock)) * (isStrong ? 1 : 0.5);
  };
  const noteWrite = (bytes: number) => {
    meter.writes++;
    meter.writeUnits += Math.max(1, Math.ceil(bytes / writeBlock));
  };
  const sizes = new WeakMap<object, number>();
  const sizeOf = (item: StoredItem | NewItem): number => {
    const known = sizes.get(item.data);
    if (known !== undefined) return known;
    const size = itemBytes(item);
    sizes.set(item.data, size);
    return size;
  };
  const total = (items: readonly StoredItem[]) => items.reduce((sum, item) => sum + sizeOf(item), 0);

  const database: Database = {
    async get(key, consistency): Promise<Observed<StoredItem | undefined>> {
      const found = await inner.get(key, consistency);
      noteRead(found.value === undefined ? 0 : sizeOf(found.value), consistency === "strong");
      return found;
    },
    async query(query, consistency) {
      const found = await inner.query(query, consistency);
      noteRead(total(found.value), consistency === "strong");
      return found;
    },
    async put(item, expected) {
      noteWrite(sizeOf(item));
      return inner.put(item, expected);
    },
    async remove(key, expected) {
      const found = (await inner.get(key, "strong")).value;
      noteWrite(found === undefined ? 1 : sizeOf(found));
      return inner.remove(key, expected);
    },
  };
  return { database, meter };
}

/** Bytes of an item as the table stores it, with the attributes that the store adds. */
export function itemBytes(item: {
  readonly key: Key;
  readonly schema: number;
  readonly data: object;
  readonly expiresAtS?: number;
}): number {
  const expiry = item.expiresAtS === undefined ? {} : { x: item.expiresAtS };
  const attributes = marshall(
    { ...item.key, r: 1_700_000_000_000, v: item.schema, w: "123456789012", ...expiry, d: item.data },
    { removeUndefinedValues: true },
  );
  return mapBytes(attributes);
}

function mapBytes(attributes: Record<string, AttributeValue>): number {
  return Object.entries(attributes).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value),
    0,
  );
}

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(value.N.replace(/[-.]/g, "").replace(/^0+|0+$/g, "").length / 2) + 1;
  if (value.B !== undefined) return value.B.length;
  if (value.M !== undefined) return 3 + mapBytes(value.M) + Object.keys(value.M).length;
  if (value.L !== undefined) return 3 + value.L.reduce((sum, one) => sum + valueBytes(one) + 1, 0);
  return 1;
}
