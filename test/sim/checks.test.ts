import { describe, expect, it } from "vitest";
import { makeChecks } from "../../sim/checks/all.ts";
import { confirmation } from "../../sim/checks/confirmation.ts";
import { promise1 } from "../../sim/checks/promise-1.ts";
import { promise2 } from "../../sim/checks/promise-2.ts";
import { promise3 } from "../../sim/checks/promise-3.ts";
import { promise4 } from "../../sim/checks/promise-4.ts";
import { promise8 } from "../../sim/checks/promise-8.ts";
import { promise9 } from "../../sim/checks/promise-9.ts";
import { wish } from "../fixtures/network.ts";
import { courtroom, mesh } from "./courtroom.ts";

const oneFound = (message: RegExp) => [expect.stringMatching(message)];

describe("the checker of promise 1", () => {
  it("takes a log that grows by one, with its archive, for what it is", () => {
    const room = courtroom(promise1);
    room.commit("a1");
    room.confirm();
    room.commit("a2");
    room.confirm();
    room.archive(room.head());
    room.commit("a1");

    expect(room.found).toEqual([]);
  });

  it("finds an epoch that was decided twice", () => {
    const room = courtroom(promise1);
    room.commit("a1");
    const first = room.commit("a2");
    const second = { ...first, activeHostId: "a1" };
    room.tell({ kind: "head", decision: second, before: first, writer: room.writer("failover") });

    expect(room.messages()).toEqual(oneFound(/epoch 2 was decided twice: a2, then a1/));
  });

  it("finds an epoch that leaves one out, one that goes back, and one put over nothing", () => {
    const room = courtroom(promise1);
    room.commit("a1");
    room.commit("a2", { epoch: 3 });
    room.commit("a1", { epoch: 2 });
    const next = { ...room.head(), epoch: 3, previousHostId: "a1" };
    room.archive(room.head());
    room.tell({ kind: "head", decision: next, before: undefined, writer: room.writer("failover") });

    expect(room.messages()).toEqual([
      expect.stringMatching(/epoch 3 follows epoch 1/),
      expect.stringMatching(/epoch 2 follows epoch 3/),
      expect.stringMatching(/as if epoch 2 did not stand/),
    ]);
  });

  it("finds a decision that rests on another one than the newest", () => {
    const room = courtroom(promise1);
    room.commit("a1");
    room.commit("a2");
    room.commit("a1", { previousHostId: "a1" });

    expect(room.messages()).toEqual(oneFound(/epoch 3 rests on a1 as active, it was a2/));
  });

  it("finds an archive that says something else, and a decision that is in no archive", () => {
    const room = courtroom(promise1);
    const first = room.commit("a1");
    room.archive({ ...first, evidence: "nothing of the kind" });
    const second = room.commit("a2");
    const third = { ...second, epoch: 3, previousHostId: "a2", activeHostId: "a1" };
    room.tell({ kind: "head", decision: third, before: second, writer: room.writer("failover") });

    expect(room.messages()).toEqual([
      expect.stringMatching(/the archive says something else of epoch 1/),
      expect.stringMatching(/epoch 2, which is in no archive/),
    ]);
  });

  it("finds a head that vanishes, and one that is written again after its confirmation", () => {
    const room = courtroom(promise1);
    room.commit("a1");
    room.confirm();
    room.confirm();
    room.tell({ kind: "head-removed", linkId: "mesh", locationId: "here", writer: room.writer("admin") });

    expect(room.messages()).toEqual([
      expect.stringMatching(/written again after its confirmation/),
      expect.stringMatching(/the head was removed/),
    ]);
  });
});

describe("the checker of promise 2", () => {
  const swapped = () => {
    const room = courtroom(promise2);
    room.commit("a1");
    room.swap("a1", "create");
    room.confirm();
    room.pass(60_000);
    return room;
  };

  it("lets a call begin on a read that is a second old", () => {
    const room = swapped();
    room.commit("a2");
    room.pass(1_000);
    room.begin({ kind: "replace", target: "eni-a1" });

    expect(room.found).toEqual([]);
  });

  it("finds a call that begins for an older decision", () => {
    const room = swapped();
    room.commit("a2");
    room.pass(2_000);
    room.begin({ kind: "replace", target: "eni-a1" });

    expect(room.messages()).toEqual(
      oneFound(/routes-1 began to replace 10.2.0.0\/16 .* at eni-a1, while epoch 2 says a2/),
    );
  });

  const overwritten = () => {
    const room = swapped();
    const late = room.begin({ kind: "replace", target: "eni-a1" });
    room.commit("a2");
    room.swap("a2");
    room.confirm();
    room.pass(30_000);
    room.land(late);
    room.pass(40_000);
    return room;
  };

  it("counts a late landing that is undone and told of", () => {
    const room = overwritten();
    room.event({ kind: "stale-write-repaired", message: "" });
    room.write({ kind: "replace", target: "eni-a2" });
    room.pass(120_000);
    room.quiet();

    expect(room.stale).toBe(1);
    expect(room.found).toEqual([]);
  });

  it("finds one that is undone without a word", () => {
    const room = overwritten();
    room.write({ kind: "replace", target: "eni-a2" });
    room.quiet();

    expect(room.messages()).toEqual(oneFound(/late in epoch 2, and put right by call 10, and no event tells of it/));
  });

  it("finds one that is not undone within a reconcile", () => {
    const room = overwritten();
    room.pass(40_000);
    room.quiet();

    expect(room.messages()).toEqual(oneFound(/still points at eni-a1, where a late call of routes-1 put it 80 s ago/));
  });

  it("waits with that while the cloud fails", () => {
    const room = overwritten();
    room.fault("cloud-refuse");
    room.pass(40_000);
    room.quiet();
    expect(room.found).toEqual([]);

    room.pass(180_000);
    room.quiet();
    room.pass(180_000);
    room.quiet();
    expect(room.found).toHaveLength(1);
  });

  it("leaves alone what somebody else changed since", () => {
    const room = overwritten();
    room.meddle("10.2.0.0/16", "nat-1");
    room.pass(40_000);
    room.quiet();

    expect(room.found).toEqual([]);
  });

  it("finds any late landing where the cloud compares and sets", () => {
    const room = swapped();
    const late = room.begin({ kind: "replace", target: "eni-a1", cloud: "etag" });
    room.commit("a2");
    room.write({ kind: "replace", target: "eni-a2", cloud: "etag" });
    room.land(late);

    expect(room.messages()).toEqual(oneFound(/a call of epoch 1 landed in rtb-1 after one of epoch 2/));
  });
});

describe("the checker of promise 3", () => {
  const foreign = { "rtb-1 10.2.0.0/16": "nat-1", "rtb-1 172.31.0.0/16": "nat-1" };

  it("lets Pointsman create, replace what it created, and repair what was pointed at a host of its location", () => {
    const room = courtroom(promise3);
    room.write({ kind: "create", target: "eni-a1" });
    room.write({ kind: "replace", target: "eni-a2" });
    room.pass(60_000);
    room.meddle("10.2.0.0/16", "eni-a1");
    room.pass(60_000);
    room.write({ kind: "replace", target: "eni-a2" });
    room.meddle("10.2.0.0/16", undefined);
    room.pass(60_000);
    room.write({ kind: "create", target: "eni-a2" });
    room.quiet();

    expect(room.found).toEqual([]);
  });

  it("finds a change and a removal of somebody's route", () => {
    const room = courtroom(promise3, mesh(), foreign);
    room.write({ kind: "replace", target: "eni-a1" });
    room.write({ kind: "remove", destination: "172.31.0.0/16" });

    expect(room.messages()).toEqual([
      expect.stringMatching(/pointed at eni-a1 10.2.0.0\/16 in rtb-1, which is somebody's and pointed at nat-1/),
      expect.stringMatching(/removed 172.31.0.0\/16/),
    ]);
  });

  it("finds that a route is taken back that somebody pointed elsewhere, but not right after they did", () => {
    const room = courtroom(promise3);
    room.write({ kind: "create", target: "eni-a1" });
    room.pass(60_000);
    room.meddle("10.2.0.0/16", "nat-1");
    room.pass(4_000);
    room.write({ kind: "replace", target: "eni-a1" });
    expect(room.found).toEqual([]);

    room.meddle("10.2.0.0/16", "nat-1");
    room.pass(60_000);
    room.write({ kind: "replace", target: "eni-a1" });
    expect(room.messages()).toEqual(oneFound(/which somebody has pointed away and pointed at nat-1/));
  });

  it("takes what an operator hands over for Pointsman's, as it stood then", () => {
    const room = courtroom(promise3, mesh(), foreign);
    const entry = {
      table: "memory/rtb-1",
      destination: "10.2.0.0/16",
      linkId: "mesh",
      locationId: "here",
      generation: 1,
      state: "owned" as const,
      seen: "nat-1",
      epoch: 1,
      atMs: 0,
      by: "operator ann",
    };
    room.tell({ kind: "ledger", entry, isRemoved: false, writer: room.writer("admin") });
    room.write({ kind: "replace", target: "eni-a1" });
    expect(room.found).toEqual([]);

    room.meddle("10.2.0.0/16", "nat-2");
    room.tell({ kind: "ledger", entry, isRemoved: false, writer: room.writer("admin") });
    room.pass(60_000);
    room.write({ kind: "replace", target: "eni-a1" });
    expect(room.found).toHaveLength(1);
  });

  it("finds somebody's route that changed by nobody's call", () => {
    const room = courtroom(promise3, mesh(), foreign);
    room.haunt("172.31.0.0/16", undefined);
    room.quiet();

    expect(room.messages()).toEqual(
      oneFound(/172.31.0.0\/16 in rtb-1 is somebody's and points at nothing instead of nat-1/),
    );
  });
});

describe("the checker of promise 4", () => {
  it("lets routes go that nobody wants any more, and those of a location without hosts that says so", () => {
    const room = courtroom(promise4, mesh({ removeRoutes: true }));
    room.commit("a1");
    room.swap("a1", "create");
    room.write({ kind: "create", destination: "10.9.0.0/16", target: "eni-a1" });
    room.write({ kind: "remove", destination: "10.9.0.0/16" });
    room.commit(null, { reason: "nobody-available" });
    room.write({ kind: "remove" });
    room.quiet();

    expect(room.found).toEqual([]);
  });

  it("finds that a route is removed before it is made anew", () => {
    const room = courtroom(promise4);
    room.commit("a1");
    room.swap("a1", "create");
    room.commit("a2");
    room.write({ kind: "remove" });

    expect(room.messages()).toEqual(oneFound(/routes-1 begins to remove 10.2.0.0\/16 in rtb-1, which is wanted/));
  });

  it("finds a removal for want of hosts where the location keeps its routes", () => {
    const room = courtroom(promise4);
    room.commit("a1");
    room.swap("a1", "create");
    room.commit(null, { reason: "nobody-available" });
    room.write({ kind: "remove" });

    expect(room.found).toHaveLength(1);
  });

  it("finds a route of Pointsman's that is gone by nobody's call", () => {
    const room = courtroom(promise4);
    room.commit("a1");
    room.swap("a1", "create");
    room.haunt("10.3.0.0/16", undefined);
    room.quiet();

    expect(room.messages()).toEqual(oneFound(/10.3.0.0\/16 in rtb-1 pointed at eni-a1 and is gone/));
  });
});

describe("the checker of confirmations", () => {
  it("lets a swap be confirmed once every route has stood at the active host, or somebody else took it", () => {
    const room = courtroom(confirmation);
    room.commit("a1");
    room.swap("a1", "create");
    room.confirm();
    room.commit("a2");
    room.swap("a2");
    room.meddle("10.2.0.0/16", "eni-a1");
    room.confirm();

    expect(room.found).toEqual([]);
  });

  it("finds one that is confirmed before", () => {
    const room = courtroom(confirmation);
    room.commit("a1");
    room.swap("a1", "create");
    room.confirm();
    room.commit("a2");
    room.write({ kind: "replace", target: "eni-a2" });
    room.confirm();

    expect(room.messages()).toEqual(
      oneFound(/epoch 2 was confirmed by routes-1 before 3 routes stood at the active host/),
    );
  });
});

describe("the checker of promise 8", () => {
  it("lets routes be pointed at the active host's own interface", () => {
    const room = courtroom(promise8);
    room.commit("a1");
    room.swap("a1", "create");

    expect(room.found).toEqual([]);
  });

  it("finds a stranger's interface, another location's, and one that the active host lied about", () => {
    const room = courtroom(promise8);
    room.commit("a1");
    room.begin({ kind: "create", target: "eni-nobody" });
    room.begin({ kind: "create", target: "eni-b1" });
    room.commit("a2");
    room.pass(5_000);
    room.host("a2", { isLying: true });
    room.begin({ kind: "replace", target: "eni-a1" });

    expect(room.messages()).toEqual([
      expect.stringMatching(/at eni-nobody, no host's/),
      expect.stringMatching(/at eni-b1, that of there\/b1/),
      expect.stringMatching(/at eni-a1, that of here\/a1/),
    ]);
  });

  it("finds a forged request that is answered well, and lets replays be", () => {
    const room = courtroom(promise8);
    const answered = { kind: "answered", hostId: "a1", method: "PUT", isGenuine: false, status: 200 } as const;
    room.tell({ ...answered, signedMs: room.nowMs() - 5_000, writer: room.writer("heartbeat") });
    room.tell({ ...answered, signedMs: 0, status: 401, writer: room.writer("heartbeat") });
    expect(room.found).toEqual([]);

    room.tell({ ...answered, signedMs: 0, writer: room.writer("heartbeat") });
    expect(room.messages()).toEqual(oneFound(/a forged PUT in the name of a1 was answered with 200/));
  });

  it("finds a record that rests on what its host never signed", () => {
    const room = courtroom(promise8);
    room.recorded("a2", room.nowMs());
    room.beat("a1");
    room.recorded("a1", room.nowMs());
    room.recorded("a1", room.nowMs(), { agentTimeS: Math.floor(room.nowMs() / 1_000) + 90 });

    expect(room.messages()).toEqual([
      expect.stringMatching(/a record of a2, which has never sent anything/),
      expect.stringMatching(/credited a1 with a time that it never signed/),
    ]);
  });
});

describe("the checker of promise 9", () => {
  it("finds nothing missing where everything is told", () => {
    const room = courtroom(promise9);
    room.apply(mesh({ version: 1 }));
    room.event({ kind: "network-applied", by: "operator ann", message: "", once: "network#1" });
    room.decisionTold(room.commit("a1"));
    room.event({ kind: "swap-confirmed", message: "", once: "swap-confirmed#here#1" });
    room.confirm();
    room.decisionTold(room.commit("a2"));
    const pinned = wish({ pin: { hostId: "a2", atMs: 1, by: "operator ann" } });
    room.tell({ kind: "wish", linkId: "mesh", locationId: "here", wish: pinned, writer: room.writer("admin") });
    room.event({ kind: "operator", by: "operator ann", message: "pin of mesh/here to a2" });
    room.tell({ kind: "operator", command: "pin/mesh/here", status: 200, text: "here is pinned to a2" });
    room.tell({ kind: "operator", command: "undrain/mesh/here", status: 200, text: "a2 was not drained" });
    room.pass(60_000);
    room.quiet();

    expect(room.found).toEqual([]);
  });

  it("finds a decision that is told of by nobody, twice, or without its reason", () => {
    const room = courtroom(promise9);
    room.commit("a1");
    const second = room.commit("a2");
    room.decisionTold(second);
    room.decisionTold(second);
    room.decisionTold({ ...room.commit("a1"), evidence: "something else" });
    room.pass(60_000);
    room.quiet();

    expect(room.messages()).toEqual([
      expect.stringMatching(/the event of epoch 3 does not say by whom and why/),
      expect.stringMatching(/epoch 1 \(first-host\) is told of by 0 events/),
      expect.stringMatching(/epoch 2 \(first-host\) is told of by 2 events/),
    ]);
  });

  it("finds a swap, a configuration and a command without a record", () => {
    const room = courtroom(promise9);
    room.apply(mesh({ version: 1 }));
    room.apply(mesh({ version: 3 }));
    room.decisionTold(room.commit("a1"));
    room.confirm();
    room.tell({ kind: "operator", command: "drain/mesh/here", status: 200, text: "a2 was drained before" });
    const drained = wish({ drains: { a1: { atMs: 0, by: "operator ann" } } });
    room.tell({ kind: "wish", linkId: "mesh", locationId: "here", wish: drained, writer: room.writer("admin") });
    room.tell({ kind: "operator", command: "drain/mesh/here", status: 200, text: "a1 is drained" });
    room.pass(60_000);
    room.quiet();

    expect(room.messages()).toEqual([
      expect.stringMatching(/version 3 of the configuration follows version 1/),
      expect.stringMatching(/drain\/mesh\/here was answered well, and is not on record/),
      expect.stringMatching(/epoch 1 is confirmed, and no event tells of its swap/),
      expect.stringMatching(/no event tells of version 1/),
      expect.stringMatching(/no event tells of version 3/),
    ]);
  });
});

describe("all checkers", () => {
  it("cover every promise", () => {
    const promises: unknown[] = [];
    courtroom((court) => {
      const checks = makeChecks(court);
      promises.push(...checks.map((check) => check.promise));
      return { promise: 1, name: "", observe: () => undefined, quiet: () => undefined };
    });

    expect(new Set(promises)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, "false-failover"]));
  });
});
