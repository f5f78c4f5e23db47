import { describe, expect, it } from "vitest";
import { asAws } from "../../dev/as-aws.ts";
import { host, link, location, record } from "../fixtures/network.ts";
import { allAt, backbone, createWorld, gaps, hereIn, routeCalls, settledWorld, vpc, wakeHere } from "./world.ts";

describe("a swap", () => {
  it("creates every desired route, reads it back, owns it and confirms the decision", async () => {
    const world = createWorld();
    await world.apply([backbone()]);
    await world.decide("a1");

    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect((await world.ledger()).map((entry) => entry.state)).toEqual(["owned", "owned", "owned", "owned"]);
    expect((await world.head())?.swap).toMatchObject({ state: "confirmed", routes: 4 });
    expect(await world.report()).toMatchObject({ written: 4, total: 4, errors: [], retryAtMs: null, attempts: 0 });
    expect(await world.events("decision")).toHaveLength(1);
    expect(await world.events("swap-confirmed")).toHaveLength(1);
    expect([...world.swaps, ...world.ticks]).toEqual([]);
  });

  it("replaces every route in place on a fail-over, without a moment without a route (promise 4)", async () => {
    const world = await settledWorld();
    await world.decide("a2");

    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
    expect(
      routeCalls(world)
        .slice(4)
        .map((call) => call.kind),
    ).toEqual(["replace", "replace", "replace", "replace"]);
    expect(gaps(world)).toEqual([]);
    expect((await world.head())?.swap).toMatchObject({ state: "confirmed", routes: 4 });
    expect(await world.events("stale-write-repaired")).toEqual([]);
  });

  it("tells of decisions that were replaced before anybody could tell of them, too (promise 9)", async () => {
    const world = await settledWorld();
    await world.decide("a2");
    await world.decide("a1");
    await world.decide("a2");

    await world.swap();
    await world.reconcile();

    expect(await world.events("decision")).toEqual([
      expect.stringContaining("epoch 1"),
      expect.stringContaining("epoch 2"),
      expect.stringContaining("epoch 3"),
      expect.stringContaining("epoch 4"),
    ]);
  });

  it("moves routes off an interface that is still there and working, as of an instance that is only stopping", async () => {
    const world = await settledWorld();
    await world.decide("a2", { reason: "left" });

    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
  });

  it("moves routes off an interface that has gone", async () => {
    const world = await settledWorld();
    world.cloud.removeInterface("eni-a1");
    await world.decide("a2");

    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
    expect((await world.head())?.swap.state).toBe("confirmed");
    expect(await world.events("swap-failed")).toEqual([]);
  });

  it("writes IPv6 networks as they are", async () => {
    const world = createWorld();
    const there = location("there", ["b1"], { networks: ["fd00:2::/64", "10.2.0.0/16"] });
    await world.apply([link("backbone", [hereIn({}, ["rtb-1"]), there])]);
    await world.decide("a1");

    await world.swap();

    expect(world.cloud.standing()).toEqual({ "rtb-1 10.2.0.0/16": "eni-a1", "rtb-1 fd00:2::/64": "eni-a1" });
  });

  it("swaps every one of hundreds of tables", async () => {
    const world = createWorld();
    const ids = Array.from({ length: 200 }, (_, at) => `rtb-n${at}`);
    for (const id of ids) world.cloud.addTable({ id, vpc });
    await world.apply([backbone(hereIn({}, ids))]);
    await world.decide("a1");
    await world.swap();
    await world.decide("a2");

    await world.swap();

    expect(Object.values(world.cloud.standing())).toEqual(Array.from({ length: 400 }, () => "eni-a2"));
    expect((await world.head())?.swap).toMatchObject({ state: "confirmed", routes: 400 });
  });

  it("touches no table that is not the location's, and no destination that it does not reach", async () => {
    const world = await settledWorld();
    world.cloud.addTable({ id: "rtb-other", vpc: "vpc-2" });
    world.cloud.set("rtb-other", "10.2.0.0/16", "eni-a1");
    world.cloud.set("rtb-1", "10.77.0.0/16", "eni-a1");
    await world.decide("a2");

    await world.swap();

    const touched = new Set(routeCalls(world).map((call) => `${call.table} ${call.destination}`));
    expect([...touched].sort()).toEqual(Object.keys(allAt("")));
    expect(world.cloud.standing()).toEqual({
      ...allAt("eni-a2"),
      "rtb-other 10.2.0.0/16": "eni-a1",
      "rtb-1 10.77.0.0/16": "eni-a1",
    });
  });

  it("finds the interface of each host by what that host itself reported, and by no other's report (promise 8)", async () => {
    const world = createWorld();
    const hosts = [host("a1", { target: "auto" }), host("a2", { target: "auto" })];
    world.cloud.addInterface({ id: "eni-x1", address: "10.1.0.11", hostId: "a1" });
    world.cloud.addInterface({ id: "eni-x2", address: "10.1.0.12", hostId: "a2" });
    await world.apply([backbone(hereIn({ hosts }, ["rtb-1"]))]);
    await world.store.writeHost("backbone", "here", record("a1", undefined, { localAddress: "10.1.0.11" }), undefined);
    await world.store.writeHost("backbone", "here", record("a2", undefined, { localAddress: "10.1.0.11" }), undefined);
    await world.decide("a1");
    await world.swap();
    const standing = world.cloud.standing();
    await world.decide("a2");

    await world.swap();

    expect(standing).toEqual({ "rtb-1 10.2.0.0/16": "eni-x1", "rtb-1 10.3.0.0/16": "eni-x1" });
    expect(world.cloud.standing()).toEqual(standing);
    expect((await world.head())?.swap.state).toBe("pending");
    expect(await world.events("swap-failed")).toEqual([expect.stringContaining("TARGET_NOT_ALLOWED")]);
  });

  it("confirms at once where a location has no routes", async () => {
    const world = createWorld();
    await world.apply([backbone()]);
    await world.decide("b1", { locationId: "there" });

    await world.swap({ ...wakeHere, locationId: "there" });

    expect((await world.head("backbone", "there"))?.swap).toMatchObject({ state: "confirmed", routes: 0 });
    expect(world.cloud.calls).toEqual([]);
  });

  it("does nothing before anything is decided", async () => {
    const world = createWorld();
    await world.apply([backbone()]);

    await world.swap();

    expect(world.cloud.calls).toEqual([]);
    expect(await world.report()).toBeUndefined();
  });

  it("does nothing for a decision about a host that is gone, or for a generation before this one", async () => {
    const world = await settledWorld();
    await world.decide("a9");
    await world.swap();
    await world.decide("a2", { generation: 2 });
    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect((await world.head())?.swap.state).toBe("pending");
  });
});

describe("routes when nobody is available", () => {
  it("stay where they are", async () => {
    const world = await settledWorld();
    await world.decide(null, { reason: "nobody-available" });

    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
  });

  it("are removed if the location says so, and come back with the first host", async () => {
    const world = await settledWorld(hereIn({ removeRoutes: true }));
    world.cloud.set("rtb-2", "10.2.0.0/16", "nat-1");
    await world.decide(null, { reason: "nobody-available" });

    await world.swap();

    expect(world.cloud.standing()).toEqual({ "rtb-2 10.2.0.0/16": "nat-1" });
    expect(await world.events("route-removed")).toHaveLength(3);
    expect((await world.head())?.swap).toMatchObject({ state: "confirmed", routes: 0 });

    await world.decide("a2", { reason: "returned" });
    await world.swap();
    expect(world.cloud.standing()).toEqual({ ...allAt("eni-a2"), "rtb-2 10.2.0.0/16": "nat-1" });
  });
});

describe("a route that is not desired any more", () => {
  const [here, there] = backbone().locations;
  const shrunk = (removeRoutes: boolean) => {
    if (here === undefined || there === undefined) throw new Error("the fixture has two locations");
    return { ...backbone(), locations: [{ ...here, removeRoutes }, there] };
  };

  it("is removed where removal is on", async () => {
    const world = await settledWorld();
    await world.apply([shrunk(true)]);

    await world.reconcile();

    expect(world.cloud.standing()).toEqual({ "rtb-1 10.2.0.0/16": "eni-a1", "rtb-2 10.2.0.0/16": "eni-a1" });
    expect(await world.events("route-removed")).toHaveLength(2);
    expect(await world.ledger()).toHaveLength(2);
  });

  it("is listed as an orphan, told of once, where removal is off; and taken back when it is desired again", async () => {
    const world = await settledWorld();
    await world.apply([shrunk(false)]);
    await world.reconcile();
    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect((await world.ledger()).map((entry) => entry.state).sort()).toEqual(["orphan", "orphan", "owned", "owned"]);
    expect(await world.events("route-orphaned")).toHaveLength(2);

    await world.apply([backbone()]);
    await world.decide("a2");
    await world.swap();
    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
  });
});

describe("an orphan that is desired again", () => {
  const shrunk = () => {
    const { locations, ...link } = backbone();
    return { ...link, locations: locations.slice(0, 2).map((one) => ({ ...one, removeRoutes: false })) };
  };

  it("and that a late call has pointed elsewhere meanwhile, is told of as a late call", async () => {
    const world = await settledWorld();
    await world.apply([shrunk()]);
    await world.reconcile();
    world.cloud.set("rtb-1", "10.3.0.0/16", "eni-a2");
    await world.apply([backbone()]);

    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect(await world.events("stale-write-repaired")).toHaveLength(1);
  });

  it("is taken back without a word where it points as it did", async () => {
    const world = await settledWorld();
    await world.apply([shrunk()]);
    await world.reconcile();
    await world.apply([backbone()]);
    await world.decide("a2");

    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
    expect(await world.events("stale-write-repaired")).toEqual([]);
  });
});

describe("a reconcile", () => {
  it("writes nothing at all when everything is in place", async () => {
    const world = await settledWorld();
    const { writes, reads } = world.database;
    const calls = world.cloud.calls.length;

    await world.reconcile();

    expect(world.database.writes).toBe(writes);
    expect(world.database.reads - reads).toBe(6);
    expect(world.cloud.calls.slice(calls).map((call) => call.kind)).toEqual(["survey", "targets"]);
  });

  it("puts back a route that was deleted, and repairs a blackhole, and tells of both", async () => {
    const world = await settledWorld();
    world.cloud.unset("rtb-1", "10.2.0.0/16");
    world.cloud.set("rtb-2", "10.3.0.0/16", "eni-gone");

    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect(await world.events("route-repaired")).toHaveLength(2);
    expect(await world.events("stale-write-repaired")).toEqual([]);
  });

  it("puts right what a call of an older epoch did that landed late, and tells of it", async () => {
    const world = await settledWorld();
    world.cloud.set("rtb-1", "10.2.0.0/16", "eni-a2");
    world.cloud.set("rtb-1", "10.3.0.0/16", "eni-a2");

    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect(await world.events("stale-write-repaired")).toEqual([
      expect.stringContaining("10.2.0.0/16, 10.3.0.0/16 in rtb-1: pointed at eni-a2"),
    ]);
    expect(await world.events("route-repaired")).toEqual([]);
  });

  it("follows a host to its new interface behind the same address", async () => {
    const world = createWorld();
    const hosts = [host("a1", { target: "auto" }), host("a2", { target: "eni-a2" })];
    world.cloud.addInterface({ id: "eni-old", address: "10.1.0.11", hostId: "a1" });
    await world.apply([backbone(hereIn({ hosts }))]);
    await world.store.writeHost("backbone", "here", record("a1", undefined, { localAddress: "10.1.0.11" }), undefined);
    await world.decide("a1");
    await world.swap();
    await world.clock.advance(60_000);

    world.cloud.removeInterface("eni-old");
    world.cloud.addInterface({ id: "eni-new", address: "10.1.0.11", hostId: "a1" });
    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt("eni-new"));
    expect(await world.events("route-repaired")).toHaveLength(2);
    expect(await world.events("stale-write-repaired")).toEqual([]);
  });

  it("creates what a new configuration desires, without calling that a repair", async () => {
    const world = await settledWorld();
    const more = location("branch", ["d1"], { networks: ["10.4.0.0/16"] });
    await world.apply([{ ...backbone(), locations: [...backbone().locations, more] }]);

    await world.reconcile();

    expect(world.cloud.standing()).toMatchObject({ "rtb-1 10.4.0.0/16": "eni-a1", "rtb-2 10.4.0.0/16": "eni-a1" });
    expect(await world.events("route-repaired")).toEqual([]);
  });

  it("believes a difference only when it is read twice", async () => {
    const world = await settledWorld();
    await world.decide("a2");
    await world.swap();
    let reads = 0;
    world.cloud.faults.readLagMs = () => (reads++ === 0 ? 30_000 : 0);
    await world.clock.advance(20_000);
    const calls = routeCalls(world).length;

    await world.reconcile();

    expect(reads).toBeGreaterThan(1);
    expect(routeCalls(world)).toHaveLength(calls);
    expect(await world.events("stale-write-repaired")).toEqual([]);
  });

  it("finds orphans in a table that lost the tag by which it was the location's", async () => {
    const world = createWorld();
    world.cloud.addTable({ id: "rtb-3", vpc, tags: { routes: "yes" } });
    world.cloud.addTable({ id: "rtb-4", vpc, tags: { routes: "yes" } });
    const here = hereIn({ removeRoutes: true });
    const cloud = asAws(here.cloud);
    const routeTables = { by: "tag" as const, key: "routes", value: "yes" };
    await world.apply([backbone({ ...here, cloud: { ...cloud, routeTables } })]);
    await world.decide("a1");
    await world.swap();
    world.cloud.untag("rtb-4");
    await world.decide("a2");

    await world.swap();

    expect(world.cloud.standing()).toEqual({
      "rtb-3 10.2.0.0/16": "eni-a2",
      "rtb-3 10.3.0.0/16": "eni-a2",
      "rtb-4 10.2.0.0/16": "eni-a1",
      "rtb-4 10.3.0.0/16": "eni-a1",
    });
    expect(await world.events("route-orphaned")).toHaveLength(2);
  });
});
