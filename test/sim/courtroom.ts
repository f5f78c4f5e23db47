import type { Cloud } from "../../shared/domain/clouds/cloud.ts";
import type { Event } from "../../shared/domain/events.ts";
import type { Host, Network } from "../../shared/domain/network.ts";
import { hostIndex } from "../../shared/domain/network.ts";
import type { Decision, HostRecord } from "../../shared/domain/records.ts";
import type { Check, MakeCheck, PromiseNumber } from "../../sim/checks/check.ts";
import type { Fact, RouteCall, Writer } from "../../sim/facts.ts";
import type { FaultKind } from "../../sim/faults/kinds.ts";
import type { HostTruth, StandingRoute, Truth } from "../../sim/world/truth.ts";
import { decision, host, link, location, network, record, startMs } from "../fixtures/network.ts";

/** A fact without its time, which is the courtroom's own. */
type Timeless<T> = T extends Fact ? Omit<T, "atMs"> : never;

const tables = { here: ["rtb-1", "rtb-2"], there: ["rtb-3"] } as const;

/** `here` has the hosts a1 and a2, with higher priority for a1, and reaches 10.2.0.0/16 and 10.3.0.0/16; `there` has b1 and b2, `office` has c1. */
export function mesh(
  more: { readonly removeRoutes?: boolean; readonly hosts?: readonly Host[]; readonly version?: number } = {},
): Network {
  const { removeRoutes = false, hosts = [host("a1", { priority: 20 }), host("a2")], version = 1 } = more;
  const cloudOf = (ids: readonly string[]): Cloud => ({
    provider: "aws",
    region: "us-east-1",
    vpc: "vpc-1",
    routeTables: { by: "id", ids: [...ids] },
  });
  const locations = [
    location("here", hosts, { networks: ["10.1.0.0/16"], cloud: cloudOf(tables.here), removeRoutes }),
    location("there", ["b1", "b2"], { networks: ["10.2.0.0/16"], cloud: cloudOf(tables.there) }),
    location("office", ["c1"], { networks: ["10.3.0.0/16"] }),
  ];
  return network([link("mesh", locations, { hostCheck: true })], version);
}

type Call = Partial<RouteCall> & Pick<RouteCall, "kind">;

/** A checker with a world that only says what a test has it say. Time goes on by `pass`; times are ms after the beginning. */
export function courtroom(make: MakeCheck, first: Network = mesh(), routes: Readonly<Record<string, string>> = {}) {
  let nowMs = startMs;
  let calls = 0;
  let calmSinceMs: number | undefined;
  const networks: { readonly network: Network; readonly atMs: number }[] = [{ network: first, atMs: 0 }];
  const heads = new Map<string, Decision>();
  const standing = new Map<string, Map<string, StandingRoute>>();
  const hosts = new Map<string, HostTruth>();
  const found: { readonly promise: PromiseNumber; readonly message: string }[] = [];
  let stale = 0;

  const put = (table: string, destination: string, target: string | undefined, by: StandingRoute["by"]): void => {
    const rows = standing.get(table) ?? new Map<string, StandingRoute>();
    standing.set(table, rows);
    if (target === undefined) rows.delete(destination);
    else rows.set(destination, { destination, target, isBlackhole: false, by, atMs: nowMs });
  };
  for (const [place, target] of Object.entries(routes)) {
    const [table = "", destination = ""] = place.split(" ");
    put(table, destination, target, "somebody");
  }
  const current = (): Network => networks.at(-1)?.network ?? first;
  const place = (hostId: string) => hostIndex(current()).get(hostId);
  const plain = (hostId: string): HostTruth => ({
    hostId,
    isUp: true,
    sinceMs: startMs - 3_600_000,
    signedMs: 0,
    heardMs: nowMs,
    isConnected: true,
    clockOffsetMs: 0,
    isLying: false,
    isForwardingDead: false,
    holdsTunnels: false,
  });
  const truth: Truth = {
    shape: {
      linkName: "mesh",
      hostCheck: true,
      tunnelTimeoutS: 45,
      cloud: "replace",
      locations: Object.entries(tables).map(([name, all]) => ({
        name,
        network: "",
        tables: all,
        vpc: "vpc-1",
        failback: "auto",
        holdUpS: 30,
        removeRoutes: false,
        hosts: [],
      })),
    },
    nowMs: () => nowMs,
    networks,
    get network() {
      return current();
    },
    get link() {
      return current().links[0];
    },
    place,
    location: (id) => current().links[0]?.locations.find((one) => one.id === id),
    decisions: () => [],
    host: (hostId) => hosts.get(hostId) ?? (place(hostId) && plain(hostId)),
    reaches: () => true,
    routes: (table) => [...(standing.get(table)?.values() ?? [])],
    interfacesOf: (hostId) => [`eni-${hostId}`],
    ownerOf(interfaceId) {
      const owner = place(interfaceId.replace("eni-", ""));
      return owner && { location: owner.location.name, host: owner.host.name };
    },
    get calmSinceMs() {
      return calmSinceMs;
    },
    wasTroubled: () => false,
  };
  const check: Check = make({
    truth,
    violate: ({ promise, message }) => void found.push({ promise, message }),
    countStale: () => void stale++,
  });
  const tell = (fact: Timeless<Fact>): void => check.observe({ ...fact, atMs: nowMs } as Fact);
  const writer = (role: Writer["role"], more: Partial<Writer> = {}): Writer => ({
    process: `${role}-1`,
    role,
    clockOffsetMs: 0,
    ...more,
  });
  const archive = (old: Decision, by: Writer = writer("failover")): void =>
    tell({ kind: "archived", decision: old, writer: by });

  const room = {
    found,
    tell,
    writer,
    archive,
    get stale() {
      return stale;
    },
    nowMs: () => nowMs,
    pass(ms: number): void {
      nowMs += ms;
    },
    head: (locationId = "here"): Decision => {
      const head = heads.get(locationId);
      if (head === undefined) throw new Error(`nothing is decided for ${locationId}`);
      return head;
    },
    /** What a host is really like from now on. */
    host(hostId: string, more: Partial<HostTruth>): void {
      hosts.set(hostId, { ...plain(hostId), ...hosts.get(hostId), ...more });
    },
    calm(sinceMs: number): void {
      calmSinceMs = sinceMs;
    },
    /** A decision as an elector makes it; the one before is archived. */
    commit(activeHostId: string | null, more: Partial<Decision> = {}, by: Writer = writer("failover")): Decision {
      const locationId = more.locationId ?? "here";
      const before = heads.get(locationId);
      const next = decision("mesh", locationId, activeHostId, {
        epoch: (before?.epoch ?? 0) + 1,
        previousHostId: before?.activeHostId ?? null,
        decidedMs: nowMs + by.clockOffsetMs,
        swap: { state: "pending" },
        ...more,
      });
      if (before !== undefined) archive(before, by);
      heads.set(locationId, next);
      tell({ kind: "head", decision: next, before, writer: by });
      return next;
    },
    confirm(locationId = "here"): void {
      const before = room.head(locationId);
      const next: Decision = { ...before, swap: { state: "confirmed", atMs: nowMs, routes: 4 } };
      heads.set(locationId, next);
      tell({ kind: "head", decision: next, before, writer: writer("routes") });
    },
    /** A call that is begun now; `land` it. */
    begin(call: Call): RouteCall {
      const begun: RouteCall = {
        number: ++calls,
        writer: writer("routes"),
        cloud: "replace",
        table: "rtb-1",
        destination: "10.2.0.0/16",
        target: "",
        startedMs: nowMs,
        sentMs: nowMs,
        landedMs: undefined,
        result: undefined,
        before: undefined,
        after: undefined,
        ...call,
      };
      tell({ kind: "call-started", call: begun });
      return begun;
    },
    land(call: RouteCall): void {
      const { table, destination, kind, target } = call;
      const before = standing.get(table)?.get(destination)?.target;
      const after = kind === "remove" ? undefined : target;
      put(table, destination, after, "pointsman");
      tell({ kind: "call-landed", call: { ...call, landedMs: nowMs, result: "ok", before, after } });
    },
    write: (call: Call): void => room.land(room.begin(call)),
    /** Every route of `here` at a host's interface, created by Pointsman. */
    swap(hostId: string, kind: "create" | "replace" = "replace"): void {
      for (const table of tables.here) {
        for (const destination of ["10.2.0.0/16", "10.3.0.0/16"]) {
          room.write({ kind, table, destination, target: `eni-${hostId}` });
        }
      }
    },
    /** Somebody else changes a route. */
    meddle(destination: string, target: string | undefined, table = "rtb-1"): void {
      const before = standing.get(table)?.get(destination)?.target;
      put(table, destination, target, "somebody");
      tell({ kind: "foreign-change", table, destination, before, after: target });
    },
    /** It changes in the cloud without any call. */
    haunt: (destination: string, target: string | undefined, table = "rtb-1"): void =>
      put(table, destination, target, "somebody"),
    /** A heartbeat that its host signs now and that is answered well at once. */
    beat(hostId: string, by: Writer = writer("heartbeat")): void {
      room.host(hostId, { signedMs: nowMs, heardMs: nowMs });
      const agentTimeS = Math.floor((nowMs + (truth.host(hostId)?.clockOffsetMs ?? 0)) / 1_000);
      tell({ kind: "sent", hostId, method: "PUT", agentTimeS });
      tell({ kind: "answered", hostId, method: "PUT", isGenuine: true, signedMs: nowMs, status: 200, writer: by });
    },
    /** Heartbeats of some hosts, one a second. */
    beats(hostIds: readonly string[], ms: number): void {
      for (let goneMs = 0; goneMs < ms; goneMs += 1_000) {
        room.pass(1_000);
        for (const hostId of hostIds) room.beat(hostId);
      }
    },
    recorded(hostId: string, lastSeenMs: number, more: Partial<HostRecord> = {}): void {
      const locationId = place(hostId)?.location.id ?? "";
      const told = record(hostId, lastSeenMs, { anchor: { agentTimeS: 0, serverMs: 0 }, ...more });
      tell({ kind: "host-record", linkId: "mesh", locationId, hostId, record: told, writer: writer("heartbeat") });
    },
    event(event: Pick<Event, "kind" | "message"> & Partial<Event>): void {
      const whole: Event = { atMs: nowMs, severity: "info", locationId: "here", by: "routes", ...event };
      tell({ kind: "event", event: whole, writer: writer("routes") });
    },
    decisionTold(one: Decision): void {
      const message = `epoch ${one.epoch} (${one.reason}): ${one.evidence}`;
      const once = `decision#${one.locationId}#${one.epoch}`;
      room.event({ kind: "decision", locationId: one.locationId, by: one.by, message, once });
    },
    fault(fault: FaultKind, what = "", lastsMs = 0): void {
      tell({ kind: "fault", fault, what, untilMs: nowMs + lastsMs });
    },
    apply(next: Network): void {
      networks.push({ network: next, atMs: nowMs });
      tell({ kind: "network", network: next, by: "operator ann", why: "a test", writer: writer("admin") });
    },
    quiet: () => check.quiet(),
    messages: (): readonly string[] => found.map(({ message }) => message),
  };
  return room;
}
