import { beforeEach, describe, expect, it } from "vitest";
import { limits } from "../../shared/domain/limits.ts";
import { emptyNetwork } from "../../shared/domain/network.ts";
import type { Decision, HostRecord, LedgerEntry } from "../../shared/domain/records.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Store } from "../../shared/ports/store.ts";
import { openStore } from "../../shared/store/store.ts";
import type { OpenDatabase } from "./contract.ts";

const place = { linkId: "link", locationId: "loc" };
const always = () => true;

const decision = (epoch: number, more: Partial<Decision> = {}): Decision => ({
  ...place,
  epoch,
  generation: 1,
  activeHostId: `host${epoch}`,
  previousHostId: epoch === 1 ? null : `host${epoch - 1}`,
  reason: "timed-out",
  decidedMs: 1_700_000_000_000 + epoch,
  by: "sweep",
  networkVersion: 1,
  evidence: "test",
  demotedMs: {},
  tunnelMoveMs: 0,
  swap: { state: "pending" },
  ...more,
});

const host: HostRecord = {
  hostId: "a1",
  lastSeenMs: 1_700_000_000_500,
  agentTimeS: 1_700_000_000,
  anchor: { agentTimeS: 1_699_999_000, serverMs: 1_699_999_000_250 },
  nonce: "n",
  upSinceMs: 1_699_999_000_000,
  left: null,
  version: "1.0",
  publicAddress: "198.51.100.1",
  localAddress: "",
  address6: "",
  wgPublicKey: "",
  intervalMs: 1_040,
  reach: [new Uint8Array([3]), new Uint8Array([3]), new Uint8Array([1])],
  lost: { "4": 1_700_000_000_000 },
  tunnels: { up: new Uint8Array([1]), ever: new Uint8Array([3]), epoch: 2, down: { "1": 1_700_000_000_100 } },
};

const entry: LedgerEntry = {
  table: "aws/us-east-1/rtb-1",
  destination: "10.1.0.0/16",
  ...place,
  generation: 1,
  state: "intended",
  seen: "",
  epoch: 1,
  atMs: 1,
  by: "routes",
};

/** What the store must do over every implementation of the database port. */
export function storeContract(name: string, open: OpenDatabase): void {
  describe(`store over ${name}`, () => {
    let store: Store;
    let clock: Clock;
    beforeEach(async () => {
      const opened = await open();
      clock = opened.clock;
      store = openStore(opened.database);
    });

    const head = async () => (await store.readHead("link", "loc")).value;

    it("begins with the empty network, and gives every version to one of two appliers", async () => {
      expect((await store.readNetwork()).value.network).toEqual(emptyNetwork);
      const next = { network: { version: 1, links: [] }, atMs: 5, by: "ann", why: "test", source: "version: 1" };

      const claims = await Promise.all([store.commitNetwork(next), store.commitNetwork({ ...next, by: "bob" })]);

      expect(claims.map((claim) => claim.kind).sort()).toEqual(["lost", "won"]);
      expect((await store.readNetwork()).value).toMatchObject({ network: next.network, source: "version: 1" });
      expect(await store.readNetworkHistory(5)).toHaveLength(1);
    });

    it("gives an epoch to one of fifty racing electors", async () => {
      await store.commitDecision(decision(1), undefined, always);
      const prior = await head();

      const claims = await Promise.all(
        Array.from({ length: 50 }, (_, at) => store.commitDecision(decision(2, { by: `e${at}` }), prior, always)),
      );

      expect(claims.filter((claim) => claim.kind === "won")).toHaveLength(1);
      expect((await head())?.value.epoch).toBe(2);
    });

    it("keeps every decision, with the confirmation that it had when it was replaced", async () => {
      await store.commitDecision(decision(1), undefined, always);
      const first = await head();
      const swap = { state: "confirmed", atMs: 9, routes: 3 } as const;
      await store.confirmDecision(decision(1, { swap }), first?.revision ?? 0);
      await store.commitDecision(decision(2), await head(), always);

      const log = await store.readDecisions("link", "loc", 10);

      expect(log.map((one) => [one.epoch, one.swap.state])).toEqual([
        [2, "pending"],
        [1, "confirmed"],
      ]);
    });

    it("confirms only the decision that was read", async () => {
      await store.commitDecision(decision(1), undefined, always);
      const first = await head();
      await store.commitDecision(decision(2), first, always);

      const claim = await store.confirmDecision(decision(1), first?.revision ?? 0);

      expect(claim.kind).toBe("lost");
      expect((await head())?.value).toMatchObject({ epoch: 2, swap: { state: "pending" } });
    });

    it("commits nothing when the evidence got too old on the way", async () => {
      const claim = await store.commitDecision(decision(1), undefined, () => false);

      expect(claim.kind).toBe("lost");
      expect(await head()).toBeUndefined();
    });

    it("gives a host's record back as it was, with every field", async () => {
      await store.writeHost("link", "loc", host, undefined);

      const found = (await store.readLocation("link", "loc", "strong")).value.hosts.get("a1");

      expect(found?.value).toEqual(host);
      expect((await store.writeHost("link", "loc", host, undefined)).kind).toBe("lost");
      expect((await store.writeHost("link", "loc", { ...host, nonce: "m" }, found?.revision)).kind).toBe("won");
    });

    it("groups a link by location, and keeps locations apart whose ids begin alike", async () => {
      await store.writePulse("link", { lastCreditedMs: 1, holdUntilMs: 0, holdSinceMs: 0 }, undefined);
      await store.writeSwitches("link", { paused: null, networkVersion: 4 }, undefined);
      await store.writeHost("link", "loc", host, undefined);
      await store.writeHost("link", "loc2", { ...host, hostId: "b1" }, undefined);
      await store.commitDecision(decision(1), undefined, always);

      const link = (await store.readLink("link", "strong")).value;
      const location = (await store.readLocation("link", "loc", "strong")).value;

      expect(link.pulse?.value.lastCreditedMs).toBe(1);
      expect(link.switches?.value.networkVersion).toBe(4);
      expect([...link.locations.keys()].sort()).toEqual(["loc", "loc2"]);
      expect([...location.hosts.keys()]).toEqual(["a1"]);
      expect(location.head?.value.epoch).toBe(1);
    });

    it("holds one ledger entry for a table and destination, whoever asks first", async () => {
      const claims = await Promise.all([
        store.writeLedger(entry, undefined),
        store.writeLedger({ ...entry, locationId: "other" }, undefined),
      ]);

      expect(claims.map((claim) => claim.kind).sort()).toEqual(["lost", "won"]);
      const found = (await store.readLedger(entry.table)).get(entry.destination);
      expect((await store.removeLedger(entry.table, entry.destination, found?.revision ?? 0)).kind).toBe("won");
      expect((await store.readLedger(entry.table)).size).toBe(0);
    });

    it("tells an event once, however often it is told, and lists events by time across days", async () => {
      const nowMs = clock.nowMs();
      const told = (atMs: number, message: string, once?: string) =>
        store.tell({
          atMs,
          kind: "operator",
          severity: "info",
          by: "test",
          message,
          ...(once === undefined ? {} : { once }),
        });
      await told(nowMs - 2 * 24 * 3_600_000, "two days ago");
      await told(nowMs - 1_000, "once", "x");
      await told(nowMs - 500, "once again", "x");
      await told(nowMs, "now");

      const all = await store.readEvents({ sinceMs: nowMs - 3 * 24 * 3_600_000, key: undefined }, 10);
      const first = await store.readEvents({ sinceMs: 0, key: undefined }, 1);
      const rest = await store.readEvents(first.cursor, 10);

      expect(all.events.map((event) => event.message)).toEqual(["two days ago", "once", "now"]);
      expect([...first.events, ...rest.events]).toEqual(all.events);
      expect((await store.readEvents(all.cursor, 10)).events).toEqual([]);
    });

    it("does not show events older than they are kept", async () => {
      const atMs = clock.nowMs() - limits.eventKeepMs - 24 * 3_600_000;
      await store.tell({ atMs, kind: "operator", severity: "info", by: "test", message: "old" });

      expect((await store.readEvents({ sinceMs: atMs - 1, key: undefined }, 10)).events).toEqual([]);
    });

    it("remembers leases, targets, reports and what is retired, each on its revision", async () => {
      const lease = { owner: "me", epoch: 1, untilMs: 5, settlesMs: 0 };
      const cloud = {
        provider: "aws",
        region: "us-east-1",
        vpc: "vpc-1",
        routeTables: { by: "network" },
      } as const;
      const retired = {
        ...place,
        linkName: "l",
        locationName: "n",
        generation: 1,
        cloud,
        removeRoutes: false,
        atMs: 1,
      };

      expect((await store.writeLease("loc", lease, undefined)).kind).toBe("won");
      expect((await store.writeLease("loc", { ...lease, owner: "you" }, undefined)).kind).toBe("lost");
      await store.writeTargets("loc", ["eni-1"], undefined);
      await store.noteTable({ table: entry.table, tableId: "rtb-1", cloud });
      await store.noteTable({ table: entry.table, tableId: "rtb-1", cloud });
      await store.retire(retired);
      await store.retire(retired);
      await store.noteSwept(7);

      expect((await store.readLease("loc")).value?.value).toEqual(lease);
      expect((await store.readTargets("loc"))?.value).toEqual(["eni-1"]);
      expect(await store.knownTables()).toHaveLength(1);
      expect(await store.readSwept()).toBe(7);
      const [only, ...more] = await store.readRetired();
      expect(more).toEqual([]);
      expect(only?.value).toEqual(retired);
      if (only !== undefined) expect((await store.removeRetired(only)).kind).toBe("won");
      expect(await store.readRetired()).toEqual([]);
    });
  });
}
