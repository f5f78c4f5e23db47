import { gunzipSync, gzipSync } from "node:zlib";
import * as z from "zod/mini";
import { InputError } from "../domain/errors.ts";
import { emptyNetwork, Network } from "../domain/network.ts";
import type { Database, StoredItem } from "../ports/database.ts";
import type { AppliedNetwork, Store } from "../ports/store.ts";
import { decode } from "./codec.ts";
import { keys } from "./keys.ts";
import { writeRecord } from "./write.ts";

/** DynamoDB takes items of 400 KB; the rest is for the attributes beside the body. */
const maxBodyBytes = 380_000;

const NetworkItem = z.object({ atMs: z.number(), by: z.string(), why: z.string(), body: z.instanceof(Uint8Array) });
const Body = z.object({ network: Network, source: z.string() });

const never: AppliedNetwork = { network: emptyNetwork, atMs: 0, by: "", why: "", source: "" };

type NetworkStore = Pick<Store, "readNetwork" | "commitNetwork" | "readNetworkHistory">;

/** Configurations: one compressed item a version, the newest is in force. A version never changes: it is unpacked once. */
export function networkRecords(database: Database): NetworkStore {
  let kept = { sk: "", revision: 0, applied: never };
  const newestOf = (item: StoredItem): AppliedNetwork => {
    const { key, revision } = item;
    if (kept.sk !== key.sk || kept.revision !== revision) kept = { sk: key.sk, revision, applied: unpack(item) };
    return kept.applied;
  };
  return {
    async readNetwork() {
      const found = await database.query({ pk: "network", order: "descending", limit: 1 }, "strong");
      const newest = found.value[0];
      return { ...found, value: newest === undefined ? never : newestOf(newest) };
    },
    async commitNetwork(next) {
      const body = gzipSync(JSON.stringify({ network: next.network, source: next.source }));
      if (body.length > maxBodyBytes) {
        const value = `${body.length} bytes compressed`;
        const reason = `larger than the ${maxBodyBytes} bytes that one item holds: split it into several deployments`;
        throw new InputError([{ field: "network", value, reason }]);
      }
      const record = { atMs: next.atMs, by: next.by, why: next.why, body: new Uint8Array(body) };
      return writeRecord(database, keys.network(next.network.version), record, undefined);
    },
    async readNetworkHistory(limit) {
      const found = await database.query({ pk: "network", order: "descending", limit }, "strong");
      return found.value.map(unpack);
    },
  };
}

function unpack(item: StoredItem): AppliedNetwork {
  const { value } = decode(NetworkItem, item);
  const { network, source } = Body.parse(JSON.parse(gunzipSync(value.body).toString("utf8")));
  return { network, source, atMs: value.atMs, by: value.by, why: value.why };
}
