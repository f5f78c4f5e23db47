import { describe, expect, it } from "vitest";
import { adoptRoutes } from "../../functions/routes/adopt.ts";
import type { Link, Location } from "../../shared/domain/network.ts";
import { link, location } from "../fixtures/network.ts";
import { allAt, backbone, createWorld, hereIn, routeCalls, settledWorld, type World, wakeHere } from "./world.ts";

const place = "10.2.0.0/16";

/** Somebody's route stands in rtb-1 before Pointsman comes. */
async function worldWithForeign(): Promise<World> {
  const world = createWorld();
  world.cloud.set("rtb-1", place, "nat-1");
  await world.apply([backbone()]);
  await world.decide("a1");
  await world.swap();
  await world.clock.advance(60_000);
  return world;
}

async function entryAt(world: World, table: string) {
  return (await world.ledger()).find((entry) => entry.table === `memory/${table}` && entry.destination === place);
}

function hereOf(network: Link): { readonly link: Link; readonly location: Location } {
  const [here] = network.locations;
  if (here === undefined) throw new Error("the fixture has a location");
  return { link: network, location: here };
}

const adopt = (world: World, filter = {}) =>
  adoptRoutes(world.store, hereOf(backbone()), filter, "operator ann", world.clock.nowMs());

describe("an adopted route that reads go on showing as it was", () => {
  it("stays ours: two equal reads of what stood there before are as old as one", async () => {
    const world = await worldWithForeign();
    await adopt(world);
    world.cloud.faults.readLagMs = () => 3_000;

    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect(await entryAt(world, "rtb-1")).toMatchObject({ state: "owned", by: "operator ann" });
    expect(await world.events("route-foreign")).toHaveLength(1);

    await world.clock.advance(60_000);
    await world.decide("a2");
    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
  });
});

describe("a route that Pointsman did not create", () => {
  it("is left alone, told of once, and does not hold up the rest (promise 3)", async () => {
    const world = await worldWithForeign();
    await world.reconcile();
    await world.decide("a2");
    await world.swap();
    await world.reconcile();

    expect(world.cloud.standing()).toEqual({ ...allAt("eni-a2"), [`rtb-1 ${place}`]: "nat-1" });
    expect(await world.events("route-foreign")).toEqual([expect.stringContaining("nat-1")]);
    expect(await world.report()).toMatchObject({ foreign: 1, total: 3 });
    expect((await world.head())?.swap).toMatchObject({ state: "confirmed", routes: 3 });
    expect(routeCalls(world).filter((call) => call.table === "rtb-1" && call.destination === place)).toEqual([]);
  });

  it("is left alone even if it points at one of our hosts, and whatever it is changed to", async () => {
    const world = await worldWithForeign();
    for (const target of ["eni-a1", "eni-a2", "nat-2", "eni-gone"]) {
      world.cloud.set("rtb-1", place, target);
      await world.decide("a2");
      await world.swap();
      await world.reconcile();

      expect(world.cloud.standing()[`rtb-1 ${place}`]).toBe(target);
    }
    expect(await world.events("route-foreign")).toHaveLength(5);
  });

  it("is created by us once it has gone", async () => {
    const world = await worldWithForeign();
    world.cloud.unset("rtb-1", place);

    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
  });

  it("keeps what the cloud itself made from being touched", async () => {
    const world = createWorld();
    world.cloud.set("rtb-1", place, "local", { isStatic: false });
    await world.apply([backbone()]);
    await world.decide("a1");
    await world.swap();
    await adopt(world);
    await world.reconcile();

    expect(world.cloud.standing()[`rtb-1 ${place}`]).toBe("local");
    expect(routeCalls(world).filter((call) => call.table === "rtb-1" && call.destination === place)).toEqual([]);
  });
});

describe("a route of ours that somebody points elsewhere", () => {
  it("has become foreign, which is told with what stands there, until it is adopted again", async () => {
    const world = await settledWorld();
    world.cloud.set("rtb-1", place, "nat-1");
    await world.reconcile();
    world.cloud.set("rtb-1", place, "eni-a1");
    await world.decide("a2");
    await world.swap();

    expect(world.cloud.standing()).toEqual({ ...allAt("eni-a2"), [`rtb-1 ${place}`]: "eni-a1" });
    expect((await world.events("route-foreign"))[0]).toContain("points at nat-1");

    await adopt(world);
    await world.reconcile();
    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
  });

  it.each([0, 1, 2, 3])("is not given up for one old read (read %i)", async (old) => {
    const world = createWorld();
    world.cloud.set("rtb-1", place, "nat-1");
    const small = link("backbone", [hereIn({}, ["rtb-1"]), location("there", ["b1"], { networks: [place] })]);
    await world.apply([small]);
    await world.decide("a1");
    await world.swap();
    await world.clock.advance(60_000);
    await adoptRoutes(world.store, hereOf(small), {}, "operator ann", world.clock.nowMs());
    await world.reconcile();
    await world.decide("a2");
    let reads = 0;
    world.cloud.faults.readLagMs = () => (reads++ === old ? 60_000 : 0);

    await world.swap();

    expect(world.cloud.standing()).toEqual({ [`rtb-1 ${place}`]: "eni-a2" });
    expect(await entryAt(world, "rtb-1")).toMatchObject({ state: "owned" });
  });
});

describe("a route of ours at the interface of a host that is not configured any more", () => {
  it("is still ours: it is moved to the active host", async () => {
    const world = await settledWorld();
    const { hosts } = hereIn();
    await world.apply([backbone(hereIn({ hosts: hosts.slice(1) }))]);
    await world.decide("a2", { reason: "removed" });

    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
    expect((await world.head())?.swap.state).toBe("confirmed");
  });
});

describe("adopting", () => {
  it("hands a foreign route over: the next run points it at the active host, and the record says who did it", async () => {
    const world = await worldWithForeign();

    const adoption = await adopt(world);
    await world.reconcile();

    expect(adoption.adopted).toMatchObject([{ tableId: "rtb-1", destination: place, seen: "nat-1", state: "owned" }]);
    expect(adoption.refused).toEqual([]);
    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect(await entryAt(world, "rtb-1")).toMatchObject({ state: "owned", seen: "", by: "operator ann" });
    expect(await world.events("route-adopted")).toHaveLength(1);
  });

  it("hands over nothing that has changed since it was seen", async () => {
    const world = await worldWithForeign();
    await adopt(world);
    world.cloud.set("rtb-1", place, "nat-2");

    await world.reconcile();

    expect(world.cloud.standing()[`rtb-1 ${place}`]).toBe("nat-2");
    expect(await entryAt(world, "rtb-1")).toMatchObject({ state: "foreign", seen: "nat-2" });
    expect(await world.events("route-foreign")).toHaveLength(2);
  });

  it("adopts only what it is told to", async () => {
    const world = await worldWithForeign();

    expect((await adopt(world, { tableId: "rtb-2" })).adopted).toEqual([]);
    expect((await adopt(world, { destination: "10.3.0.0/16" })).adopted).toEqual([]);
    expect((await adopt(world, { tableId: "rtb-1", destination: place })).adopted).toHaveLength(1);
    expect((await adopt(world)).adopted).toEqual([]);
  });
});

describe("two links that want the same destination in the same table", () => {
  const rival = link("rival", [
    { ...hereIn({}, ["rtb-1"]), id: "other", name: "other" },
    location("far", ["f1"], { networks: [place] }),
  ]);
  const wakeRival = { ...wakeHere, linkId: "rival", locationId: "other" };

  async function worldWithRival(): Promise<World> {
    const world = await settledWorld();
    await world.apply([backbone(), rival]);
    await world.decide("a1", { linkId: "rival", locationId: "other" });
    await world.swap(wakeRival);
    return world;
  }

  it("do not fight: the first one has it, the other is told once for as long as it lasts", async () => {
    const world = await worldWithRival();
    await world.swap({ ...wakeRival, cause: "reconcile" });
    await world.decide("a2", { linkId: "rival", locationId: "other" });
    await world.swap(wakeRival);

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect(await world.events("route-conflict")).toEqual([expect.stringContaining("location here of link backbone")]);
    expect(await world.report("other")).toMatchObject({ foreign: 1, errors: [{ code: "CONFLICT" }] });
    expect((await world.head("rival", "other"))?.swap).toMatchObject({ state: "confirmed", routes: 0 });
  });

  it("cannot take it by adopting", async () => {
    const world = await worldWithRival();

    const adoption = await adoptRoutes(world.store, hereOf(rival), {}, "operator ann", world.clock.nowMs());

    expect(adoption.adopted).toEqual([]);
    expect(adoption.refused).toMatchObject([{ tableId: "rtb-1", destination: place }]);
    expect(await entryAt(world, "rtb-1")).toMatchObject({ locationId: "here" });
  });

  it("race for a new route with one winner", async () => {
    const world = createWorld();
    await world.apply([backbone(hereIn({}, ["rtb-1"])), rival]);
    await world.decide("a1");
    await world.decide("a2", { linkId: "rival", locationId: "other" });
    const here = world.processOf({ name: "here", ports: (_name, call) => call() });
    const other = world.processOf({ name: "other", ports: (_name, call) => call() });

    await world.drive(Promise.all([here(wakeHere), other(wakeRival)]));
    await world.live(120_000);

    const owner = (await entryAt(world, "rtb-1"))?.locationId;
    expect(world.cloud.standing()[`rtb-1 ${place}`]).toBe(owner === "here" ? "eni-a1" : "eni-a2");
    expect(routeCalls(world).filter((call) => call.destination === place && call.result === "ok")).toHaveLength(1);
    expect(await world.events("route-conflict")).toHaveLength(1);
  });
});
