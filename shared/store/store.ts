import { randomBytes } from "node:crypto";
import type { Random } from "../ports/clock.ts";
import type { Database } from "../ports/database.ts";
import type { Store } from "../ports/store.ts";
import { eventRecords } from "./event-records.ts";
import { linkRecords } from "./link-records.ts";
import { networkRecords } from "./network-records.ts";
import { routeRecords } from "./route-records.ts";

const systemRandom: Random = { bytes: (count) => randomBytes(count) };

/** The store over a database: one file a group of records. */
export function openStore(database: Database, random: Random = systemRandom): Store {
  return {
    ...networkRecords(database),
    ...linkRecords(database),
    ...routeRecords(database),
    ...eventRecords(database, random),
  };
}
