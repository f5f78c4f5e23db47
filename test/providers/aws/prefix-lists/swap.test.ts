import { describe, expect, it } from "vitest";
import { link, location } from "../../../fixtures/network.ts";
import { backbone } from "../../../routes/world.ts";
import { here, listed, plain, type SwapWorld, settledWorld } from "./swap-world.ts";

const at = (target: string) => ({ "10.2.0.0/16": target, "10.3.0.0/16": target });
const both = (world: SwapWorld) => [world.effective("rtb-1"), world.effective("rtb-2")];
const routesOf = (world: SwapWorld) => world.region.routes("rtb-1").filter(({ target }) => target !== "local");

async function callsOf(world: SwapWorld, work: () => Promise<unknown>): Promise<readonly string[]> {
  const before = world.calls().length;
  await work();
  return world.calls().slice(before);
}

describe("a location whose networks are kept in a prefix list", () => {
  it("has one route a table, and a ledger that does not know the list's id", async () => {
    const world = await settledWorld(listed);

    expect(await world.state()).toBe("confirmed");
    expect(both(world)).toEqual([at("eni-a1"), at("eni-a1")]);
    expect(routesOf(world)).toHaveLength(1);
    const places = (await world.ledger()).map(({ table, destination, state }) => `${table} ${destination} ${state}`);
    expect(places.sort()).toEqual([
      "aws/eu-central-1/prefix-list/here/ipv4 10.2.0.0/16 owned",
      "aws/eu-central-1/prefix-list/here/ipv4 10.3.0.0/16 owned",
      "aws/eu-central-1/rtb-1/prefix-list/here prefix-list/ipv4 owned",
      "aws/eu-central-1/rtb-2/prefix-list/here prefix-list/ipv4 owned",
    ]);
  });

  it("fails over with one call a table", async () => {
    const world = await settledWorld(listed);
    await world.decide("a2");

    expect(await callsOf(world, world.swap)).toEqual(["ReplaceRoute", "ReplaceRoute"]);
    expect(await world.state()).toBe("confirmed");
    expect(both(world)).toEqual([at("eni-a2"), at("eni-a2")]);
    expect(world.gaps()).toEqual([]);
  });

  it("gets and loses a network with one call, whatever the tables", async () => {
    const world = await settledWorld(listed);
    const more = location("more", ["m1"], { networks: ["10.4.0.0/16"] });
    const before = backbone(here(listed));

    await world.apply({ ...before, locations: [...before.locations, more] });
    expect(await callsOf(world, () => world.swap("reconcile"))).toEqual(["ModifyManagedPrefixList"]);
    expect(world.effective("rtb-2")).toEqual({ ...at("eni-a1"), "10.4.0.0/16": "eni-a1" });

    await world.apply(before);
    expect(await callsOf(world, () => world.swap("reconcile"))).toEqual(["ModifyManagedPrefixList"]);
    expect(both(world)).toEqual([at("eni-a1"), at("eni-a1")]);
  });

  it("makes a list for IPv6 when it first reaches such a network, and none before", async () => {
    const world = await settledWorld(listed);
    expect(world.region.lists().map(({ family }) => family)).toEqual(["IPv4"]);
    const before = backbone(here(listed));
    const more = location("more", ["m1"], { networks: ["fd00:4::/64"] });

    await world.apply({ ...before, locations: [...before.locations, more] });
    await world.swap("reconcile");

    expect(world.region.lists().map(({ family }) => family)).toEqual(["IPv4", "IPv6"]);
    expect(world.effective("rtb-1")).toEqual({ ...at("eni-a1"), "fd00:4::/64": "eni-a1" });
    await world.decide("a2");
    expect(await callsOf(world, world.swap)).toEqual(Array(4).fill("ReplaceRoute"));
  });

  it("loses its routes and not its entries when nobody is available", async () => {
    const world = await settledWorld(listed);
    await world.decide(null);

    expect(await callsOf(world, world.swap)).toEqual(["DeleteRoute", "DeleteRoute"]);
    expect(world.region.lists()[0]?.entries.size).toBe(2);
    await world.decide("a2");
    await world.swap();
    expect(both(world)).toEqual([at("eni-a2"), at("eni-a2")]);
  });

  it("puts back what a person took out of its list, and takes as its own what a person put in", async () => {
    const world = await settledWorld(listed);
    const id = world.region.lists()[0]?.id ?? "";
    world.region.editList(id, { remove: ["10.2.0.0/16"] });

    await world.swap("reconcile");
    expect(both(world)).toEqual([at("eni-a1"), at("eni-a1")]);

    world.region.editList(id, { add: ["10.4.0.0/16"] });
    const more = location("more", ["m1"], { networks: ["10.4.0.0/16"] });
    const before = backbone(here(listed));
    await world.apply({ ...before, locations: [...before.locations, more] });
    expect(await callsOf(world, () => world.swap("reconcile"))).toEqual([]);
    await world.apply(before);
    expect(await callsOf(world, () => world.swap("reconcile"))).toEqual(["ModifyManagedPrefixList"]);
    expect(await world.events("route-foreign")).toEqual([]);
  });

  it("leaves nothing in tables and list when it is removed", async () => {
    const world = await settledWorld(listed);

    await world.apply(link("backbone", [location("there", ["b1"]), location("office", ["c1"])]));
    await world.swap("reconcile");

    expect(both(world)).toEqual([{}, {}]);
    expect(routesOf(world)).toEqual([]);
    expect(world.region.lists()[0]?.entries.size).toBe(0);
    expect(await world.ledger()).toEqual([]);
    expect(await world.store.readRetired()).toEqual([]);
  });

  it("leaves nothing in its list although another location of the VPC reaches the same networks", async () => {
    const world = await settledWorld(listed);
    const other = here(plain, { id: "other", name: "other" });

    await world.apply(backbone(other));
    await world.swap("reconcile");

    expect(world.region.lists()[0]?.entries.size).toBe(0);
    expect(await world.ledger()).toEqual([]);
  });
});

describe("a location with plain routes that is removed", () => {
  it("leaves none for a location with lists in the same tables, which would not take them over", async () => {
    const world = await settledWorld(plain);

    await world.apply(backbone(here(listed, { id: "other", name: "other" })));
    await world.swap("reconcile");

    expect(routesOf(world)).toEqual([]);
    expect(await world.ledger()).toEqual([]);
  });
});

describe("a route for a list that somebody pointed away", () => {
  it("is left alone and told of, until it is adopted", async () => {
    const world = await settledWorld(listed);
    world.region.putRoute("rtb-1", { destination: world.region.lists()[0]?.id ?? "", target: "nat-1" });
    await world.swap("reconcile");
    expect(world.effective("rtb-1")).toEqual(at("nat-1"));
    expect(await world.events("route-foreign")).toEqual([expect.stringContaining("prefix-list/ipv4 in rtb-1")]);

    const adoption = await world.adopt();
    await world.swap("reconcile");

    expect(adoption).toMatchObject({ adopted: [{ destination: "prefix-list/ipv4", seen: "nat-1" }], refused: [] });
    expect(both(world)).toEqual([at("eni-a1"), at("eni-a1")]);
  });

  it("is all that a location with lists can adopt: orphans of its plain routes are no table of it any more", async () => {
    const world = await settledWorld(plain);
    await world.apply(backbone(here(plain, { removeRoutes: false })));
    await world.apply(backbone(here(listed, { generation: 2, removeRoutes: false })));
    await world.decide("a1");
    await world.swap();

    expect(await world.adopt()).toEqual({ adopted: [], refused: [] });
  });
});

describe("two locations with lists in the same tables", () => {
  it("keep each its own list and route", async () => {
    const world = await settledWorld(listed);
    const tags = { "pointsman:location": "other" };
    const lists = [
      { id: "pl-other", name: "pointsman-other-ipv4", maxEntries: 9, tags, entries: { "10.7.0.0/16": "" } },
    ];
    world.emulator.seed({ regions: [{ region: "eu-central-1", prefixLists: lists }] });
    world.region.putRoute("rtb-1", { destination: "pl-other", target: "eni-a1" });
    await world.decide("a2");

    await world.swap();

    expect(await world.state()).toBe("confirmed");
    expect(world.effective("rtb-1")).toEqual({ ...at("eni-a2"), "10.7.0.0/16": "eni-a1" });
    expect(await world.events("route-conflict")).toEqual([]);
  });
});

describe("a location that moves", () => {
  it.each([
    ["from plain routes to a prefix list", plain, listed],
    ["from a prefix list to plain routes", listed, plain],
  ] as const)("%s has a route for every network at every moment", async (_, from, to) => {
    const world = await settledWorld(from);
    const cursor = world.emulator.control.moments().length;

    await world.apply(backbone(here(to, { generation: 2 })));
    await world.decide("a2");
    await world.swap();

    expect(await world.state()).toBe("confirmed");
    expect(both(world)).toEqual([at("eni-a2"), at("eni-a2")]);
    expect(world.gaps()).toEqual([]);
    expect(world.emulator.control.moments().slice(cursor).length).toBeGreaterThan(0);
    expect(routesOf(world).map(({ destination }) => destination.startsWith("pl-"))).toEqual(
      to === listed ? [true] : [false, false],
    );
    expect(await world.store.readRetired()).toEqual([]);
    const tables = new Set((await world.ledger()).map(({ table }) => table.endsWith("prefix-list/here")));
    expect([...tables]).toHaveLength(to === listed ? 2 : 1);
    expect(new Set((await world.ledger()).map(({ state }) => state))).toEqual(new Set(["owned"]));
    expect(await world.events("route-orphaned")).toEqual([]);
  });

  it("and back, and to a prefix list again, ends where it was", async () => {
    const world = await settledWorld(listed);
    for (const [at, to] of [plain, listed, plain, listed].entries()) {
      await world.apply(backbone(here(to, { generation: at + 2 })));
      await world.decide(at % 2 === 0 ? "a2" : "a1");
      await world.swap();
      await world.clock.advance(60_000);
    }

    expect(both(world)).toEqual([at("eni-a1"), at("eni-a1")]);
    expect(world.gaps()).toEqual([]);
    expect(world.region.lists()).toHaveLength(1);
    expect(await world.ledger()).toHaveLength(4);
  });

  it.each(["CreateManagedPrefixList", "ModifyManagedPrefixList", "CreateRoute"])(
    "keeps its plain routes for as long as %s is denied",
    async (action) => {
      const world = await settledWorld(plain);
      world.emulator.control.fail({ action, fault: { kind: "deny" }, count: 999 });
      await world.apply(backbone(here(listed, { generation: 2 })));
      await world.decide("a1");

      for (let runs = 0; runs < 3; runs++) {
        await world.swap();
        await world.clock.advance(60_000);
      }

      expect(await world.state()).toBe("pending");
      expect(both(world)).toEqual([at("eni-a1"), at("eni-a1")]);
      expect((await world.events("swap-failed"))[0]).toContain(`allow ec2:${action}`);
      world.emulator.control.calm();
      await world.swap("reconcile");
      expect(await world.state()).toBe("confirmed");
      expect(routesOf(world).map(({ destination }) => destination.slice(0, 3))).toEqual(["pl-"]);
      expect(world.gaps()).toEqual([]);
    },
  );

  it("leaves its plain routes as orphans where removal is off, and says so", async () => {
    const world = await settledWorld(plain);
    await world.apply(backbone(here(plain, { removeRoutes: false })));

    await world.apply(backbone(here(listed, { generation: 2, removeRoutes: false })));
    await world.decide("a2");
    await world.swap();

    expect(both(world)).toEqual([at("eni-a1"), at("eni-a1")]);
    expect(await world.events("route-orphaned")).toHaveLength(4);
  });
});

describe("a swap that is broken off", () => {
  it.each([
    ["a failover", listed, listed],
    ["a move to a prefix list", plain, listed],
    ["a move to plain routes", listed, plain],
  ] as const)("after any call of %s is finished by the runs that follow, without a gap", async (_, from, to) => {
    for (let calls = 0, isWhole = false; !isWhole; calls++) {
      const world = await settledWorld(from);
      if (to !== from) await world.apply(backbone(here(to, { generation: 2 })));
      await world.decide("a2");
      const before = world.calls().length;
      world.cutAfter(calls);
      await world.swap();
      isWhole = world.calls().length - before < calls;

      world.cutAfter(Number.POSITIVE_INFINITY);
      for (let runs = 0; runs < 2; runs++) {
        await world.clock.advance(60_000);
        await world.swap("reconcile");
      }

      expect([calls, await world.state(), ...both(world)]).toEqual([calls, "confirmed", at("eni-a2"), at("eni-a2")]);
      expect(world.gaps()).toEqual([]);
      expect(routesOf(world).map(({ destination }) => destination.startsWith("pl-"))).toEqual(
        to === listed ? [true] : [false, false],
      );
      expect(world.region.lists()).toHaveLength(1);
      expect(new Set((await world.ledger()).map(({ state }) => state))).toEqual(new Set(["owned"]));
      expect(await world.store.readRetired()).toEqual([]);
    }
  });

  it("halfway through its tables is finished by the next run", async () => {
    const world = await settledWorld(listed);
    await world.decide("a2");
    for (const written of [true, false]) {
      world.emulator.control.fail({ action: "ReplaceRoute", fault: { kind: "drop", written }, count: 1 });
    }

    await world.swap();

    expect(await world.state()).toBe("confirmed");
    expect(both(world)).toEqual([at("eni-a2"), at("eni-a2")]);
  });
});
