import { describe, expect, it } from "vitest";
import type { Cloud } from "../../shared/domain/clouds/cloud.ts";
import type { Link, Location } from "../../shared/domain/network.ts";
import { link, location } from "../fixtures/network.ts";
import { atEveryMoment, driveUntil, interruptRouteCalls, killedAt } from "./interrupt.ts";
import { allAt, backbone, gaps, hereIn, routeCalls, settledWorld, vpc, type World, wakeHere } from "./world.ts";

const there = location("there", ["b1"], { networks: ["10.2.0.0/16"] });
const office = location("office", ["c1"], { networks: ["10.3.0.0/16"] });

function cloudOf(where: Location): Cloud {
  if (where.cloud === undefined) throw new Error("the fixture has a cloud");
  return where.cloud;
}

async function retire(world: World, old: Location, generation = 1): Promise<void> {
  await world.store.retire({
    linkId: "backbone",
    linkName: "backbone",
    locationId: "here",
    locationName: "here",
    generation,
    cloud: cloudOf(old),
    removeRoutes: old.removeRoutes,
    atMs: world.clock.nowMs(),
  });
}

/** `here` is taken out of the network. */
async function withoutHere(removeRoutes: boolean, rest: Link = link("backbone", [there, office])): Promise<World> {
  const here = hereIn({ removeRoutes });
  const world = await settledWorld(here);
  await retire(world, here);
  await world.apply([rest]);
  return world;
}

/** `here` moves from rtb-1 and rtb-2 to rtb-2 and rtb-3: generation 2. */
async function moved(removeRoutes: boolean): Promise<World> {
  const here = hereIn({ removeRoutes });
  const world = await settledWorld(here);
  world.cloud.addTable({ id: "rtb-3", vpc });
  await retire(world, here);
  await world.apply([backbone(hereIn({ removeRoutes, generation: 2 }, ["rtb-2", "rtb-3"]))]);
  return world;
}

const atNewTables = {
  "rtb-2 10.2.0.0/16": "eni-a1",
  "rtb-2 10.3.0.0/16": "eni-a1",
  "rtb-3 10.2.0.0/16": "eni-a1",
  "rtb-3 10.3.0.0/16": "eni-a1",
};

describe("a location that was taken out of the network and put in again", () => {
  it.each([true, false])(
    "takes its routes over when the old one has let go of them (removal on: %s)",
    async (removeRoutes) => {
      const here = hereIn({ removeRoutes });
      const again = { ...here, id: "again" };
      const world = await withoutHere(removeRoutes, backbone(again));
      const wakeAgain = { ...wakeHere, locationId: "again" };
      await world.decide("a1", { locationId: "again" });
      await world.swap(wakeAgain);
      expect((await world.head("backbone", "again"))?.swap.state).toBe("pending");
      expect(await world.events("route-conflict")).toEqual([]);

      await world.swap();
      await world.swap(wakeAgain);

      expect((await world.head("backbone", "again"))?.swap).toMatchObject({ state: "confirmed", routes: 4 });
      expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    },
  );
});

describe("a location that was taken out of the network", () => {
  it("has its last decision told, whose elector died before it did", async () => {
    const world = await settledWorld();
    await world.decide("a2");
    await retire(world, hereIn());
    await world.apply([link("backbone", [there, office])]);

    await world.swap();
    await world.swap();

    expect((await world.events("decision")).filter((message) => message.includes("epoch 2"))).toHaveLength(1);
  });

  it("has its routes removed where removal is on, and nothing else", async () => {
    const world = await withoutHere(true);
    world.cloud.set("rtb-1", "10.2.0.0/16", "nat-1");
    world.cloud.set("rtb-1", "10.99.0.0/16", "eni-a1");

    await world.reconcile();

    expect(world.cloud.standing()).toEqual({ "rtb-1 10.2.0.0/16": "nat-1", "rtb-1 10.99.0.0/16": "eni-a1" });
    expect(await world.ledger()).toEqual([]);
    expect(await world.store.readRetired()).toEqual([]);
    expect(await world.events("route-removed")).toHaveLength(3);
  });

  it("has its routes listed as orphans where removal is off", async () => {
    const world = await withoutHere(false);

    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect((await world.ledger()).map((entry) => [entry.state, entry.seen])).toEqual(
      Array.from({ length: 4 }, () => ["orphan", "eni-a1"]),
    );
    expect(await world.events("route-orphaned")).toHaveLength(4);
    expect(await world.store.readRetired()).toEqual([]);
  });

  it("leaves nothing behind for a table that has gone too", async () => {
    const world = await withoutHere(true);
    world.cloud.removeTable("rtb-2");

    await world.reconcile();

    expect(world.cloud.standing()).toEqual({});
    expect(await world.ledger()).toEqual([]);
    expect(await world.store.readRetired()).toEqual([]);
  });

  it("is tried again each minute until its cloud lets it, and someone is told", async () => {
    const world = await withoutHere(true);
    const faults = world.cloud.faults;
    faults.refuse = (call) => {
      if (call.kind === "remove") throw new TypeError("not today");
      return undefined;
    };
    await world.reconcile();
    expect(await world.store.readRetired()).toHaveLength(1);
    expect(await world.events("swap-failed")).toEqual([expect.stringContaining("not today")]);

    faults.refuse = () => undefined;
    await world.live(61_000);
    expect(world.cloud.standing()).toEqual({});
    expect(await world.store.readRetired()).toEqual([]);
  });

  it("keeps its routes where the network that is in force has it after all", async () => {
    const world = await settledWorld(hereIn({ removeRoutes: true }));
    await retire(world, hereIn({ removeRoutes: true }));

    await world.reconcile();
    await world.swap({ ...wakeHere, cause: "reconcile" });

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect(await world.store.readRetired()).toHaveLength(1);
  });

  it("renamed, hands its routes over to the location of the new name without a gap", async () => {
    const renamed = { ...hereIn({ removeRoutes: true }), id: "hence", name: "hence" };
    const world = await withoutHere(true, link("backbone", [renamed, there, office]));
    await world.decide("a2", { locationId: "hence" });
    await world.swap({ ...wakeHere, locationId: "hence" });
    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));

    await world.reconcile();
    await world.swap({ ...wakeHere, locationId: "hence", cause: "reconcile" });

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
    expect(gaps(world)).toEqual([]);
    expect((await world.ledger()).map((entry) => `${entry.locationId} ${entry.state}`)).toEqual(
      Array.from({ length: 4 }, () => "hence owned"),
    );
  });
});

describe("a location that moved to other tables", () => {
  it("does nothing before its move is decided", async () => {
    const world = await moved(true);

    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
  });

  it("gets its new routes first, then loses the old ones; what both generations use is taken over as it is", async () => {
    const world = await moved(true);
    await world.decide("a1", { generation: 2, reason: "location-moved" });
    const before = world.cloud.history.length;

    await world.swap();

    expect(world.cloud.standing()).toEqual(atNewTables);
    const changes = world.cloud.history.slice(before).map((change) => `${change.table} ${change.target ?? "nothing"}`);
    expect(changes).toEqual(["rtb-3 eni-a1", "rtb-3 eni-a1", "rtb-1 nothing", "rtb-1 nothing"]);
    expect((await world.ledger()).map((entry) => `${entry.table} ${entry.generation} ${entry.state}`).sort()).toEqual([
      "memory/rtb-2 2 owned",
      "memory/rtb-2 2 owned",
      "memory/rtb-3 2 owned",
      "memory/rtb-3 2 owned",
    ]);
    expect(await world.store.readRetired()).toEqual([]);
    expect(await world.events("route-removed")).toHaveLength(2);
  });

  it("keeps the old routes while the new ones are not in place", async () => {
    const world = await moved(true);
    await world.decide("a1", { generation: 2, reason: "location-moved" });
    world.cloud.faults.refuse = (call) => {
      if (call.kind === "create") throw new TypeError("not today");
      return undefined;
    };

    await world.swap();
    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));

    world.cloud.faults.refuse = () => undefined;
    await world.live(121_000);
    expect(world.cloud.standing()).toEqual(atNewTables);
  });

  it("lists the old routes as orphans where removal is off", async () => {
    const world = await moved(false);
    await world.decide("a1", { generation: 2, reason: "location-moved" });

    await world.swap();

    expect(world.cloud.standing()).toEqual({ ...atNewTables, ...allAt("eni-a1") });
    const orphans = (await world.ledger()).filter((entry) => entry.state === "orphan");
    expect(orphans.map((entry) => entry.table)).toEqual(["memory/rtb-1", "memory/rtb-1"]);
    await world.decide("a2", { generation: 2 });
    await world.swap();
    expect(world.cloud.standing()).toMatchObject({ "rtb-1 10.2.0.0/16": "eni-a1", "rtb-2 10.2.0.0/16": "eni-a2" });
  });

  it("costs one read more at a reconcile, and no write", async () => {
    const world = await moved(true);
    await world.decide("a1", { generation: 2, reason: "location-moved" });
    await world.swap();
    await world.clock.advance(60_000);
    const { reads, writes } = world.database;

    await world.reconcile();

    expect(world.database.writes).toBe(writes);
    expect(world.database.reads - reads).toBe(7);
  });

  it("is finished whenever it is killed, without ever removing an old route before the new ones stand", async () => {
    const moments = await atEveryMoment(async (moment) => {
      const world = await moved(true);
      const victim = killedAt(moment);
      interruptRouteCalls(world, "victim", victim.ports);
      await world.decide("a1", { generation: 2, reason: "location-moved" });

      await driveUntil(world, world.processOf({ name: "victim", ports: victim.ports })(wakeHere), victim);
      await world.live(130_000);

      const where = `${moment.when} call ${moment.at}`;
      expect(world.cloud.standing(), where).toEqual(atNewTables);
      expect(await world.store.readRetired(), where).toEqual([]);
      expect(
        (await world.ledger()).map((entry) => entry.state),
        where,
      ).toEqual(["owned", "owned", "owned", "owned"]);
      expect(await world.events("route-removed"), where).toHaveLength(2);
      const { history } = world.cloud;
      const firstGone = history.findIndex((change) => change.target === undefined);
      const newOnes = history.slice(0, firstGone).filter((change) => change.table === "rtb-3");
      expect(new Set(newOnes.map((change) => change.destination)).size, where).toBe(2);
      return victim.happened();
    });

    expect(moments).toBeGreaterThan(80);
  }, 120_000);
});

describe("a run for a location that was taken out of the network while it was frozen", () => {
  it("does not create again what was removed", async () => {
    const world = await settledWorld(hereIn({ removeRoutes: true }));
    await world.decide("a2");
    const { thaw, work } = await frozenRun(world);
    await retire(world, hereIn({ removeRoutes: true }));
    await world.apply([link("backbone", [there, office])]);
    await world.live(130_000);
    expect(world.cloud.standing()).toEqual({});

    thaw();
    await world.drive(work);

    expect(world.cloud.standing()).toEqual({});
    expect(routeCalls(world, "old").filter((call) => call.result === "ok")).toEqual([]);
  });
});

async function frozenRun(world: World) {
  let thaw = (): void => undefined;
  const thawed = new Promise<void>((resolve) => {
    thaw = resolve;
  });
  let isFrozen = false;
  const ports = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
    if (name === "route call") isFrozen = true;
    if (isFrozen) await thawed;
    return call();
  };
  interruptRouteCalls(world, "old", ports);
  const work = world.processOf({ name: "old", ports })(wakeHere);
  await driveUntil(world, work, { ports, happened: () => isFrozen });
  return { work, thaw: () => thaw() };
}
