import { describe, expect, it } from "vitest";
import { settle } from "../../dev/test-clock.ts";
import { limits } from "../../shared/domain/limits.ts";
import { driveUntil, frozenAt, interruptRouteCalls } from "./interrupt.ts";
import {
  allAt,
  backbone,
  createWorld,
  gaps,
  hereIn,
  type Ports,
  routeCalls,
  settledWorld,
  type World,
  wakeHere,
} from "./world.ts";

const direct: Ports = (_name, call) => call();

/** A run of its own that stops before its n-th route call, past its guard. */
async function frozenBeforeRouteCall(world: World, n: number) {
  let seen = 0;
  const freezer = frozenAt({ at: n, when: "before" });
  const ports: Ports = (name, call) => {
    if (name === "route call") {
      seen += 1;
      return freezer.ports(name, call);
    }
    return freezer.happened() ? freezer.ports(name, call) : call();
  };
  interruptRouteCalls(world, "old", ports);
  const work = world.processOf({ name: "old", ports })(wakeHere);
  await driveUntil(world, work, freezer);
  expect(seen).toBe(n);
  return { work, thaw: freezer.thaw };
}

describe("a ledger entry that an older run is about to change", () => {
  it("is not given up by what that one saw, once a newer epoch has verified its routes", async () => {
    const world = await settledWorld();
    await world.decide("a2");
    await world.swap();
    world.cloud.set("rtb-1", "10.2.0.0/16", "igw-1");
    const freezer = frozenAt({ at: 1, when: "before" });
    const ports: Ports = (name, call) => (name === "store.writeLedger" ? freezer.ports(name, call) : call());
    const work = world.processOf({ name: "old", ports })({ ...wakeHere, cause: "reconcile" });
    await driveUntil(world, work, freezer);
    world.cloud.set("rtb-1", "10.2.0.0/16", "eni-a2");
    await world.decide("a1");
    await world.swap();

    freezer.thaw();
    await world.drive(work);
    await world.decide("a2");
    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
  });
});

describe("a route that an older run takes away and puts back", () => {
  it("is not forgotten while it is gone", async () => {
    const world = await settledWorld(hereIn({ removeRoutes: true }));
    await world.decide("a2");
    const old = await frozenBeforeRouteCall(world, 1);
    await world.decide(null);
    world.cloud.unset("rtb-1", "10.2.0.0/16");
    const work = world.processOf({ name: "new", ports: direct })(wakeHere);
    for (let second = 0; second < 6; second++) await world.clock.advance(1_000);
    world.cloud.set("rtb-1", "10.2.0.0/16", "eni-a1");
    await world.drive(work);
    old.thaw();
    await world.drive(old.work);
    await world.live(120_000);

    expect(world.cloud.standing()).toEqual({});
    expect(await world.events("route-foreign")).toEqual([]);
  });
});

describe("a call that creates a route and lands long after the route was removed", () => {
  it("is known for ours, and put right by the next decision", async () => {
    const world = await settledWorld(hereIn({ removeRoutes: true }));
    await world.decide(null);
    await world.swap();
    world.cloud.set("rtb-1", "10.2.0.0/16", "eni-a1");
    await world.clock.advance(60_000);
    await world.decide("a2");

    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
    expect(await world.events("route-foreign")).toEqual([]);
  });

  it("is removed again while nobody is available", async () => {
    const world = await settledWorld(hereIn({ removeRoutes: true }));
    await world.decide(null);
    await world.swap();
    world.cloud.set("rtb-1", "10.2.0.0/16", "eni-a1");

    await world.live(120_000);

    expect(world.cloud.standing()).toEqual({});
  });

  it("is known for ours also where it was never seen to stand, and nobody was available meanwhile", async () => {
    const world = await settledWorld(hereIn({ removeRoutes: true }));
    await world.decide(null);
    await world.swap();
    world.cloud.faults.landMs = (call) => (call.by === "old" && call.destination === "10.3.0.0/16" ? 45_000 : 10);
    await world.decide("a2");
    const old = world.processOf({ name: "old", ports: direct })(wakeHere);
    await world.clock.advance(300);
    await world.decide(null);
    await world.swap();
    await world.drive(old);
    await world.live(20_000);
    expect(world.cloud.standing()).toEqual({});
    await world.clock.advance(30_000);
    expect(Object.values(world.cloud.standing())).toContain("eni-a2");
    await world.decide("a1");

    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect(await world.events("route-foreign")).toEqual([]);
  });

  it("is somebody's once no call of ours can land any more", async () => {
    const world = await settledWorld(hereIn({ removeRoutes: true }));
    await world.decide(null);
    await world.swap();
    await world.live(limits.lateCallMs + 120_000);
    world.cloud.set("rtb-1", "10.2.0.0/16", "eni-a1");
    await world.live(120_000);

    expect(world.cloud.standing()).toEqual({ "rtb-1 10.2.0.0/16": "eni-a1" });
  });
});

describe("a run that removed routes and stands still before it strikes them off", () => {
  it("does not disown what a newer epoch has created again", async () => {
    const world = await settledWorld(hereIn({ removeRoutes: true }));
    await world.decide(null);
    const freezer = frozenAt({ at: 1, when: "before" });
    const ports: Ports = (name, call) => (name === "store.removeLedger" ? freezer.ports(name, call) : call());
    const work = world.processOf({ name: "old", ports })(wakeHere);
    await driveUntil(world, work, freezer);
    await world.decide("a1");
    await world.swap();
    await world.decide("a2");

    freezer.thaw();
    await world.drive(work);
    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
    expect((await world.ledger()).map(({ state }) => state)).toEqual(["owned", "owned", "owned", "owned"]);
  });
});

describe("messages", () => {
  it("may come twice, at the same time or after another: every route is written once", async () => {
    const world = await settledWorld();
    await world.decide("a2");
    const before = routeCalls(world).length;
    const first = world.processOf({ name: "first", ports: direct });
    const second = world.processOf({ name: "second", ports: direct });

    await world.drive(Promise.all([first(wakeHere), second(wakeHere)]));
    await world.live(90_000);
    await world.swap();

    expect(routeCalls(world).length - before).toBe(4);
    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
    expect(await world.events("swap-confirmed")).toHaveLength(2);
  });

  it("that come late apply the newest decision, never the one that they were sent for", async () => {
    const world = await settledWorld();
    const late = { ...wakeHere };
    await world.decide("a2");
    await world.decide("a1");
    await world.swap();
    await world.clock.advance(300_000);

    await world.swap(late);

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect(routeCalls(world).filter((call) => call.target === "eni-a2")).toEqual([]);
  });

  it("that never come are made up for by the reconcile", async () => {
    const world = await settledWorld();
    await world.decide("a2");

    await world.live(61_000);

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
    expect((await world.head())?.swap.state).toBe("confirmed");
  });
});

describe("two runs of one epoch", () => {
  it("do not both write: the second one leaves, writes nothing, and comes back after the first one's lease", async () => {
    const world = await settledWorld();
    await world.decide("a2");
    const { thaw, work } = await frozenBeforeRouteCall(world, 2);
    const writes = world.database.writes;

    await world.swap();

    expect(world.database.writes).toBe(writes);
    expect(routeCalls(world, "plain").filter((call) => call.target === "eni-a2")).toEqual([]);
    expect(world.ticks).toMatchObject([{ kind: "wake", locationId: "here", round: 1 }]);
    const [tick] = world.ticks;
    expect((tick?.dueMs ?? 0) - world.clock.nowMs()).toBeLessThanOrEqual(limits.leaseMs);

    thaw();
    await world.drive(work);
    await world.live(40_000);
    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
    expect((await world.head())?.swap.state).toBe("confirmed");
  });

  it("never write again once a frozen one finds its lease gone to the other", async () => {
    const world = await settledWorld();
    await world.decide("a2");
    const { thaw, work } = await frozenBeforeRouteCall(world, 1);
    await world.live(120_000);
    expect((await world.head())?.swap.state).toBe("confirmed");
    world.cloud.set("rtb-2", "10.3.0.0/16", "nat-7");
    const before = routeCalls(world, "old").length;

    thaw();
    await world.drive(work);

    expect(routeCalls(world, "old")).toHaveLength(before);
    expect(world.cloud.standing()["rtb-2 10.3.0.0/16"]).toBe("nat-7");
  });
});

describe("a second fail-over while one is in flight", () => {
  it("does not wait for the first one's lease, writes at once, and looks again after that lease", async () => {
    const world = await settledWorld();
    await world.decide("a2");
    const { thaw, work } = await frozenBeforeRouteCall(world, 3);
    expect(Object.values(world.cloud.standing()).filter((target) => target === "eni-a2")).toHaveLength(2);
    const decidedMs = world.clock.nowMs();
    await world.decide("a1");

    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect((await world.report())?.firstWriteMs).toBe(decidedMs);
    expect(world.ticks).toMatchObject([
      { kind: "wake", cause: "verify", dueMs: expect.any(Number), locationId: "here" },
    ]);
    const dueInMs = (world.ticks[0]?.dueMs ?? 0) - decidedMs;
    expect(dueInMs).toBeGreaterThan(limits.leaseMs);
    expect(dueInMs).toBeLessThanOrEqual(limits.leaseMs + limits.routeCallMs);

    await world.clock.advance(limits.fenceMs);
    thaw();
    await world.drive(work);
    expect(world.cloud.standing()).toEqual({ ...allAt("eni-a1"), "rtb-2 10.2.0.0/16": "eni-a2" });
    await world.live(40_000);
    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect(await world.events("stale-write-repaired")).toHaveLength(1);
    expect(gaps(world)).toEqual([]);
  });

  it("leaves the older run without anything to say or to confirm", async () => {
    const world = await settledWorld();
    await world.decide("a2");
    const { thaw, work } = await frozenBeforeRouteCall(world, 3);
    await world.decide("a1");
    await world.swap();
    const report = await world.report();

    thaw();
    await world.drive(work);

    expect(await world.report()).toEqual(report);
    expect(await world.head()).toMatchObject({ epoch: 3, swap: { state: "confirmed" } });
    expect(await world.events("swap-failed")).toEqual([]);
  });
});

describe("a run that waits until what it read has settled", () => {
  it("gives way to a newer decision at once: that one's message waits behind it (promise 7)", async () => {
    const world = await settledWorld();
    await world.decide("a2");
    await world.swap();
    world.cloud.unset("rtb-1", "10.2.0.0/16");
    let isOver = false;
    const waiting = world.processOf({ name: "reconcile", ports: direct })({ ...wakeHere, cause: "reconcile" });
    void waiting.then(() => {
      isOver = true;
    });
    await world.clock.advance(2_000);
    expect(isOver).toBe(false);
    await world.decide("a1");

    await world.clock.advance(limits.giveWayMs + 50);

    expect(isOver).toBe(true);
    await world.swap();
    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect((await world.head())?.swap.state).toBe("confirmed");
  });
});

describe("a call of an older epoch that lands late", () => {
  it("as after a short split brain, is undone within one reconcile and told of", async () => {
    const world = await settledWorld();
    await world.decide("a2");
    world.cloud.faults.landMs = (call) => (call.by === "old" && call.destination === "10.3.0.0/16" ? 45_000 : 10);
    const old = world.processOf({ name: "old", ports: direct })(wakeHere);
    await world.clock.advance(300);
    await world.decide("a1");
    await world.swap();
    await world.drive(old);
    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));

    await world.live(110_000);

    const late = world.cloud.history.filter((change) => change.target === "eni-a2");
    expect(late.length).toBeGreaterThan(0);
    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect((await world.events("stale-write-repaired")).length).toBeGreaterThan(0);
  });

  it("and removes routes that the new host has by now, is undone too: they are created again within a reconcile", async () => {
    const world = await settledWorld(hereIn({ removeRoutes: true }));
    await world.decide(null, { reason: "nobody-available" });
    const { thaw, work } = await frozenBeforeRouteCall(world, 1);
    await world.decide("a2", { reason: "returned" });
    await world.swap();
    await world.clock.advance(120_000);

    thaw();
    await world.drive(work);
    expect(Object.keys(world.cloud.standing())).toHaveLength(3);
    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
    expect(await world.events("route-repaired")).toHaveLength(1);
  });
});

describe("a run that was frozen before its clean-up", () => {
  it("removes nothing of the host that is active now (promise 2)", async () => {
    const world = await settledWorld(hereIn({ removeRoutes: true }));
    await world.decide(null, { reason: "nobody-available" });
    const freezer = frozenAt({ at: 2, when: "before" });
    const ports: Ports = (name, call) => (name === "sleep" || freezer.happened() ? freezer.ports(name, call) : call());
    const work = world.processOf({ name: "old", ports })(wakeHere);
    await driveUntil(world, work, freezer);
    expect(routeCalls(world, "old")).toEqual([]);
    await world.decide("a2", { reason: "returned" });
    await world.swap();
    await world.clock.advance(limits.fenceMs);

    freezer.thaw();
    await world.drive(work);

    expect(routeCalls(world, "old")).toEqual([]);
    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
  });
});

describe("from a wake to the first route call", () => {
  it("takes three reads of the cloud and the database one after another, and no more", async () => {
    const world = await settledWorld();
    await world.decide("a2");
    const databaseMs = 20;
    const cloudMs = 100;
    world.cloud.faults.landMs = (call) => (call.by === "slow" ? cloudMs : 0);
    const slow: Ports = async (name, call) => {
      if (name.startsWith("store")) await world.clock.sleep(databaseMs);
      return call();
    };
    const startMs = world.clock.monotonicMs();

    const work = world.processOf({ name: "slow", ports: slow })(wakeHere);
    await world.drive(work);

    const [first] = routeCalls(world, "slow");
    expect((first?.sentMs ?? 0) - startMs).toBeLessThanOrEqual(databaseMs + 2 * cloudMs + databaseMs);
    await settle();
  });

  it("needs one ledger write more for a route that is new", async () => {
    const world = createWorld();
    await world.apply([backbone()]);
    await world.decide("a1");
    const slow: Ports = async (name, call) => {
      if (name.startsWith("store")) await world.clock.sleep(20);
      return call();
    };

    await world.drive(world.processOf({ name: "slow", ports: slow })(wakeHere));

    expect(routeCalls(world, "slow")[0]?.sentMs).toBeLessThanOrEqual(120);
  });
});
