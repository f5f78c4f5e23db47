import type { Id } from "../domain/ids.ts";
import { Decision, type HostRecord, LinkSwitches, LocationWish, Pulse, Suspicion } from "../domain/records.ts";
import type { Database, StoredItem } from "../ports/database.ts";
import type { LinkRecords, LocationRecords, Revised, Store } from "../ports/store.ts";
import { decode } from "./codec.ts";
import { decodeHost, encodeHost } from "./host-codec.ts";
import { keys } from "./keys.ts";
import { type ParseMemo, parseMemo } from "./parse-memo.ts";
import { removeRecord, writeRecord } from "./write.ts";

type LinkStore = Pick<
  Store,
  | "readLink"
  | "readLocation"
  | "readPulse"
  | "readHead"
  | "writeHost"
  | "removeHost"
  | "writePulse"
  | "writeSwitches"
  | "writeWish"
  | "writeSuspicion"
  | "removeSuspicion"
  | "commitDecision"
  | "confirmDecision"
  | "readDecisions"
>;

/** The live records of links and locations, and the decision log. */
export function linkRecords(database: Database): LinkStore {
  const memo = parseMemo();
  /**
   * The decision that is about to be replaced, as it stands in the head, goes into the log first. Two electors may both
   * do so; a copy without the confirmation that came in between gives way to the one with it, never the reverse.
   */
  const archive = async (prior: Revised<Decision>): Promise<void> => {
    const key = keys.decision(prior.value.locationId, prior.value.epoch);
    const first = await writeRecord(database, key, prior.value, undefined);
    if (first.kind === "won") return;
    const stored = (await database.get(key, "strong")).value;
    if (stored === undefined) return;
    const archived = decode(Decision, stored);
    const isNewer = archived.value.swap.state === "pending" && prior.value.swap.state === "confirmed";
    if (isNewer) await writeRecord(database, key, prior.value, archived.revision);
  };

  return {
    async readLink(linkId, consistency) {
      const found = await database.query({ pk: keys.link(linkId) }, consistency);
      return { ...found, value: groupLink(found.value, memo) };
    },
    async readLocation(linkId, locationId, consistency) {
      const prefix = keys.locationPrefix(locationId);
      const found = await database.query({ pk: keys.link(linkId), prefix }, consistency);
      return { ...found, value: groupLocation(found.value, prefix, memo) };
    },
    async readPulse(linkId) {
      const found = await database.query({ pk: keys.link(linkId), prefix: "!" }, "strong");
      return { ...found, value: groupLink(found.value, memo) };
    },
    async readHead(linkId, locationId) {
      const found = await database.get(keys.head(linkId, locationId), "strong");
      return { ...found, value: found.value === undefined ? undefined : memo.parse(found.value, parseHead) };
    },

    async writeHost(linkId, locationId, next, prior) {
      const key = keys.host(linkId, locationId, next.hostId);
      const claim = await writeRecord(database, key, encodeHost(next), prior);
      if (claim.kind === "won") memo.remember(key, { value: next, revision: claim.revision });
      return claim;
    },
    removeHost: (linkId, locationId, hostId, prior) =>
      removeRecord(database, keys.host(linkId, locationId, hostId), prior),
    writePulse: (linkId, next, prior) => writeRecord(database, keys.pulse(linkId), next, prior),
    writeSwitches: (linkId, next, prior) => writeRecord(database, keys.switches(linkId), next, prior),
    writeWish: (linkId, locationId, next, prior) => writeRecord(database, keys.wish(linkId, locationId), next, prior),
    writeSuspicion: (linkId, locationId, next, prior) =>
      writeRecord(database, keys.suspicion(linkId, locationId), next, prior),
    removeSuspicion: (linkId, locationId, prior) => removeRecord(database, keys.suspicion(linkId, locationId), prior),

    async commitDecision(next, prior, mayCommit) {
      if (prior !== undefined) await archive(prior);
      if (!mayCommit()) return { kind: "lost" };
      return writeRecord(database, keys.head(next.linkId, next.locationId), next, prior?.revision);
    },
    confirmDecision: (confirmed, prior) =>
      writeRecord(database, keys.head(confirmed.linkId, confirmed.locationId), confirmed, prior),
    async readDecisions(linkId, locationId, limit) {
      const [head, log] = await Promise.all([
        database.get(keys.head(linkId, locationId), "strong"),
        database.query({ pk: keys.decision(locationId, 0).pk, order: "descending", limit }, "strong"),
      ]);
      const archived = log.value.map((item) => decode(Decision, item).value);
      if (head.value === undefined) return archived;
      const newest = decode(Decision, head.value).value;
      return [newest, ...archived.filter((decision) => decision.epoch < newest.epoch)].slice(0, limit);
    },
  };
}

type Building = {
  head: Revised<Decision> | undefined;
  hosts: Map<Id, Revised<HostRecord>>;
  wish: Revised<LocationWish> | undefined;
  suspicion: Revised<Suspicion> | undefined;
};

const parseHead = (item: StoredItem) => decode(Decision, item);
const parseHost = (item: StoredItem) => decodeHost(item.key.sk.slice(item.key.sk.lastIndexOf("#") + 1), item);
const parseWish = (item: StoredItem) => decode(LocationWish, item);
const parseSuspicion = (item: StoredItem) => decode(Suspicion, item);
const parsePulse = (item: StoredItem) => decode(Pulse, item);
const parseSwitches = (item: StoredItem) => decode(LinkSwitches, item);

/** Puts a record of a location in its place, by the letter that its sort key has after the location's. */
function place(into: Building, item: StoredItem, kindAt: number, memo: ParseMemo): void {
  switch (item.key.sk[kindAt]) {
    case "a":
      into.head = memo.parse(item, parseHead);
      return;
    case "h": {
      const record = memo.parse(item, parseHost);
      into.hosts.set(record.value.hostId, record);
      return;
    }
    case "s":
      into.suspicion = memo.parse(item, parseSuspicion);
      return;
    case "w":
      into.wish = memo.parse(item, parseWish);
      return;
    default:
      return;
  }
}

const building = (): Building => ({ head: undefined, hosts: new Map(), wish: undefined, suspicion: undefined });

function groupLocation(items: readonly StoredItem[], prefix: string, memo: ParseMemo): LocationRecords {
  const records = building();
  for (const item of items) place(records, item, prefix.length, memo);
  return records;
}

/** Items come in order of sort key: those of a location one after another. */
function groupLink(items: readonly StoredItem[], memo: ParseMemo): LinkRecords {
  const locations = new Map<Id, Building>();
  let pulse: Revised<Pulse> | undefined;
  let switches: Revised<LinkSwitches> | undefined;
  let prefix = "";
  let records = building();
  for (const item of items) {
    const { sk } = item.key;
    if (sk === "!pulse") pulse = memo.parse(item, parsePulse);
    else if (sk === "!switches") switches = memo.parse(item, parseSwitches);
    else {
      if (prefix === "" || !sk.startsWith(prefix)) {
        const locationId = sk.slice(0, sk.indexOf("#"));
        prefix = keys.locationPrefix(locationId);
        records = building();
        locations.set(locationId, records);
      }
      place(records, item, prefix.length, memo);
    }
  }
  return { pulse, switches, locations };
}
