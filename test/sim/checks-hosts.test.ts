import { describe, expect, it } from "vitest";
import { cleanFailover } from "../../sim/checks/clean-failover.ts";
import { falseFailover } from "../../sim/checks/false-failover.ts";
import { promise5 } from "../../sim/checks/promise-5.ts";
import { promise6 } from "../../sim/checks/promise-6.ts";
import { promise7 } from "../../sim/checks/promise-7.ts";
import { host, suspicion, wish } from "../fixtures/network.ts";
import { courtroom, mesh } from "./courtroom.ts";

const everybody = ["a1", "a2", "b1", "b2", "c1"];
const others = ["a2", "b1", "b2", "c1"];
const oneFound = (message: RegExp) => [expect.stringMatching(message)];

describe("the checker of promise 5", () => {
  const hearing = () => {
    const room = courtroom(promise5);
    room.commit("a1");
    room.beats(everybody, 60_000);
    return room;
  };

  it("lets a silent host be failed over from while others are heard, and after a hold", () => {
    const room = hearing();
    room.beats(others, 40_000);
    room.commit("a2", { reason: "timed-out" });
    room.pass(60_000);
    room.beats(others, 31_000);
    room.commit("a1", { reason: "timed-out" });

    expect(room.found).toEqual([]);
  });

  it("finds a decision by silence in the middle of an outage", () => {
    const room = hearing();
    room.pass(40_000);
    room.commit("a2", { reason: "timed-out" });

    expect(room.messages()).toEqual(oneFound(/epoch 2 \(timed-out\) .* 40000 ms after anything was heard/));
  });

  it("finds one right after an outage", () => {
    const room = hearing();
    room.pass(60_000);
    room.beats(others, 10_000);
    room.commit("a2", { reason: "suspected" });

    expect(room.messages()).toEqual(oneFound(/after an outage of 61000 ms/));
  });

  it("lets what was heard be decided all the same", () => {
    const room = hearing();
    room.pass(60_000);
    room.commit("a2", { reason: "left" });
    room.beats(others, 5_000);
    room.commit("a1", { reason: "switchover" });

    expect(room.found).toEqual([]);
  });

  it("judges a write that was kept back by when it was decided", () => {
    const room = hearing();
    room.beats(others, 40_000);
    const decidedMs = room.nowMs();
    room.pass(60_000);
    room.commit("a2", { reason: "timed-out", decidedMs });

    expect(room.found).toEqual([]);
  });
});

describe("the checker of promise 6", () => {
  it("takes records of heartbeats for what they are, and decisions by right clocks", () => {
    const room = courtroom(promise6);
    room.commit("a1");
    room.beat("a1");
    room.recorded("a1", room.nowMs() + 900);
    room.beat("a2");
    room.commit("a2", { reason: "switchover" }, room.writer("failover", { clockOffsetMs: 2_500 }));

    expect(room.found).toEqual([]);
  });

  it("finds a decision and a route call by a wrong clock, but not right after it was moved", () => {
    const room = courtroom(promise6);
    const wrong = room.writer("failover", { clockOffsetMs: -4_000 });
    room.fault("container-clock", "failover-1 by -4000 ms", 60_000);
    room.commit("a1", { reason: "location-moved" }, wrong);
    room.begin({ kind: "create", target: "eni-a1", writer: room.writer("routes", { clockOffsetMs: 9_000 }) });
    room.pass(60_000);
    room.commit("a2", { reason: "location-moved" }, wrong);

    expect(room.messages()).toEqual([
      expect.stringMatching(/routes-1, whose clock is off by 9000 ms, began to change/),
      expect.stringMatching(/epoch 2 was decided by failover-1, whose clock is off by -4000 ms/),
    ]);
  });

  it("finds a last-seen from the future, and one that a replay moved on", () => {
    const room = courtroom(promise6);
    room.beat("a1");
    room.recorded("a1", room.nowMs() + 10_000);
    room.pass(20_000);
    room.recorded("a1", room.nowMs());

    expect(room.messages()).toEqual([
      expect.stringMatching(/a1 is believed to have been seen 10000 ms from now/),
      expect.stringMatching(/a1 is believed to have been seen 20000 ms after its last heartbeat was signed/),
    ]);
  });

  it("lets what a clock that ran ahead has signed count until then", () => {
    const room = courtroom(promise6);
    room.host("a1", { clockOffsetMs: 60_000 });
    room.beat("a1");
    room.pass(50_000);
    room.recorded("a1", room.nowMs());

    expect(room.found).toEqual([]);
  });

  it("finds a commit on evidence that was read long before", () => {
    const room = courtroom(promise6);
    room.commit("a1");
    room.beat("a2");
    const decidedMs = room.nowMs();
    room.pass(20_000);
    room.commit("a2", { reason: "left", decidedMs });

    expect(room.messages()).toEqual(oneFound(/on evidence that was 20000 ms old by then/));
  });

  it("finds evidence that the table did not give", () => {
    const room = courtroom(promise6);
    room.commit("a1");
    for (const _ of [1, 2, 3]) {
      room.beats(everybody, 10_000);
      room.recorded("a1", room.nowMs());
    }
    room.commit("a2", { reason: "timed-out", evidence: "a1 was last heard 31000 ms ago, its time-out is 30000 ms" });

    expect(room.messages()).toEqual(oneFound(/rests on a last-seen of 31000 ms ago, which the table did not say/));
  });

  it("finds that a host becomes active which has long been silent", () => {
    const room = courtroom(promise6);
    room.beat("a2");
    room.commit("a1", { reason: "location-moved" });
    room.pass(60_000);
    room.commit("a2", { reason: "switchover" });

    expect(room.messages()).toEqual(oneFound(/epoch 2 makes a2 active, which signed nothing for 60 s/));
  });
});

describe("the checker of what is in order again", () => {
  const inOrder = () => {
    const room = courtroom(promise7);
    for (const locationId of ["there", "office"]) {
      room.commit(locationId === "there" ? "b1" : "c1", { locationId });
      room.confirm(locationId);
    }
    for (const destination of ["10.1.0.0/16", "10.3.0.0/16"]) {
      room.write({ kind: "create", table: "rtb-3", destination, target: "eni-b1" });
    }
    room.commit("a1");
    room.swap("a1", "create");
    room.confirm();
    room.pass(300_000);
    room.calm(room.nowMs() - 200_000);
    return room;
  };

  it("finds nothing where everything is", () => {
    const room = inOrder();
    room.meddle("10.2.0.0/16", "nat-1");
    room.quiet();

    expect(room.found).toEqual([]);
  });

  it("finds a location whose active host is dead, one that has none, and one that is not confirmed", () => {
    const room = inOrder();
    room.host("a1", { isUp: false });
    room.commit(null, { locationId: "there" });
    room.commit("c1", { locationId: "office" });
    room.pass(60_000);
    for (const id of others) room.beat(id);
    room.quiet();

    expect(room.messages()).toEqual([
      expect.stringMatching(/here has a1 active in epoch 1, while a2 could be/),
      expect.stringMatching(/there has nobody active in epoch 2, while b1, b2 could be/),
      expect.stringMatching(/epoch 2 of office is not confirmed/),
    ]);
  });

  it("finds routes that do not stand at the active host", () => {
    const room = inOrder();
    room.meddle("10.2.0.0/16", "eni-a2");
    room.haunt("10.3.0.0/16", undefined);
    room.quiet();

    expect(room.messages()).toEqual([
      expect.stringMatching(/10.2.0.0\/16 in rtb-1 of here points at eni-a2, the active host is at eni-a1/),
      expect.stringMatching(/10.3.0.0\/16 in rtb-1 of here points at nothing/),
    ]);
  });

  it("finds a cloud that refused for long while nobody was told", () => {
    const room = inOrder();
    room.commit("a2");
    const refused = () => {
      for (let n = 0; n < 4; n++) {
        room.pass(25_000);
        const call = room.begin({ kind: "replace", target: "eni-a2" });
        room.tell({ kind: "call-landed", call: { ...call, landedMs: room.nowMs(), result: "refused" } });
      }
    };
    refused();
    room.event({ kind: "swap-failed", message: "" });
    room.swap("a2");
    room.confirm();
    room.pass(60_000);
    for (const id of everybody) room.beat(id);
    room.quiet();
    expect(room.found).toEqual([]);

    room.commit("a1");
    refused();
    room.swap("a1");
    room.confirm();
    room.pass(60_000);
    for (const id of everybody) room.beat(id);
    room.quiet();
    expect(room.messages()).toEqual(oneFound(/the cloud refused 4 calls of epoch 3, and nobody was told/));
  });
});

describe("the checker of failover in time", () => {
  const dying = () => {
    const room = courtroom(cleanFailover);
    room.commit("a1");
    room.swap("a1", "create");
    room.pass(300_000);
    room.beats(everybody, 60_000);
    room.fault("host-vanish", "here/a1", 60_000);
    room.host("a1", { isUp: false, sinceMs: room.nowMs() });
    room.tell({ kind: "host-down", hostId: "a1", how: "vanished" });
    return room;
  };

  it("lets a successor be committed and written to in time", () => {
    const room = dying();
    room.beats(others, 31_000);
    room.commit("a2", { reason: "timed-out" });
    room.begin({ kind: "replace", target: "eni-a2" });
    room.beats(others, 10_000);
    room.quiet();

    expect(room.found).toEqual([]);
  });

  it("finds that nobody takes over", () => {
    const room = dying();
    room.beats(others, 34_000);
    room.quiet();

    expect(room.messages()).toEqual(oneFound(/nobody took over .* after here\/a1 ended/));
  });

  it("finds that no route is moved", () => {
    const room = dying();
    room.beats(others, 31_000);
    room.commit("a2", { reason: "timed-out" });
    room.beats(others, 10_000);
    room.quiet();

    expect(room.messages()).toEqual(oneFound(/no route was begun to be moved/));
  });

  it("finds that a host which forwards nothing keeps its routes", () => {
    const room = courtroom(cleanFailover);
    room.commit("a1");
    room.pass(300_000);
    room.beats(everybody, 60_000);
    room.host("a1", { isForwardingDead: true });
    room.fault("forwarding-dead", "here/a1", 90_000);
    room.beats(everybody, 60_000);
    room.quiet();

    expect(room.messages()).toEqual(oneFound(/nobody took over .* began to forward nothing/));
  });

  it("says nothing where something else was wrong, or there is nobody to take over", () => {
    const room = dying();
    room.fault("db-slow");
    room.beats(others, 40_000);
    room.quiet();
    const alone = dying();
    alone.host("a2", { isConnected: false });
    alone.beats(others, 40_000);
    alone.quiet();

    expect([...room.found, ...alone.found]).toEqual([]);
  });
});

describe("the checker of failovers without cause", () => {
  const alive = (version = mesh()) => {
    const room = courtroom(falseFailover, version);
    room.commit("a1");
    room.tell({ kind: "host-up", hostId: "a2", how: "started" });
    room.beats(everybody, 60_000);
    return room;
  };
  const mark = (room: ReturnType<typeof alive>): void => {
    room.pass(10);
    const raised = suspicion("a1", room.nowMs(), { epoch: 1 });
    room.tell({
      kind: "suspicion",
      linkId: "mesh",
      locationId: "here",
      suspicion: raised,
      writer: room.writer("heartbeat"),
    });
  };

  it("lets a silent host time out after five sixths of its time-out", () => {
    const room = alive();
    room.host("a1", { isUp: false, sinceMs: room.nowMs() });
    room.beats(others, 26_000);
    room.commit("a2", { reason: "timed-out" });

    expect(room.found).toEqual([]);
  });

  it("finds one that was heard", () => {
    const room = alive();
    room.beats(others, 15_000);
    room.commit("a2", { reason: "timed-out" });

    expect(room.messages()).toEqual(
      oneFound(/epoch 2 \(timed-out\).*a1 was heard 15000 ms before, and is given 30000 ms/),
    );
  });

  it("lets a host whose clock was set back be taken for silent", () => {
    const room = alive();
    room.host("a1", { clockOffsetMs: -600_000 });
    room.beats(everybody, 31_000);
    room.commit("a2", { reason: "timed-out" });

    expect(room.found).toEqual([]);
  });

  it("lets a marked host be failed over from that is silent and that nobody reaches", () => {
    const room = alive();
    mark(room);
    room.host("a1", { isUp: false, sinceMs: room.nowMs() });
    room.beats(others, 3_000);
    room.commit("a2", { reason: "suspected" });

    expect(room.found).toEqual([]);
  });

  it("finds a suspect that nobody marked, one that was heard since, and one that everybody reaches", () => {
    const unmarked = alive();
    unmarked.commit("a2", { reason: "suspected" });
    const heard = alive();
    mark(heard);
    heard.beats(everybody, 3_000);
    heard.pass(500);
    heard.commit("a2", { reason: "suspected" });
    const reached = alive();
    reached.beats(everybody, 60_000);
    mark(reached);
    reached.beats(others, 3_000);
    reached.commit("a2", { reason: "suspected" });

    expect([...unmarked.messages(), ...heard.messages(), ...reached.messages()]).toEqual([
      expect.stringMatching(/nobody had marked a1/),
      expect.stringMatching(/a1 was heard after it had been marked/),
      expect.stringMatching(/most of the remote hosts reach a1/),
    ]);
  });

  it("finds a good-bye that was never said, and one from before", () => {
    const room = alive();
    room.commit("a2", { reason: "left" });
    room.commit("a1", { reason: "switchover" });
    room.tell({ kind: "sent", hostId: "a1", method: "DELETE", agentTimeS: Math.floor(room.nowMs() / 1_000) });
    room.commit("a2", { reason: "left" });
    room.beats(everybody, 30_000);
    room.commit("a1", { reason: "switchover" });
    room.commit("a2", { reason: "left" });

    expect(room.messages()).toEqual([
      expect.stringMatching(/a1 never said good-bye/),
      expect.stringMatching(/a1 was heard \d+ ms after its good-bye/),
    ]);
  });

  it("finds that tunnels are blamed on a host that forwards", () => {
    const room = alive();
    room.commit("a2", { reason: "tunnels-down" });

    expect(room.messages()).toEqual(oneFound(/a1 forwards, and nothing is wrong with anybody/));
  });

  it("finds a pre-emption by an equal, and by one that has just come up", () => {
    const equals = alive(mesh({ hosts: [host("a1"), host("a2")] }));
    equals.commit("a2", { reason: "higher-priority" });
    const booting = alive(mesh({ hosts: [host("a1"), host("a2", { priority: 30 })] }));
    booting.tell({ kind: "host-down", hostId: "a2", how: "vanished" });
    booting.beats(["a1", "b1", "b2", "c1"], 60_000);
    booting.tell({ kind: "host-up", hostId: "a2", how: "is back" });
    booting.beats(everybody, 5_000);
    booting.commit("a2", { reason: "higher-priority" });

    expect([...equals.messages(), ...booting.messages()]).toEqual([
      expect.stringMatching(/a2 has no higher priority than a1/),
      expect.stringMatching(/a2 is up for 5000 ms, the hold-up is 30000 ms/),
    ]);
  });

  it("finds that a drained host is chosen, and that nobody is where the location keeps its routes", () => {
    const room = alive();
    const drained = wish({ drains: { a2: { atMs: 0, by: "operator ann" } } });
    room.tell({ kind: "wish", linkId: "mesh", locationId: "here", wish: drained, writer: room.writer("admin") });
    room.pass(5_000);
    room.commit("a2", { reason: "switchover" });
    room.commit(null, { reason: "nobody-available" });

    expect(room.messages()).toEqual([
      expect.stringMatching(/a2 is drained for 5000 ms/),
      expect.stringMatching(/nobody is active, and the location keeps its routes/),
    ]);
  });
});
