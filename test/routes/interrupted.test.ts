import { describe, expect, it } from "vitest";
import { location } from "../fixtures/network.ts";
import { atEveryMoment, driveUntil, frozenAt, interruptRouteCalls, killedAt, type Moment } from "./interrupt.ts";
import { backbone, hereIn, routeCalls, settledWorld, type World, wakeHere } from "./world.ts";

/**
 * a1 has the routes to 10.2 and 10.3; then 10.3 is not wanted any more and is to be removed, 10.4 is new, in rtb-2
 * somebody else has a route for it, and a2 becomes active: one swap with every kind of step.
 */
async function mixedWorld(): Promise<World> {
  const here = hereIn({ removeRoutes: true });
  const world = await settledWorld(here);
  for (const call of world.cloud.history) expect(call.target).toBe("eni-a1");
  world.cloud.set("rtb-2", "10.4.0.0/16", "nat-9");
  world.cloud.set("rtb-1", "10.1.0.0/16", "local", { isStatic: false });
  const [place, there] = backbone(here).locations;
  if (place === undefined || there === undefined) throw new Error("the fixture has two locations");
  const branch = location("branch", ["d1"], { networks: ["10.4.0.0/16"] });
  await world.apply([{ ...backbone(here), locations: [place, there, branch] }]);
  world.cloud.faults.landMs = () => 40;
  return world;
}

const atA2 = {
  "rtb-1 10.1.0.0/16": "local",
  "rtb-1 10.2.0.0/16": "eni-a2",
  "rtb-1 10.4.0.0/16": "eni-a2",
  "rtb-2 10.2.0.0/16": "eni-a2",
  "rtb-2 10.4.0.0/16": "nat-9",
};
const atA1 = { ...atA2, "rtb-1 10.2.0.0/16": "eni-a1", "rtb-1 10.4.0.0/16": "eni-a1", "rtb-2 10.2.0.0/16": "eni-a1" };

async function expectEnd(world: World, epoch: number, standing: Record<string, string>, moment: Moment): Promise<void> {
  const where = `${moment.when} call ${moment.at}`;
  expect(world.cloud.standing(), where).toEqual(standing);
  const ledger = await world.ledger();
  const states = ledger.map((entry) => `${entry.table} ${entry.destination} ${entry.state}`).sort();
  expect(states, where).toEqual([
    "memory/rtb-1 10.2.0.0/16 owned",
    "memory/rtb-1 10.4.0.0/16 owned",
    "memory/rtb-2 10.2.0.0/16 owned",
    "memory/rtb-2 10.4.0.0/16 foreign",
  ]);
  expect(await world.head(), where).toMatchObject({ epoch, swap: { state: "confirmed", routes: 3 } });
  const touched = world.cloud.history.filter(
    (change) => change.target === undefined && change.destination !== "10.3.0.0/16",
  );
  expect(touched, where).toEqual([]);
  const foreign = world.cloud.history.filter((c) => c.table === "rtb-2" && c.destination === "10.4.0.0/16");
  expect(foreign, where).toHaveLength(1);
  expect(
    routeCalls(world).filter((c) => c.destination === "10.1.0.0/16"),
    where,
  ).toEqual([]);
  expect(await world.events("swap-confirmed"), where).toHaveLength(epoch);
  expect(await world.events("decision"), where).toHaveLength(epoch);
  expect(await world.events("route-foreign"), where).toHaveLength(1);
  expect(await world.events("route-removed"), where).toHaveLength(2);
}

describe("a run that is killed between any two of its calls", () => {
  it("is finished by the runs after it: every route right, nothing foreign touched, no gap, everything told", async () => {
    const moments = await atEveryMoment(async (moment) => {
      const world = await mixedWorld();
      const victim = killedAt(moment);
      interruptRouteCalls(world, "victim", victim.ports);
      await world.decide("a2");

      await driveUntil(world, world.processOf({ name: "victim", ports: victim.ports })(wakeHere), victim);
      await world.live(200_000);

      await expectEnd(world, 2, atA2, moment);
      return victim.happened();
    });

    expect(moments).toBeGreaterThan(80);
  }, 120_000);
});

describe("a run that is frozen for minutes between any two of its calls while a newer epoch completes", () => {
  it("writes at most the one call that was past its guard, which is then undone and told of (promise 2)", async () => {
    let late = 0;
    const moments = await atEveryMoment(async (moment) => {
      const world = await mixedWorld();
      const old = frozenAt(moment);
      interruptRouteCalls(world, "old", old.ports);
      await world.decide("a2");
      const work = world.processOf({ name: "old", ports: old.ports })(wakeHere);
      await driveUntil(world, work, old);
      if (!old.happened()) return false;

      await world.decide("a1");
      await world.swap();
      await world.live(180_000);
      const before = landed(world);
      const story = (await world.events("stale-write-repaired")).length;
      old.thaw();
      await world.drive(work).catch(() => undefined);
      const landedLate = landed(world) - before;
      await world.live(61_000 + 2_000);

      expect(landedLate, `${moment.when} call ${moment.at}`).toBeLessThanOrEqual(1);
      const isWrong = landedLate === 1;
      late += landedLate;
      expect((await world.events("stale-write-repaired")).length - story).toBe(isWrong ? 1 : 0);
      if (landedLate === 0) await expectThird(world, moment);
      else expect(world.cloud.standing()).toEqual(atA1);
      return true;
    });

    expect(moments).toBeGreaterThan(80);
    expect(late).toBeGreaterThan(0);
  }, 120_000);
});

/** The frozen run may have told of its epoch, or not: the third one has confirmed and told. */
async function expectThird(world: World, moment: Moment): Promise<void> {
  const where = `${moment.when} call ${moment.at}`;
  expect(world.cloud.standing(), where).toEqual(atA1);
  expect(await world.head(), where).toMatchObject({ epoch: 3, swap: { state: "confirmed" } });
  const states = (await world.ledger()).map((entry) => entry.state).sort();
  expect(states, where).toEqual(["foreign", "owned", "owned", "owned"]);
}

function landed(world: World): number {
  return routeCalls(world, "old").filter((call) => call.result === "ok").length;
}
