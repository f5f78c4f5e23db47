import type { Id } from "../../shared/domain/ids.ts";
import type { HostRecord } from "../../shared/domain/records.ts";
import type { Fact } from "../facts.ts";
import type { Truth } from "../world/truth.ts";

/** A heartbeat that its host sent itself and that was answered with 200. `clockOffsetMs`: of the function that did. */
export type Heard = { readonly signedMs: number; readonly answeredMs: number; readonly clockOffsetMs: number };

/** What the table said of a host since then. */
type Recorded = { readonly lastSeenMs: number; readonly fromMs: number };

/** What is known of one host by its own doings, and what the table says of it. True times, ms; 0 for never. */
export type HostMemory = {
  /** Oldest first. */
  readonly heard: readonly Heard[];
  /** When its newest heartbeat, and its newest good-bye, was signed. */
  readonly signedMs: number;
  readonly leftMs: number;
  /** The newest time that it signed for, where its clock was ahead. */
  readonly aheadMs: number;
  /** Its own times, s, that it signed of late. */
  readonly agentTimesS: readonly number[];
  /** When its clock was last wrong, or jumped. */
  readonly clockTroubleMs: number;
  /** Since when it runs, leaving aside that it stood still, or was away for less than its time-out. */
  readonly upSinceMs: number;
  readonly record: HostRecord | undefined;
  /** How late the heartbeat of the record's anchor was. */
  readonly anchorLateMs: number;
  /** What its record said before, newest last. */
  readonly records: readonly Recorded[];
};

export type HostLog = {
  note(fact: Fact): void;
  of(hostId: Id): HostMemory | undefined;
};

/** As many heartbeats as a frozen container may be late with its commit. */
const keepHeard = 200;
const keepTimes = 256;
/** Records older than this are of no use to any elector. ms */
const keepRecordsMs = 30_000;
/** A clock that is off by more, or moves by more from one heartbeat to the next, is wrong. ms */
const wrongMs = 3_000;
const jumpMs = 500;

type Kept = {
  -readonly [K in keyof HostMemory]: HostMemory[K] extends readonly (infer T)[] ? T[] : HostMemory[K];
} & { offsetMs: number | undefined; downSinceMs: number };

export function createHostLog(truth: Truth): HostLog {
  const hosts = new Map<Id, Kept>();
  const keep = (hostId: Id): Kept => {
    const known = hosts.get(hostId);
    if (known !== undefined) return known;
    const fresh: Kept = {
      heard: [],
      signedMs: 0,
      leftMs: 0,
      aheadMs: 0,
      agentTimesS: [],
      clockTroubleMs: 0,
      upSinceMs: 0,
      record: undefined,
      anchorLateMs: 0,
      records: [],
      offsetMs: undefined,
      downSinceMs: 0,
    };
    hosts.set(hostId, fresh);
    return fresh;
  };

  const sent = ({ hostId, method, atMs, agentTimeS }: Extract<Fact, { kind: "sent" }>): void => {
    const host = keep(hostId);
    if (method === "DELETE") host.leftMs = atMs;
    const known = truth.host(hostId);
    if (known === undefined) return;
    const offsetMs = known.clockOffsetMs;
    const signedMs = method === "PUT" && known.signedMs > 0 ? Math.min(atMs, known.signedMs) : atMs;
    const isJump = host.offsetMs !== undefined && Math.abs(offsetMs - host.offsetMs) > jumpMs;
    if (isJump || Math.abs(offsetMs) > wrongMs) host.clockTroubleMs = atMs;
    host.offsetMs = offsetMs;
    host.agentTimesS.push(agentTimeS);
    if (host.agentTimesS.length > keepTimes) {
      // What a clock signed while it ran ahead is good for long, whoever sends it.
      const old = host.agentTimesS.splice(0, keepTimes / 2);
      host.agentTimesS.unshift(...old.filter((time) => time > agentTimeS).slice(-keepTimes / 4));
    }
    if (method === "DELETE") return;
    host.signedMs = Math.max(host.signedMs, signedMs);
    host.aheadMs = Math.max(host.aheadMs, signedMs, agentTimeS * 1_000);
  };
  const answered = (fact: Extract<Fact, { kind: "answered" }>): void => {
    if (!fact.isGenuine || fact.method !== "PUT" || fact.status !== 200) return;
    const { heard } = keep(fact.hostId);
    const { signedMs, atMs: answeredMs, writer } = fact;
    heard.push({ signedMs, answeredMs, clockOffsetMs: writer.clockOffsetMs });
    if (heard.length > keepHeard) heard.splice(0, keepHeard / 2);
  };
  const recorded = ({ hostId, record, atMs, writer }: Extract<Fact, { kind: "host-record" }>): void => {
    const host = keep(hostId);
    const isAnchored = record !== undefined && record.anchor.serverMs !== host.record?.anchor.serverMs;
    if (isAnchored) {
      const signedMs = record.anchor.agentTimeS * 1_000 - (host.offsetMs ?? 0);
      host.anchorLateMs = Math.max(0, record.anchor.serverMs - writer.clockOffsetMs - signedMs);
    }
    host.record = record;
    host.records.push({ lastSeenMs: record?.lastSeenMs ?? 0, fromMs: atMs });
    while ((host.records[1]?.fromMs ?? atMs) < atMs - keepRecordsMs) host.records.shift();
  };
  const came = (hostId: Id, atMs: number): void => {
    const host = keep(hostId);
    const awayMs = atMs - host.downSinceMs;
    const timeoutMs = truth.place(hostId)?.host.timeoutMs ?? 0;
    if (host.upSinceMs === 0 || awayMs > timeoutMs) host.upSinceMs = atMs;
  };

  return {
    of: (hostId) => hosts.get(hostId),
    note(fact) {
      switch (fact.kind) {
        case "sent":
          sent(fact);
          return;
        case "answered":
          answered(fact);
          return;
        case "host-record":
          recorded(fact);
          return;
        case "host-up":
          came(fact.hostId, fact.atMs);
          return;
        case "host-down":
          keep(fact.hostId).downSinceMs = fact.atMs;
          return;
        default:
          return;
      }
    },
  };
}
