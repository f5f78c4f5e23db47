import { describe, expect, it } from "vitest";
import { routeName } from "../../../shared/providers/gcp/names.ts";
import { cloudOf, instance, LOCATION, PRIORITY, PROJECT } from "./emulated-world.ts";
import { A, B, create, never, remove, replace, virtualWorld } from "./virtual.ts";

const TO = "10.200.0.0/16";
const operation = { minMs: 1_000, maxMs: 8_000 };
const project = (world: ReturnType<typeof virtualWorld>) => world.emulator.control.project(PROJECT);

describe("swaps of routes in Google Cloud", () => {
  it("go over to the other host and back with no gap and no drift of priorities", async () => {
    const world = virtualWorld();
    world.emulator.control.operations(operation);
    expect(await world.write([create(TO, A)], 1)).toEqual(["written"]);

    const seen = new Set<string>();
    for (let epoch = 2; epoch <= 21; epoch++) {
      const [target, found] = epoch % 2 === 0 ? [B, A] : [A, B];
      expect(await world.write([replace(TO, target, found)], epoch)).toEqual(["written"]);
      expect(world.standing()).toHaveLength(1);
      for (const line of world.standing()) seen.add(line.split(" ")[1] ?? "");
      expect(await world.seen(TO)).toMatchObject({ target, state: "active" });
    }

    expect(seen).toEqual(new Set([String(PRIORITY), String(PRIORITY + 1)]));
    expect(world.emulator.control.gaps(0)).toEqual([]);
  });

  it("leave every other destination as it is", async () => {
    const world = virtualWorld();
    world.plant({ name: "wide", destRange: "10.0.0.0/8", nextHopInstance: A });
    world.plant({ name: "narrow", destRange: "10.200.7.0/24", nextHopInstance: A });
    world.plant({ name: "other", network: "vpc-elsewhere", destRange: TO, nextHopIp: "10.99.0.4" });
    await world.write([create(TO, A)], 1);

    await world.write([replace(TO, B, A)], 2);

    const names = ["narrow", "other", "wide"];
    const all = [...project(world).routes("vpc-home"), ...project(world).routes("vpc-elsewhere")];
    expect(
      all
        .map(({ name }) => name)
        .filter((name) => names.includes(name))
        .sort(),
    ).toEqual(names);
  });

  it("cannot be undone by a delete that lands late", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 1);
    await world.write([replace(TO, B, A)], 2);
    await world.write([replace(TO, A, B)], 3);
    const late = routeName(LOCATION, TO, A, 1);

    const { value } = await world.drive(
      world.emulator.handle({
        method: "DELETE",
        path: `/compute/v1/projects/${PROJECT}/global/routes/${late}`,
        headers: {},
        body: "",
      }),
    );

    expect(value).toMatchObject({ status: 404 });
    expect(await world.seen(TO)).toMatchObject({ target: A });
  });

  it("point at addresses where the target is one", async () => {
    const world = virtualWorld();
    await world.write([create(TO, "10.0.0.4")], 1);

    expect(await world.write([replace(TO, "10.0.0.5", "10.0.0.4")], 2)).toEqual(["written"]);

    expect(await world.seen(TO)).toMatchObject({ target: "10.0.0.5", state: "active" });
  });

  it("point at an instance of a service project of a Shared VPC", async () => {
    const target = "projects/acme-service/zones/us-east1-b/instances/link-1";
    const network = `projects/${PROJECT}/global/networks/vpc-home`;
    const world = virtualWorld({
      projects: [
        {
          id: "acme-service",
          instances: [{ zone: "us-east1-b", name: "link-1", interfaces: [{ network, address: "10.0.9.9" }] }],
        },
      ],
    });
    const asked = world.open().targets([{ hostId: "h", target, localAddress: "" }], never());

    expect((await world.drive(asked)).value).toMatchObject([{ result: "found", target }]);
    expect(await world.write([create(TO, target)], 1)).toEqual(["written"]);
    expect(await world.seen(TO)).toMatchObject({ target, state: "active" });
  });
});

describe("what stands beside the route that carries the traffic", () => {
  it("is left by a swap that was broken off, is told, and is cleared away by the next", async () => {
    for (const at of [PRIORITY, PRIORITY + 1]) {
      const world = virtualWorld();
      world.plant({ name: routeName(LOCATION, TO, A, 1), destRange: TO, priority: at, nextHopInstance: A });
      let asked = 0;
      const guard = async () => {
        asked++;
        if (asked > 1) throw new Error("the process was killed");
      };
      await world.drive(world.open().write([replace(TO, B, A)], { guard, epoch: 2 }, never()));

      expect(world.standing()).toHaveLength(2);
      const carrying = at === PRIORITY ? A : B;
      expect(await world.seen(TO)).toMatchObject({ target: carrying, residue: true });
      expect(await world.write([replace(TO, B, carrying)], 2)).toEqual(["written"]);
      expect(world.standing()).toEqual([`${TO} ${at === PRIORITY ? PRIORITY + 1 : PRIORITY} vm-b`]);
      expect((await world.seen(TO))?.residue).toBeUndefined();
      expect(world.emulator.control.gaps(0)).toEqual([]);
    }
  });

  it("is cleared with deletes alone when the right route carries the traffic", async () => {
    const world = virtualWorld();
    world.plant({ name: routeName(LOCATION, TO, B, 2), destRange: TO, priority: PRIORITY, nextHopInstance: B });
    world.plant({ name: routeName(LOCATION, TO, A, 1), destRange: TO, priority: PRIORITY + 1, nextHopInstance: A });

    expect(await world.write([replace(TO, B, B)], 3)).toEqual(["written"]);

    expect(world.emulator.control.calls().map(({ action }) => action)).toEqual(["routes.delete"]);
    expect(world.standing()).toEqual([`${TO} ${PRIORITY} vm-b`]);
  });

  it("is told when Google spreads the traffic over two of ours", async () => {
    const world = virtualWorld();
    world.plant({ name: routeName(LOCATION, TO, A, 1), destRange: TO, priority: PRIORITY, nextHopInstance: A });
    world.plant({ name: routeName(LOCATION, TO, B, 2), destRange: TO, priority: PRIORITY, nextHopInstance: B });

    expect(await world.seen(TO)).toMatchObject({ target: B, residue: true });
    expect(await world.write([replace(TO, B, B)], 2)).toEqual(["written"]);
    expect(world.standing()).toEqual([`${TO} ${PRIORITY} vm-b`]);
  });

  it("is never deleted when it is somebody else's", async () => {
    const world = virtualWorld();
    world.plant({ name: "backup", destRange: TO, priority: 2_000, nextHopInstance: A });
    world.plant({ name: routeName("other-location", TO, A, 1), destRange: TO, priority: 3_000, nextHopInstance: A });
    world.plant({ name: routeName(LOCATION, TO, A, 1), destRange: TO, priority: PRIORITY, nextHopInstance: A });

    expect(await world.write([replace(TO, B, A)], 2)).toEqual(["written"]);

    expect(world.standing()).toEqual([`${TO} ${PRIORITY + 1} vm-b`, `${TO} 2000 vm-a`, `${TO} 3000 vm-a`]);
    expect((await world.seen(TO))?.residue).toBeUndefined();
    expect(await world.write([remove(TO, B)], 3)).toEqual(["written"]);
    expect(world.standing()).toEqual([`${TO} 2000 vm-a`, `${TO} 3000 vm-a`]);
  });

  it("is replaced when it is the route that an operator gave to us", async () => {
    const world = virtualWorld();
    world.plant({ name: "by-terraform", destRange: TO, priority: 500, nextHopInstance: A });

    expect(await world.seen(TO)).toMatchObject({ target: A, isStatic: true });
    expect(await world.write([replace(TO, B, A)], 2)).toEqual(["written"]);

    expect(world.standing()).toEqual([`${TO} ${PRIORITY + 1} vm-b`]);
    expect(world.emulator.control.gaps(0)).toEqual([]);
  });
});

describe("what another location of ours has left", () => {
  it("is taken over whatever its epochs were, since they are its own", async () => {
    const world = virtualWorld();
    world.plant({ name: routeName("l0", TO, A, 50), destRange: TO, priority: PRIORITY, nextHopInstance: A });

    expect(await world.write([replace(TO, B, A)], 3)).toEqual(["written"]);

    expect(world.standing()).toEqual([`${TO} ${PRIORITY + 1} vm-b`]);
    expect(world.emulator.control.gaps(0)).toEqual([]);
  });

  it("is taken away whatever its epochs were", async () => {
    const world = virtualWorld();
    world.plant({ name: routeName("l0", TO, A, 50), destRange: TO, priority: PRIORITY, nextHopInstance: A });

    expect(await world.write([remove(TO, A)], 3)).toEqual(["written"]);

    expect(world.standing()).toEqual([]);
  });
});

describe("what others do meanwhile", () => {
  it("stops a swap when somebody else's route carries the traffic now", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 1);
    world.plant({ name: "by-terraform", destRange: TO, priority: 10, nextHopInstance: instance("vm-untagged") });

    expect(await world.seen(TO)).toMatchObject({ target: instance("vm-untagged") });
    expect(await world.write([replace(TO, B, A)], 2)).toEqual(["ROUTE_EXISTS"]);
    expect(await world.write([remove(TO, A)], 2)).toEqual(["ROUTE_EXISTS"]);
    expect(world.standing()).toHaveLength(2);
  });

  it("is not taken for ours because their route before ours points at the same host", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 1);
    await world.clock.advance(1_000);
    world.plant({ name: "by-terraform", destRange: TO, priority: 10, nextHopInstance: A });
    const before = world.standing();

    const [outcome] = await world.outcomes([replace(TO, B, A)], 2);
    await world.outcomes([remove(TO, A)], 2);

    expect(outcome).toMatchObject({
      error: { code: "ROUTE_EXISTS", message: expect.stringContaining("by-terraform") },
    });
    expect(world.standing()).toEqual(before);
  });

  it("is ours where it was given to us before ours was made beside it", async () => {
    const world = virtualWorld();
    world.plant({ name: "by-terraform", destRange: TO, priority: 10, nextHopInstance: A });
    await world.clock.advance(1_000);
    world.plant({ name: routeName(LOCATION, TO, A, 1), destRange: TO, priority: PRIORITY, nextHopInstance: A });

    expect(await world.write([replace(TO, B, A)], 2)).toEqual(["written"]);

    expect(world.standing()).toEqual([`${TO} ${PRIORITY + 1} vm-b`]);
  });

  it("is ours where an operator gave us the route that stands before ours", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 1);
    const untagged = instance("vm-untagged");
    world.plant({ name: "by-terraform", destRange: TO, priority: 10, nextHopInstance: untagged });

    expect(await world.write([replace(TO, B, untagged)], 2)).toEqual(["written"]);

    expect(world.standing()).toEqual([`${TO} ${PRIORITY + 1} vm-b`]);
  });

  it("stops a swap when a newer decision's route stands", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 7);

    expect(await world.write([replace(TO, B, A)], 6)).toEqual(["ROUTE_EXISTS"]);
    expect(await world.seen(TO)).toMatchObject({ target: A });
  });

  it("is told as somebody else's when Google spreads the traffic over theirs and ours", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 1);
    world.plant({ name: "by-hand", destRange: TO, priority: PRIORITY + 1, nextHopInstance: instance("vm-untagged") });

    expect(await world.seen(TO)).toMatchObject({ target: instance("vm-untagged") });
  });

  it("does not matter when a route that is to be deleted has gone", async () => {
    const world = virtualWorld();
    world.emulator.control.operations(2_000);
    await world.write([create(TO, A)], 1);
    const swap = world.open().write([replace(TO, B, A)], { guard: () => Promise.resolve(), epoch: 2 }, never());
    await world.clock.advance(1_000);
    project(world).removeRoute(routeName(LOCATION, TO, A, 1));

    expect((await world.drive(swap)).value).toMatchObject([{ result: "written" }]);
    expect(world.standing()).toHaveLength(1);
  });
});

describe("names that are taken", () => {
  it("by our own call whose answer was lost, are ours", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 1);
    world.emulator.control.operations(5_000);
    world.emulator.control.fail({ action: "routes.insert", fault: { kind: "drop", written: true } });
    expect(await world.write([replace(TO, B, A)], 2)).toEqual(["TIMED_OUT"]);

    expect(await world.write([replace(TO, B, A)], 2)).toEqual(["LOCKED"]);
    await world.clock.advance(5_000);
    expect(await world.write([replace(TO, B, A)], 2)).toEqual(["written"]);
    expect(world.standing()).toEqual([`${TO} ${PRIORITY} vm-b`]);
  });

  it("by our own call that landed after the routes were listed, are ours", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 1);
    const guard = async () =>
      world.plant({ name: routeName(LOCATION, TO, B, 2), destRange: TO, priority: PRIORITY, nextHopInstance: B });

    const swap = world.drive(world.open().write([replace(TO, B, A)], { guard, epoch: 2 }, never()));

    expect((await swap).value).toMatchObject([{ result: "written" }]);
    expect(world.standing()).toEqual([`${TO} ${PRIORITY} vm-b`]);
  });

  it("by a stranger's route to elsewhere, are said to be, and nothing is deleted", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 1);
    const name = routeName(LOCATION, TO, B, 2);
    world.plant({ name, network: "vpc-elsewhere", destRange: "10.7.0.0/16", nextHopIp: "10.99.0.4" });

    const [outcome] = await world.outcomes([replace(TO, B, A)], 2);

    expect(outcome).toMatchObject({
      result: "failed",
      error: {
        code: "ROUTE_EXISTS",
        retry: "later",
        message: expect.stringContaining(name),
        next: `delete route ${name}`,
      },
    });
    expect(world.standing()).toEqual([`${TO} ${PRIORITY + 1} vm-a`]);
  });
});

describe("creating", () => {
  it("is refused whatever stands for the destination in the network, at any priority", async () => {
    for (const priority of [0, 1_000, 65_535]) {
      const world = virtualWorld();
      world.plant({ name: "theirs", destRange: TO, priority, nextHopGateway: `projects/${PROJECT}/global/gateways/g` });

      expect(await world.write([create(TO, A)], 1)).toEqual(["ROUTE_EXISTS"]);
    }
  });

  it("is not hindered by another network's route, or by one for another destination", async () => {
    const world = virtualWorld();
    world.plant({ name: "elsewhere", network: "vpc-elsewhere", destRange: TO, nextHopIp: "10.99.0.4" });
    world.plant({ name: "narrow", destRange: "10.200.1.0/24", nextHopInstance: B });

    expect(await world.write([create(TO, A)], 1)).toEqual(["written"]);
  });

  it("takes the lowest and the highest priority that a location may have", async () => {
    for (const priority of [0, 65_534]) {
      const world = virtualWorld();
      const open = () => world.open({ ...cloudOf(), priority });
      const write = (change: Parameters<typeof world.write>[0][number], epoch: number) =>
        world.drive(open().write([change], { guard: () => Promise.resolve(), epoch }, never()));

      for (const [epoch, change] of [create(TO, A), replace(TO, B, A), replace(TO, A, B)].entries()) {
        expect((await write(change, epoch + 1)).value).toMatchObject([{ result: "written" }]);
      }
    }
  });
});
