import { describe, expect, it } from "vitest";
import { planRoutes } from "../../../shared/domain/plan.ts";
import { routeName } from "../../../shared/providers/gcp/names.ts";
import { instance, LOCATION, PRIORITY, PROJECT, ZONE } from "./emulated-world.ts";
import { A, B, create, never, remove, replace, TABLE, virtualWorld } from "./virtual.ts";

const TO = "10.200.0.0/16";
const turn = (epoch: number) => ({ guard: () => Promise.resolve(), epoch });

describe("a route of Google's that is to be written though reads show it in place", () => {
  it("is made anew, and so outlives a delete of an older decision that was accepted before", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 1);
    world.emulator.control.operations({ minMs: 3_000, maxMs: 3_000 });
    const older = world.open().write([remove(TO, A)], turn(2), never());
    await world.clock.advance(500);

    const newer = world.open().write([replace(TO, A, A)], turn(3), never());
    await world.drive(Promise.all([older, newer]));
    await world.clock.advance(10_000);

    expect(world.standing()).toEqual([`${TO} ${PRIORITY} vm-a`]);
  });

  it("is made anew where reads do not show yet what an older decision put in its place", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 1);
    await world.clock.advance(60_000);
    await world.write([replace(TO, B, A)], 2);
    expect(world.standing()).toEqual([`${TO} ${PRIORITY} vm-b`]);
    world.emulator.control.readLag(60_000);

    let code: string | undefined;
    for (let tries = 0; tries < 20 && code !== "written"; tries++) {
      [code] = await world.write([replace(TO, A, A)], 3);
    }
    world.emulator.control.readLag(0);

    // Beside it may stand what reads did not show: the next look clears that away.
    expect(world.standing()).toContain(`${TO} ${PRIORITY} vm-a`);
  });

  it("is left as it is once its own decision has made it", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 3);
    const before = world.emulator.control.calls().length;

    expect(await world.write([replace(TO, A, A)], 3)).toEqual(["written"]);

    expect(world.emulator.control.calls()).toHaveLength(before);
  });
});

describe("somebody else's route that hides ours", () => {
  it("is not taken for ours because its next hop does not run", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 1);
    const untagged = instance("vm-untagged");
    world.plant({ name: "by-terraform", destRange: TO, priority: 10, nextHopInstance: untagged });
    world.emulator.control.project(PROJECT).setInstance(ZONE, "vm-untagged", { status: "TERMINATED" });

    const { value } = await world.drive(world.open().read([TABLE], never()));
    const routes = value.filter(({ isStatic }) => isStatic);
    expect(routes).toMatchObject([{ target: untagged, warning: expect.stringContaining("NOT_RUNNING") }]);
    const steps = planRoutes({
      desired: [TO],
      tables: [TABLE],
      routes,
      entries: [
        {
          table: TABLE.key,
          destination: TO,
          linkId: "link",
          locationId: LOCATION,
          generation: 1,
          epoch: 1,
          state: "owned",
          seen: "",
          atMs: 0,
          by: "routes",
        },
      ],
      active: A,
      own: new Set([A, B]),
      locationId: LOCATION,
      generation: 1,
      removeRoutes: true,
    });

    expect(steps).toMatchObject([{ kind: "foreign", reason: "moved-away" }]);
  });

  it("alone is told as dead when its next hop does not run", async () => {
    const world = virtualWorld();
    world.plant({ name: "by-terraform", destRange: TO, priority: 10, nextHopInstance: A });
    world.emulator.control.project(PROJECT).setInstance(ZONE, "vm-a", { status: "TERMINATED" });

    expect(await world.seen(TO)).toMatchObject({ target: A, state: "blackhole" });
  });

  it("of ours is told as dead as well", async () => {
    const world = virtualWorld();
    world.plant({
      name: routeName(LOCATION, TO, A, 1),
      destRange: TO,
      priority: PRIORITY,
      nextHopInstance: A,
    });
    world.emulator.control.project(PROJECT).setInstance(ZONE, "vm-a", { status: "TERMINATED" });

    expect(await world.seen(TO)).toMatchObject({ target: A, state: "blackhole" });
  });
});
