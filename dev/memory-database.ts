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
  const partitions = new Map<string, Map<string, Row>>();
  let writes = 0;
  let reads = 0;

  let newest = 0;
  const firstRevision = () => {
    newest = Math.max(newest + 1, clock.nowMs());
    return newest;
  };

  const live = (key: Key): Row | undefined => {
    const row = partitions.get(key.pk)?.get(key.sk);
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
      const rows = [...(partitions.get(query.pk)?.values() ?? [])].filter(
        (row) => !isExpired(row, clock.nowMs()) && isWanted(row.item.key.sk, query),
      );
      rows.sort((a, b) => compareKeys(a.item.key.sk, b.item.key.sk));
      if (query.order === "descending") rows.reverse();
      return observe(rows.slice(0, query.limit ?? rows.length).map((row) => row.item));
    },
    async put(item: NewItem, expected: Expected): Promise<WriteOutcome> {
      const found = live(item.key);
      if (!holds(found, expected)) return { kind: "conflict" };
      writes++;
      const revision = found === undefined ? firstRevision() : found.item.revision + 1;
      const partition = partitions.get(item.key.pk) ?? new Map<string, Row>();
      partitions.set(item.key.pk, partition);
      const stored = { key: item.key, revision, schema: item.schema, data: copyData(item.data) };
      partition.set(item.key.sk, { item: stored, expiresAtS: item.expiresAtS });
      return { kind: "written", revision };
    },
    async remove(key, expected) {
      const found = live(key);
      if (!holds(found, expected)) return { kind: "conflict" };
      writes++;
      partitions.get(key.pk)?.delete(key.sk);
      return { kind: "written", revision: expected.revision };
    },
    dump: () => [...partitions.values()].flatMap((partition) => [...partition.values()].map((row) => row.item)),
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

function isWanted(sk: string, query: Query): boolean {
  if (query.prefix !== undefined && !sk.startsWith(query.prefix)) return false;
  return query.after === undefined || compareKeys(sk, query.after) > 0;
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
