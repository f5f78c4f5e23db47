import * as z from "zod/mini";
import { type Bits, noBits, sameBits } from "../domain/bits.ts";
import type { Id } from "../domain/ids.ts";
import type { HostRecord } from "../domain/records.ts";
import type { StoredItem } from "../ports/database.ts";
import type { Revised } from "../ports/store.ts";
import { decode } from "./codec.ts";

const Count = z.number();
const Bytes = z.instanceof(Uint8Array);
const Text = z.optional(z.string());

/**
 * A host record in few bytes: every container reads all of a link's each second, so their size is what a heartbeat
 * costs in a large link. Short names, nothing that is empty or follows from the rest, equal samples once.
 */
const CompactHost = z.object({
  /** last seen, agent time, up since, interval */
  t: z.tuple([Count, Count, Count, Count]),
  /** anchor: agent time, server time; absent when it is the last heartbeat itself */
  a: z.optional(z.tuple([Count, Count])),
  n: z.string(),
  /** left: agent time, at */
  l: z.optional(z.tuple([Count, Count])),
  v: Text,
  p: Text,
  o: Text,
  s: Text,
  w: Text,
  /** reachability samples, and how often each was seen in a row */
  r: z.optional(z.array(Bytes)),
  rn: z.optional(z.array(Count)),
  x: z.optional(z.record(z.string(), Count)),
  up: z.optional(Bytes),
  /** tunnels ever connected, in epoch, and those down */
  e: z.optional(Bytes),
  ep: z.optional(Count),
  d: z.optional(z.record(z.string(), Count)),
});
type CompactHost = z.infer<typeof CompactHost>;

function filled<T extends object>(map: T): T | undefined {
  for (const _ in map) return map;
  return undefined;
}
const some = (text: string): string | undefined => (text === "" ? undefined : text);
const set = (bits: Bits): Bits | undefined => (bits.length === 0 ? undefined : bits);

/** The record as it is stored; what is undefined is left out. The host's id is in the key. */
export function encodeHost(record: HostRecord): object {
  const { anchor, left, tunnels } = record;
  const isOwnAnchor = anchor.agentTimeS === record.agentTimeS && anchor.serverMs === record.lastSeenMs;
  const runs = runsOf(record.reach);
  const compact: CompactHost = {
    t: [record.lastSeenMs, record.agentTimeS, record.upSinceMs, record.intervalMs],
    a: isOwnAnchor ? undefined : [anchor.agentTimeS, anchor.serverMs],
    n: record.nonce,
    l: left === null ? undefined : [left.agentTimeS, left.atMs],
    v: some(record.version),
    p: some(record.publicAddress),
    o: some(record.localAddress),
    s: some(record.address6),
    w: some(record.wgPublicKey),
    r: runs.length === 0 ? undefined : runs.map((run) => run.sample),
    rn: runs.length === 0 ? undefined : runs.map((run) => run.times),
    x: filled(record.lost),
    up: set(tunnels.up),
    e: set(tunnels.ever),
    ep: tunnels.epoch === 0 ? undefined : tunnels.epoch,
    d: filled(tunnels.down),
  };
  return compact;
}

/** Reads a host's item. Throws `StoredDataError`. */
export function decodeHost(hostId: Id, item: StoredItem): Revised<HostRecord> {
  const { value: compact, revision } = decode(CompactHost, item);
  const [lastSeenMs, agentTimeS, upSinceMs, intervalMs] = compact.t;
  const [anchorAgentS, anchorServerMs] = compact.a ?? [agentTimeS, lastSeenMs];
  const counts = compact.rn ?? [];
  const record: HostRecord = {
    hostId,
    lastSeenMs,
    agentTimeS,
    anchor: { agentTimeS: anchorAgentS, serverMs: anchorServerMs },
    nonce: compact.n,
    upSinceMs,
    left: compact.l === undefined ? null : { agentTimeS: compact.l[0], atMs: compact.l[1] },
    version: compact.v ?? "",
    publicAddress: compact.p ?? "",
    localAddress: compact.o ?? "",
    address6: compact.s ?? "",
    wgPublicKey: compact.w ?? "",
    intervalMs,
    reach: (compact.r ?? []).flatMap((sample, at) => new Array<Bits>(counts[at] ?? 1).fill(sample)),
    lost: compact.x ?? {},
    tunnels: {
      up: compact.up ?? noBits,
      ever: compact.e ?? noBits,
      epoch: compact.ep ?? 0,
      down: compact.d ?? {},
    },
  };
  return { value: record, revision };
}

function runsOf(samples: readonly Bits[]): readonly { readonly sample: Bits; readonly times: number }[] {
  const runs: { sample: Bits; times: number }[] = [];
  for (const sample of samples) {
    const last = runs.at(-1);
    if (last !== undefined && sameBits(last.sample, sample)) last.times++;
    else runs.push({ sample, times: 1 });
  }
  return runs;
}
