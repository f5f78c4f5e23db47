import * as z from "zod/mini";
import { Id } from "../domain/ids.ts";
import { StoredCloud } from "../domain/network.ts";
import { Lease, LedgerEntry, SwapReport } from "../domain/records.ts";
import type { Database, Key } from "../ports/database.ts";
import type { Revised, Store } from "../ports/store.ts";
import { decode } from "./codec.ts";
import { keys } from "./keys.ts";
import { removeRecord, writeRecord } from "./write.ts";

const Targets = z.object({ targets: z.array(z.string()) });
const KnownTableRecord = z.object({ table: z.string(), tableId: z.string(), cloud: StoredCloud });
const RetiredRecord = z.object({
  linkId: Id,
  linkName: z.string(),
  locationId: Id,
  locationName: z.string(),
  generation: z.int(),
  cloud: StoredCloud,
  removeRoutes: z.boolean(),
  atMs: z.number(),
});

type RouteStore = Pick<
  Store,
  | "readLease"
  | "writeLease"
  | "readSwapReport"
  | "writeSwapReport"
  | "readTargets"
  | "writeTargets"
  | "readLedger"
  | "writeLedger"
  | "removeLedger"
  | "noteTable"
  | "knownTables"
  | "retire"
  | "readRetired"
  | "removeRetired"
>;

/** What the routes function keeps: leases, reports, the targets it used, the ledger, and what is retired. */
export function routeRecords(database: Database): RouteStore {
  const readOne = async <T>(key: Key, schema: z.ZodMiniType<T>): Promise<Revised<T> | undefined> => {
    const found = await database.get(key, "strong");
    return found.value === undefined ? undefined : decode(schema, found.value);
  };

  return {
    async readLease(locationId) {
      const found = await database.get(keys.lease(locationId), "strong");
      return { ...found, value: found.value === undefined ? undefined : decode(Lease, found.value) };
    },
    writeLease: (locationId, next, prior) => writeRecord(database, keys.lease(locationId), next, prior),

    readSwapReport: (locationId) => readOne(keys.swapReport(locationId), SwapReport),
    writeSwapReport: (locationId, next, prior) => writeRecord(database, keys.swapReport(locationId), next, prior),

    async readTargets(locationId) {
      const found = await readOne(keys.targets(locationId), Targets);
      return found === undefined ? undefined : { value: found.value.targets, revision: found.revision };
    },
    writeTargets: (locationId, next, prior) =>
      writeRecord(database, keys.targets(locationId), { targets: [...next] }, prior),

    async readLedger(table) {
      const found = await database.query({ pk: keys.ledger(table, "").pk }, "strong");
      return new Map(found.value.map((item) => [item.key.sk, decode(LedgerEntry, item)]));
    },
    writeLedger: (next, prior) => writeRecord(database, keys.ledger(next.table, next.destination), next, prior),
    removeLedger: (table, destination, prior) => removeRecord(database, keys.ledger(table, destination), prior),
    async noteTable(known) {
      const key = keys.knownTable(known.table);
      const found = await readOne(key, KnownTableRecord);
      const isNoted = found !== undefined && JSON.stringify(found.value.cloud) === JSON.stringify(known.cloud);
      if (!isNoted) await writeRecord(database, key, known, found?.revision);
    },
    async knownTables() {
      const found = await database.query({ pk: "tables" }, "strong");
      return found.value.map((item) => decode(KnownTableRecord, item).value);
    },

    async retire(retired) {
      await writeRecord(database, keys.retired(retired.locationId, retired.generation), retired, undefined);
    },
    async readRetired() {
      const found = await database.query({ pk: "retired" }, "strong");
      return found.value.map((item) => decode(RetiredRecord, item));
    },
    removeRetired: (retired) =>
      removeRecord(database, keys.retired(retired.value.locationId, retired.value.generation), retired.revision),
  };
}
