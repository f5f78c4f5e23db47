import { describe, expect, it } from "vitest";
import type { Fault } from "../../../../dev/emulators/common/faults.ts";
import { REGION } from "../emulated-world.ts";
import { routesWorld } from "../virtual.ts";
import {
  errorIn,
  type ListWorld,
  listWorld,
  moveTo,
  network,
  networks,
  putIn,
  results,
  routeTo,
  takeOut,
} from "./list-world.ts";

const office = "10.9.0.0/16";
const other = "10.8.0.0/16";

/** A list with two entries, and routes for it in both tables. */
async function settled(maxEntries = 250): Promise<ListWorld> {
  const world = await listWorld(routesWorld(0), maxEntries);
  await world.write([putIn(office), putIn("10.7.0.0/16"), routeTo("rtb-1", "eni-a"), routeTo("rtb-2", "eni-a")]);
  return world;
}

const fail = (world: ListWorld, action: string, fault: Fault, count = 1) =>
  world.emulator.control.fail({ action, fault, count });
const idOf = (world: ListWorld) => world.list()?.id ?? "";
const region = (world: ListWorld) => world.emulator.control.region(REGION);

describe("a list that others change meanwhile", () => {
  it("is read anew, and takes what is left to do in its new version", async () => {
    const world = await settled();
    const before = world.called().length;
    const guard = async () => {
      if (world.called().length === before) region(world).editList(idOf(world), { add: ["10.1.0.0/16"] });
    };

    expect(results(await world.write([putIn(other)], { guard }))).toEqual(["written"]);

    expect(world.called().slice(before)).toEqual(["ModifyManagedPrefixList", "ModifyManagedPrefixList"]);
    expect(world.emulator.control.calls().at(-2)?.answer).toBe("PrefixListVersionMismatch");
    expect(world.entries()).toEqual(["10.1.0.0/16", "10.7.0.0/16", other, office]);
  });

  it("is left as it is where they did what was to be done", async () => {
    const world = await settled();
    const before = world.called().length;
    const guard = async () => {
      if (world.called().length === before) region(world).editList(idOf(world), { add: [other], remove: [office] });
    };

    expect(results(await world.write([putIn(other)], { guard }))).toEqual(["written"]);
    expect(world.called().slice(before)).toEqual(["ModifyManagedPrefixList"]);
    expect(results(await world.write([takeOut(office)]))).toEqual(["ROUTE_MISSING"]);
  });

  it("is waited for while it is being changed", async () => {
    const world = await settled();
    world.emulator.control.latency("PrefixListChange", 4_000);
    const slow = world.provider();
    const first = world.write([putIn("10.1.0.0/16")], { provider: slow });
    await world.clock.advance(100);
    const second = await world.write([putIn(other)]);

    expect(results(await first)).toEqual(["written"]);
    expect(results(second)).toEqual(["written"]);
    expect(world.entries()).toContain(other);
  });

  it("is tried a few times when EC2 goes on to say that it is busy, and then soon again", async () => {
    const world = await settled();
    fail(world, "ModifyManagedPrefixList", { kind: "error", code: "IncorrectState", message: "in-progress" }, 99);

    const outcomes = await world.write([putIn(other)]);

    expect(errorIn(outcomes)).toMatchObject({ code: "LOCKED", retry: "soon" });
    expect(world.called().filter((action) => action === "ModifyManagedPrefixList").length).toBeLessThan(9);
  });

  it("keeps what was done to it before a change of it was lost, and says that it may be tried again", async () => {
    for (const [written, left] of [
      [true, ["10.7.0.0/16", other, office]],
      [false, ["10.7.0.0/16", office]],
    ] as const) {
      const world = await settled();
      const before = world.called().length;
      fail(world, "ModifyManagedPrefixList", { kind: "drop", written });

      const outcomes = await world.write([putIn(other)]);

      expect([errorIn(outcomes).code, errorIn(outcomes).retry]).toEqual(["TIMED_OUT", "soon"]);
      expect(world.called().slice(before)).toHaveLength(1);
      expect(world.entries()).toEqual(left);
      expect(results(await world.write([putIn(other)]))).toEqual(["written"]);
    }
  });
});

describe("a list that is to be made", () => {
  it("is made once, though the answer was lost and reads do not show it yet", async () => {
    const world = await listWorld();
    fail(world, "CreateManagedPrefixList", { kind: "drop", written: true });

    const outcomes = await world.write([putIn(office), routeTo("rtb-1", "eni-a")]);
    expect(results(outcomes)).toEqual(["TIMED_OUT", "TIMED_OUT"]);
    const again = await world.write([putIn(office), routeTo("rtb-1", "eni-a")]);

    expect(results(again)).toEqual(["written", "written"]);
    expect(region(world).lists()).toHaveLength(1);
  });

  it("is made once by two runs that know nothing of one another", async () => {
    const world = await listWorld();
    world.emulator.control.latency("CreateManagedPrefixList", 2_000);
    const first = world.write([putIn(office)], { provider: world.provider() });

    const second = await world.write([putIn(office)]);

    expect([...results(await first), ...results(second)]).toEqual(["written", "written"]);
    expect(region(world).lists()).toHaveLength(1);
    expect(world.entries()).toEqual([office]);
  });

  it("is waited for until reads show it", async () => {
    const world = await listWorld();
    await world.clock.advance(60_000);
    world.emulator.control.readLag(1_500);

    expect(results(await world.write([putIn(office), routeTo("rtb-1", "eni-a")]))).toEqual(["written", "written"]);
    expect(region(world).lists()).toHaveLength(1);
  });

  it("takes its route with it when it may not be made, and says which permission is missing", async () => {
    const world = await listWorld();
    fail(world, "CreateManagedPrefixList", { kind: "deny" });

    const outcomes = await world.write([putIn(office), routeTo("rtb-1", "eni-a")]);

    expect(results(outcomes)).toEqual(["DENIED", "DENIED"]);
    expect(errorIn(outcomes).next).toContain("ec2:CreateManagedPrefixList on prefix-list/*");
    expect(errorIn(outcomes).next).toContain("ec2:CreateTags");
    expect(world.called()).toEqual(["CreateManagedPrefixList"]);
  });

  it("says that there are too many lists", async () => {
    const world = await listWorld();
    const lists = [{ id: "pl-1", name: "other", maxEntries: 1 }];
    world.emulator.seed({ regions: [{ region: REGION, prefixListQuota: 1, prefixLists: lists }] });

    const error = errorIn(await world.write([putIn(office)]));

    expect(error).toMatchObject({
      code: "QUOTA",
      retry: "later",
      next: expect.stringContaining("Prefix lists per Region"),
    });
  });
});

describe("permissions that are missing", () => {
  it.each([
    ["DescribeManagedPrefixLists", "allow ec2:DescribeManagedPrefixLists on *"],
    ["GetManagedPrefixListEntries", "allow ec2:GetManagedPrefixListEntries on prefix-list/pl-"],
  ])("are named when %s is denied", async (action, next) => {
    const world = await settled();
    fail(world, action, { kind: "deny" });

    await expect(world.survey()).rejects.toMatchObject({ code: "DENIED", next: expect.stringContaining(next) });
  });

  it.each([
    ["ModifyManagedPrefixList", putIn(other), "allow ec2:ModifyManagedPrefixList on prefix-list/pl-"],
    ["ReplaceRoute", moveTo("rtb-1", "eni-b", "eni-a"), "allow ec2:ReplaceRoute on route-table/rtb-1"],
  ] as const)("are named when %s is denied", async (action, change, next) => {
    const world = await settled();
    fail(world, action, { kind: "deny" });

    const error = errorIn(await world.write([change]));

    expect(error).toMatchObject({ code: "DENIED", retry: "later", next: expect.stringContaining(next) });
  });
});

describe("room for entries", () => {
  it("grows to what the settings say once the entries need it, and not before", async () => {
    const world = await settled(2);
    const larger = world.provider(50);

    await world.write([takeOut(office), putIn(other)].slice(0, 1), { provider: larger });
    await world.write([putIn(other)], { provider: larger });
    expect(world.list()?.maxEntries).toBe(2);
    expect(results(await world.write(networks(30).map(putIn), { provider: larger }))).toEqual(
      Array(30).fill("written"),
    );

    expect(world.list()).toMatchObject({ maxEntries: 50 });
    expect(world.entries()).toHaveLength(32);
  });

  it("does not shrink with the settings", async () => {
    const world = await settled(50);

    await world.write([putIn(other)], { provider: world.provider(3) });

    expect(world.list()).toMatchObject({ maxEntries: 50 });
  });

  it("that is too little says which setting to raise, and takes what fits", async () => {
    const world = await settled(150);

    const outcomes = await world.write(networks(160).map(putIn));

    expect(results(outcomes).slice(0, 100)).toEqual(Array(100).fill("written"));
    expect(errorIn(outcomes, 100)).toMatchObject({
      code: "QUOTA",
      retry: "later",
      next: expect.stringContaining("prefixList.maxEntries"),
    });
    expect(errorIn(outcomes, 100).message).toContain(network(100));
    expect(world.entries()).toHaveLength(102);
  });

  it("that a table has no quota for is not had: the tables are named, and the swap goes on", async () => {
    const world = await settled(2);
    world.emulator.seed({ regions: [{ region: REGION, routeQuota: 10 }] });

    const outcomes = await world.write([putIn(other), moveTo("rtb-1", "eni-b", "eni-a")], {
      provider: world.provider(50),
    });

    expect(results(outcomes)).toEqual(["QUOTA", "written"]);
    expect(errorIn(outcomes).message).toContain("rtb-1, rtb-2");
    expect(errorIn(outcomes).next).toContain("the list counts as 50 in each");
    expect(world.list()).toMatchObject({ maxEntries: 2, state: "modify-failed" });
    // Reads that are a while old still show the change that failed.
    await world.clock.advance(60_000);
    world.emulator.control.readLag(300);
    expect(results(await world.write([takeOut(office)]))).toEqual(["written"]);
  });

  it("counts in a table whose route is to be created", async () => {
    const world = await listWorld(routesWorld(0), 50);
    world.emulator.seed({ regions: [{ region: REGION, routeQuota: 49 }] });

    const outcomes = await world.write([putIn(office), routeTo("rtb-1", "eni-a")]);

    expect(results(outcomes)).toEqual(["written", "QUOTA"]);
    expect(errorIn(outcomes, 1)).toMatchObject({
      retry: "later",
      next: expect.stringContaining("the list counts as 50, its prefixList.maxEntries"),
    });
    expect(errorIn(outcomes, 1).message).toMatch(/prefix-list\/ipv4 \(pl-\d+\) in rtb-1/);
  });
});

describe("what can be gone", () => {
  it("is the list: what stands is read again, and it is made again", async () => {
    const world = await settled();
    await world.survey();
    region(world).removeRoute("rtb-1", idOf(world));
    region(world).removeRoute("rtb-2", idOf(world));
    region(world).removeList(idOf(world));

    expect(results(await world.write([moveTo("rtb-1", "eni-b", "eni-a")]))).toEqual(["ROUTE_MISSING"]);
    expect((await world.survey()).routes).toEqual([]);
    await world.clock.advance(3_600_000);
    expect(results(await world.write([putIn(office), routeTo("rtb-1", "eni-b")]))).toEqual(["written", "written"]);
  });

  it("is a table, a target or the route: each says so, and the rest is written", async () => {
    const world = await settled();
    region(world).removeRoute("rtb-2", idOf(world));

    const outcomes = await world.write([
      moveTo("rtb-404", "eni-b", "eni-a"),
      moveTo("rtb-1", "eni-404", "eni-a"),
      moveTo("rtb-2", "eni-b", "eni-a"),
      moveTo("rtb-1", "eni-b", "eni-a"),
    ]);

    expect(results(outcomes)).toEqual(["TABLE_MISSING", "TARGET_MISSING", "ROUTE_MISSING", "written"]);
  });

  it("is nothing that stands already: a route that is there is not written over", async () => {
    const world = await settled();

    expect(results(await world.write([routeTo("rtb-1", "eni-b")]))).toEqual(["ROUTE_EXISTS"]);
    expect(region(world).routes("rtb-1").at(-1)?.target).toBe("eni-a");
  });
});

describe("a call that is throttled", () => {
  it("waits for its turn, with a guard of its own", async () => {
    const world = await settled();
    for (const action of ["ModifyManagedPrefixList", "ReplaceRoute"]) fail(world, action, { kind: "throttle" }, 3);
    let asked = 0;

    const outcomes = await world.write([putIn(other), moveTo("rtb-1", "eni-b", "eni-a")], {
      guard: async () => void asked++,
    });

    expect(results(outcomes)).toEqual(["written", "written"]);
    expect(asked).toBe(8);
  });

  it("for minutes ends with the run", async () => {
    const world = await settled();
    fail(world, "ModifyManagedPrefixList", { kind: "throttle" }, 9_999);
    const run = new AbortController();
    void world.clock.sleep(120_000).then(() => run.abort());

    const outcomes = await world.write([putIn(other)], { signal: run.signal });

    expect(errorIn(outcomes)).toMatchObject({ code: "THROTTLED", retry: "soon" });
  });
});

it("says what a list is still waited for when the run ends", async () => {
  const world = await listWorld();
  world.emulator.control.latency("PrefixListChange", 600_000);
  const run = new AbortController();
  void world.clock.sleep(20_000).then(() => run.abort());

  const outcomes = await world.write([putIn(office)], { signal: run.signal });

  expect(errorIn(outcomes)).toMatchObject({ code: "TIMED_OUT", retry: "soon" });
  expect(errorIn(outcomes).message).toMatch(/pointsman-here-ipv4 .*create-in-progress/);
});
