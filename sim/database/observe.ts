import { unmarshall } from "@aws-sdk/util-dynamodb";
import { Event } from "../../shared/domain/events.ts";
import { Decision, LedgerEntry, LinkSwitches, LocationWish, Pulse, Suspicion } from "../../shared/domain/records.ts";
import type { Data, StoredItem } from "../../shared/ports/database.ts";
import { decodeHost } from "../../shared/store/host-codec.ts";
import { networkRecords } from "../../shared/store/network-records.ts";
import type { Fact, Observe, Writer } from "../facts.ts";
import type { Item } from "./table.ts";

/** Turns every write of the table into a fact. */
export function watchWrites(observe: Observe, nowMs: () => number) {
  return (pk: string, sk: string, item: Item | undefined, before: Item | undefined, writer: Writer): void => {
    const [space = "", name = ""] = pk.split("/", 2);
    const at = { atMs: nowMs(), writer };
    switch (space) {
      case "link":
        linkWrite(observe, at, { linkId: name, sk, item, before });
        return;
      case "decisions":
        if (item !== undefined) observe({ ...at, kind: "archived", decision: dataOf(item, Decision) });
        return;
      case "events":
        if (item !== undefined && name !== "once") observe({ ...at, kind: "event", event: dataOf(item, Event) });
        return;
      case "ledger": {
        const entry = item ?? before;
        if (entry !== undefined)
          observe({ ...at, kind: "ledger", entry: dataOf(entry, LedgerEntry), isRemoved: item === undefined });
        return;
      }
      case "network":
        if (item !== undefined) void networkFact(item).then((fact) => observe({ ...at, ...fact }));
        return;
      default:
        return;
    }
  };
}

type LinkWrite = {
  readonly linkId: string;
  readonly sk: string;
  readonly item: Item | undefined;
  readonly before: Item | undefined;
};

function linkWrite(
  observe: Observe,
  at: { readonly atMs: number; readonly writer: Writer },
  { linkId, sk, item, before }: LinkWrite,
): void {
  if (sk === "!pulse") {
    if (item !== undefined) observe({ ...at, kind: "pulse", linkId, pulse: dataOf(item, Pulse) });
    return;
  }
  if (sk === "!switches") {
    const isPaused = item !== undefined && dataOf(item, LinkSwitches).paused !== null;
    observe({ ...at, kind: "paused", linkId, isPaused });
    return;
  }
  const [locationId = "", kind = "", hostId = ""] = sk.split("#");
  const ref = { linkId, locationId };
  switch (kind) {
    case "a":
      observe(
        item === undefined
          ? { ...at, ...ref, kind: "head-removed" }
          : {
              ...at,
              kind: "head",
              decision: dataOf(item, Decision),
              before: before === undefined ? undefined : dataOf(before, Decision),
            },
      );
      return;
    case "h": {
      const record = item === undefined ? undefined : decodeHost(hostId, stored(item)).value;
      observe({ ...at, ...ref, kind: "host-record", hostId, record });
      return;
    }
    case "s":
      observe({ ...at, ...ref, kind: "suspicion", suspicion: item && dataOf(item, Suspicion) });
      return;
    case "w":
      observe({ ...at, ...ref, kind: "wish", wish: item && dataOf(item, LocationWish) });
      return;
    default:
      return;
  }
}

type Schema<T> = { parse(value: unknown): T };

function dataOf<T>(item: Item, schema: Schema<T>): T {
  return schema.parse(stored(item).data);
}

function stored(item: Item): StoredItem {
  const plain = unmarshall(item);
  return {
    key: { pk: String(plain["pk"]), sk: String(plain["sk"]) },
    revision: Number(plain["r"]),
    schema: Number(plain["v"]),
    data: plain["d"] as Data,
  };
}

/** Reads a configuration through the store, from a database that holds it alone. */
async function networkFact(
  item: Item,
): Promise<Pick<Extract<Fact, { kind: "network" }>, "kind" | "network" | "by" | "why">> {
  const alone = stored(item);
  const found = { value: [alone], sentMs: 0, receivedMs: 0, monotonicMs: 0, databaseMs: undefined };
  const database = { query: async () => found } as unknown as Parameters<typeof networkRecords>[0];
  const { value } = await networkRecords(database).readNetwork();
  return { kind: "network", network: value.network, by: value.by, why: value.why };
}
