import type { Clock } from "../shared/ports/clock.ts";
import type {
  Data,
  Database,
  Expected,
  Key,
  NewItem,
  Observed,
  Query,
  StoredItem,
  Value,
  WriteOutcome,
} from "../shared/ports/database.ts";

/** Rows by sort key, and the sort keys in order. */
type Partition = { readonly rows: Map<string, Row>; readonly order: string[] };

type Row = { readonly item: StoredItem; readonly expiresAtS: number | undefined };

/** What a test may want to know or to do beside the port. */
export type MemoryDatabase = Database & {
  /** Every live item, in order of key. */
  dump(): readonly StoredItem[];
  readonly writes: number;
  readonly reads: number;
};

/**
 * The database port in memory, with the same answers as DynamoDB: conditional on revision, ordered sort keys,
 * expired items invisible. Values are copied on the way in; what is read is shared and must not be changed.
 */
export function memoryDatabase(clock: Clock): MemoryDatabase {
  const partitions = new Map<string, Partition>();
  let writes = 0;
  let reads = 0;

  let newest = 0;
  const firstRevision = () => {
    newest = Math.max(newest + 1, clock.nowMs());
    return newest;
  };

  const live = (key: Key): Row | undefined => {
    const row = partitions.get(key.pk)?.rows.get(key.sk);
    return row === undefined || isExpired(row, clock.nowMs()) ? undefined : row;
  };
  const observe = <T>(value: T): Observed<T> => ({
    value,
    sentMs: clock.nowMs(),
    receivedMs: clock.nowMs(),
    monotonicMs: clock.monotonicMs(),
    databaseMs: Math.floor(clock.nowMs() / 1000) * 1000,
  });

  return {
    async get(key) {
      reads++;
      const row = live(key);
      return observe(row?.item);
    },
    async query(query) {
      reads++;
      const items = itemsOf(partitions.get(query.pk), query, clock.nowMs());
      if (query.order === "descending") items.reverse();
      return observe(query.limit === undefined ? items : items.slice(0, query.limit));
    },
    async put(item: NewItem, expected: Expected): Promise<WriteOutcome> {
      const found = live(item.key);
      if (!holds(found, expected)) return { kind: "conflict" };
      writes++;
      const revision = found === undefined ? firstRevision() : found.item.revision + 1;
      const partition = partitions.get(item.key.pk) ?? { rows: new Map<string, Row>(), order: [] };
      partitions.set(item.key.pk, partition);
      const stored = { key: item.key, revision, schema: item.schema, data: copyData(item.data) };
      if (!partition.rows.has(item.key.sk))
        partition.order.splice(placeOf(item.key.sk, partition.order), 0, item.key.sk);
      partition.rows.set(item.key.sk, { item: stored, expiresAtS: item.expiresAtS });
      return { kind: "written", revision };
    },
    async remove(key, expected) {
      const found = live(key);
      if (!holds(found, expected)) return { kind: "conflict" };
      writes++;
      const partition = partitions.get(key.pk);
      if (partition?.rows.delete(key.sk) === true) partition.order.splice(placeOf(key.sk, partition.order), 1);
      return { kind: "written", revision: expected.revision };
    },
    dump: () => [...partitions.values()].flatMap((partition) => [...partition.rows.values()].map((row) => row.item)),
    get writes() {
      return writes;
    },
    get reads() {
      return reads;
    },
  };
}

function isExpired(row: Row, nowMs: number): boolean {
  return row.expiresAtS !== undefined && row.expiresAtS * 1000 <= nowMs;
}

function holds(found: Row | undefined, expected: Expected): boolean {
  return expected.kind === "absent" ? found === undefined : found?.item.revision === expected.revision;
}

/** The live items that a query asks for, in order of sort key, without its limit. */
function itemsOf(partition: Partition | undefined, { prefix = "", after = "" }: Query, nowMs: number): StoredItem[] {
  const items: StoredItem[] = [];
  if (partition === undefined) return items;
  const { rows, order } = partition;
  for (let at = placeOf(prefix > after ? prefix : after, order); at < order.length; at++) {
    const sk = order[at] ?? "";
    if (!sk.startsWith(prefix)) break;
    const row = rows.get(sk);
    if (sk !== after && row !== undefined && !isExpired(row, nowMs)) items.push(row.item);
  }
  return items;
}

/** Where a sort key stands, or would stand, in order. */
function placeOf(sk: string, order: readonly string[]): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareKeys(order[middle] ?? "", sk) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** DynamoDB orders sort keys by their UTF-8 bytes; ours are ASCII, where code units order alike. */
function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function copyData(data: Data): Data {
  return copyValue(data) as Data;
}

function copyValue(value: Value): Value {
  if (value instanceof Uint8Array) return value.slice();
  if (Array.isArray(value)) return value.map(copyValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, copyValue(one)]));
}
