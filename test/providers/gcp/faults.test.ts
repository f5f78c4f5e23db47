import { describe, expect, it } from "vitest";
import type { Instance } from "../../../dev/emulators/gcp/world.ts";
import { cloudOf, instance, PRIORITY, PROJECT, ZONE } from "./emulated-world.ts";
import { A, B, create, never, remove, replace, TABLE, virtualWorld } from "./virtual.ts";

const TO = "10.200.0.0/16";
const many = (count: number) => Array.from({ length: count }, (_, at) => `10.${100 + (at >> 8)}.${at & 255}.0/24`);

describe("operations of Google Cloud", () => {
  it("that end in an error after they were accepted fail their change, and the old route stays", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 1);
    world.emulator.control.operations(3_000);
    const endings = [
      ["QUOTA_EXCEEDED", "QUOTA", "later"],
      ["RESOURCE_NOT_READY", "LOCKED", "soon"],
      ["INTERNAL_ERROR", "CLOUD_FAULT", "soon"],
      ["RATE_LIMIT_EXCEEDED", "THROTTLED", "soon"],
      ["PERMISSIONS_ERROR", "DENIED", "later"],
    ] as const;
    for (const [ending, code, retry] of endings) {
      const error = { code: ending, message: "it did not work", status: 400 };
      world.emulator.control.failOperation({ action: "routes.insert", error });

      const [outcome] = await world.outcomes([replace(TO, B, A)], 2);

      expect(outcome).toMatchObject({ result: "failed", error: { code, retry } });
      expect(world.standing()).toEqual([`${TO} ${PRIORITY + 1} vm-a`]);
    }
    expect(await world.write([replace(TO, B, A)], 2)).toEqual(["written"]);
    expect(world.emulator.control.gaps(0)).toEqual([]);
  });

  it("that end in an error when the old route is deleted leave a residue, which the next swap clears", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 1);
    const error = { code: "RESOURCE_NOT_READY", message: "not ready", status: 400 };
    world.emulator.control.failOperation({ action: "routes.delete", error });

    expect(await world.write([replace(TO, B, A)], 2)).toEqual(["LOCKED"]);
    expect(await world.seen(TO)).toMatchObject({ target: B, residue: true });
    expect(await world.write([replace(TO, B, B)], 2)).toEqual(["written"]);
    expect(world.standing()).toEqual([`${TO} ${PRIORITY} vm-b`]);
  });

  it("that find the route deleted already have done what was asked", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 1);
    const error = { code: "RESOURCE_NOT_FOUND", message: "gone", status: 404 };
    world.emulator.control.failOperation({ action: "routes.delete", error });

    expect(await world.write([remove(TO, A)], 2)).toEqual(["written"]);
  });

  it("that take longer than one call may are asked after again", async () => {
    const world = virtualWorld();
    world.emulator.control.operations(12_000);

    expect(await world.write([create(TO, A)], 1)).toEqual(["written"]);

    expect(world.emulator.control.counts()["globalOperations.wait"]).toBe(3);
  });

  it("are asked after again when the asking fails", async () => {
    const world = virtualWorld();
    world.emulator.control.operations(2_000);
    for (const fault of [{ kind: "throttle" }, { kind: "internal-error" }, { kind: "drop", written: false }] as const) {
      world.emulator.control.fail({ action: "globalOperations.wait", fault });
    }

    expect(await world.write([create(TO, A)], 1)).toEqual(["written"]);
  });

  it("that are not done when the run ends are given up, and found by the next run", async () => {
    const world = virtualWorld();
    world.emulator.control.operations(10_000);
    const run = new AbortController();
    const write = world.open().write([create(TO, A)], { guard: () => Promise.resolve(), epoch: 1 }, run.signal);
    await world.clock.advance(3_000);
    run.abort();

    expect((await world.drive(write)).value).toMatchObject([
      { result: "failed", error: { code: "TIMED_OUT", retry: "soon" } },
    ]);
    await world.clock.advance(10_000);
    expect(await world.seen(TO)).toMatchObject({ target: A, state: "active" });
  });

  it("that Google does not know any more are not taken for done", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 1);
    const message = `The resource 'projects/${PROJECT}/global/operations/operation-1' was not found`;
    const fault = { kind: "error", code: "notFound", message, status: 404 } as const;
    world.emulator.control.fail({ action: "globalOperations.wait", fault });

    expect(await world.write([remove(TO, A)], 2)).toEqual(["UNKNOWN"]);
  });

  it("of a peering that is under way lock the network", async () => {
    const world = virtualWorld();
    const message = "There is a peering operation in progress on the local or peer network. Try again later.";
    world.emulator.control.fail({ action: "routes.insert", fault: { kind: "error", code: "badRequest", message } });

    const [outcome] = await world.outcomes([create(TO, A)], 1);

    expect(outcome).toMatchObject({ error: { code: "LOCKED", retry: "soon" } });
  });
});

describe("rates of Google Cloud", () => {
  it("are kept to: hundreds of routes meet no refusal", async () => {
    const world = virtualWorld();
    const destinations = many(250);
    for (const [at, destRange] of destinations.entries()) {
      world.plant({ name: `planted-${at}`, destRange, priority: PRIORITY + 1, nextHopInstance: A });
    }
    world.emulator.control.throttling(true);
    world.emulator.control.operations(1_000);

    const swap = world.open().write(
      destinations.map((destination) => replace(destination, B, A)),
      { guard: () => Promise.resolve(), epoch: 2 },
      never(),
    );
    const { value, tookMs } = await world.drive(swap);

    expect(value.every(({ result }) => result === "written")).toBe(true);
    expect(world.emulator.control.calls().filter(({ answer }) => answer !== "accepted")).toEqual([]);
    expect(tookMs).toBeLessThan(1.2 * ((500 - 375) / 6.25 + 2) * 1_000);
    expect(world.emulator.control.gaps(0)).toEqual([]);
  });

  it("that others use up for minutes delay a change, and each attempt asks its guard", async () => {
    const world = virtualWorld();
    world.emulator.control.fail({ action: "routes.insert", fault: { kind: "throttle" }, count: 800 });
    let asked = 0;
    const guard = async () => void asked++;

    const { value, tookMs } = await world.drive(world.open().write([create(TO, A)], { guard, epoch: 1 }, never()));

    expect(value).toMatchObject([{ result: "written" }]);
    expect(asked).toBe(801);
    expect(tookMs).toBeGreaterThan(60_000);
  });

  it("that others use up until the run ends are said to be the reason", async () => {
    const world = virtualWorld();
    world.emulator.control.fail({ action: "routes.insert", fault: { kind: "throttle" }, count: 10_000 });
    const run = new AbortController();
    const write = world.open().write([create(TO, A)], { guard: () => Promise.resolve(), epoch: 1 }, run.signal);
    await world.clock.advance(24_000);
    run.abort();

    expect((await world.drive(write)).value).toMatchObject([{ error: { code: "THROTTLED", retry: "soon" } }]);
  });
});

describe("what is not there", () => {
  it("is named when it is the network or the project", async () => {
    const world = virtualWorld();
    for (const cloud of [cloudOf("vpc-gone"), { ...cloudOf(), project: "acme-gone" }]) {
      const survey = world.drive(world.open(cloud).survey(never()));

      await expect(survey).rejects.toMatchObject({
        code: "TABLE_MISSING",
        retry: "later",
        message: expect.stringMatching(/vpc-gone|acme-gone/),
      });
    }
  });

  it("is found out when the network is deleted while a change is made", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 1);
    world.emulator.control.operations(2_000);
    const write = world
      .open()
      .write([create("10.201.0.0/16", B)], { guard: () => Promise.resolve(), epoch: 1 }, never());
    await world.clock.advance(1_000);
    world.emulator.control.project(PROJECT).removeNetwork("vpc-home");

    expect((await world.drive(write)).value).toMatchObject([{ error: { code: "TABLE_MISSING" } }]);
    expect(await world.write([replace(TO, B, A), remove("10.201.0.0/16", B)], 2)).toEqual([
      "TABLE_MISSING",
      "TABLE_MISSING",
    ]);
  });

  it("is the target when its instance was deleted", async () => {
    const world = virtualWorld();
    await world.write([create(TO, A)], 1);
    world.emulator.control.project(PROJECT).removeInstance(ZONE, "vm-b");

    const [outcome] = await world.outcomes([replace(TO, B, A)], 2);

    expect(outcome).toMatchObject({ error: { code: "TARGET_MISSING", message: expect.stringContaining("vm-b") } });
    expect(await world.seen(TO)).toMatchObject({ target: A });
  });
});

describe("routes that carry nothing", () => {
  it("are blackholes, in Google's own words", async () => {
    const cases: readonly (readonly [string, Partial<Instance>])[] = [
      ["NEXT_HOP_NOT_RUNNING", { status: "TERMINATED" }],
      ["NEXT_HOP_CANNOT_IP_FORWARD", { canIpForward: false }],
      ["NEXT_HOP_INSTANCE_NOT_ON_NETWORK", { interfaces: [{ network: "vpc-elsewhere", address: "10.99.0.9" }] }],
    ];
    for (const [code, to] of cases) {
      const world = virtualWorld();
      await world.write([create(TO, A)], 1);
      world.emulator.control.project(PROJECT).setInstance(ZONE, "vm-a", to);

      expect(await world.seen(TO)).toMatchObject({ state: "blackhole", warning: expect.stringContaining(code) });
    }
    const world = virtualWorld();
    await world.write([create(TO, "10.0.0.77")], 1);
    expect(await world.seen(TO)).toMatchObject({
      state: "blackhole",
      warning: expect.stringContaining("NEXT_HOP_ADDRESS_NOT_ASSIGNED"),
    });
    world.emulator.control.project(PROJECT).removeInstance(ZONE, "vm-a");
    world.plant({ name: "x", destRange: "10.201.0.0/16", nextHopInstance: A });
    expect((await world.seen("10.201.0.0/16"))?.warning).toContain("NEXT_HOP_INSTANCE_NOT_FOUND");
  });
});

describe("permissions", () => {
  it("that are missing are named, for every call", async () => {
    const denials = [
      ["routes.list", "compute.routes.list"],
      ["networks.get", "compute.networks.get"],
    ] as const;
    for (const [action, permission] of denials) {
      const world = virtualWorld();
      world.emulator.control.fail({ action, fault: { kind: "deny" } });

      const survey = world.drive(world.open().survey(never()));

      await expect(survey).rejects.toMatchObject({
        code: "DENIED",
        retry: "later",
        next: expect.stringContaining(permission),
      });
    }
    const world = virtualWorld();
    await world.write([create(TO, A)], 1);
    world.emulator.control.fail({ action: "routes.insert", fault: { kind: "deny" } });
    const [insert] = await world.outcomes([replace(TO, B, A)], 2);
    expect(insert).toMatchObject({ error: { next: expect.stringContaining("compute.routes.create") } });
    world.emulator.control.fail({ action: "routes.delete", fault: { kind: "deny" } });
    const [removal] = await world.outcomes([remove(TO, A)], 2);
    expect(removal).toMatchObject({ error: { next: expect.stringContaining("compute.routes.delete") } });
    world.emulator.control.fail({ action: "globalOperations.wait", fault: { kind: "deny" } });
    const [unseen] = await world.outcomes([replace(TO, B, A)], 2);
    expect(unseen).toMatchObject({ error: { code: "DENIED", next: expect.stringContaining("globalOperations.get") } });
    expect(await world.seen(TO)).toMatchObject({ target: B, residue: true });
  });
});

describe("targets", () => {
  const ask = async (world: ReturnType<typeof virtualWorld>, target: string, localAddress = "") =>
    (await world.drive(world.open().targets([{ hostId: "hosta", target, localAddress }], never()))).value[0];

  it("are instances by zone and name, or an address as it is given", async () => {
    const world = virtualWorld();

    expect(await ask(world, `zones/${ZONE}/instances/vm-a`)).toMatchObject({ result: "found", target: A });
    expect(await ask(world, "10.0.0.4")).toMatchObject({ result: "found", target: "10.0.0.4" });
  });

  it("are refused without IP forwarding", async () => {
    const world = virtualWorld();
    world.emulator.control.project(PROJECT).setInstance(ZONE, "vm-a", { canIpForward: false });

    for (const [target, address] of [
      [A, ""],
      ["auto", "10.0.0.4"],
    ] as const) {
      expect(await ask(world, target, address)).toMatchObject({
        error: { code: "TARGET_NOT_ALLOWED", message: expect.stringContaining("canIpForward") },
      });
    }
  });

  it("are ambiguous when two instances claim the host", async () => {
    const world = virtualWorld({
      projects: [
        {
          id: PROJECT,
          instances: [
            {
              zone: "europe-west1-c",
              name: "vm-twin",
              interfaces: [{ network: "vpc-home", address: "10.0.0.4" }],
              metadata: { "pointsman-host": "hosta" },
            },
          ],
        },
      ],
    });

    expect(await ask(world, "auto", "10.0.0.4")).toMatchObject({ error: { code: "TARGET_AMBIGUOUS" } });
  });

  it("of other zones are found while a zone is down", async () => {
    const world = virtualWorld({
      projects: [
        {
          id: PROJECT,
          instances: [{ zone: "us-east1-b", name: "far", interfaces: [{ network: "vpc-home", address: "10.0.7.7" }] }],
        },
      ],
    });
    world.emulator.control.zoneDown("us-east1-b");

    expect(await ask(world, "auto", "10.0.0.4")).toMatchObject({ result: "found", target: A });
    expect(await ask(world, "zones/us-east1-b/instances/far")).toMatchObject({
      error: { code: "CLOUD_FAULT", retry: "soon" },
    });
  });

  it("are found through all pages of a project", async () => {
    const world = virtualWorld({
      projects: [
        {
          id: PROJECT,
          instances: Array.from({ length: 120 }, (_, at) => ({
            name: `a-vm-${String(at).padStart(3, "0")}`,
            zone: "a-zone",
            interfaces: [{ network: "vpc-home", address: `10.0.5.${at}` }],
          })),
        },
      ],
    });

    expect(await ask(world, "auto", "10.0.0.4")).toMatchObject({ result: "found", target: A });
    expect(world.emulator.control.counts()["instances.aggregatedList"]).toBe(4);
  });

  it("fail for one host alone", async () => {
    const world = virtualWorld();
    const hosts = [
      { hostId: "x", target: instance("vm-missing"), localAddress: "" },
      { hostId: "hostb", target: "auto", localAddress: "10.0.0.5" },
    ];

    const { value } = await world.drive(world.open().targets(hosts, never()));

    expect(value).toMatchObject([{ error: { code: "TARGET_MISSING" } }, { result: "found", target: B }]);
  });
});

it("a network whose routes fill a page exactly is read to its end", async () => {
  const world = virtualWorld();
  for (const count of [39, 40, 41, 79, 80]) {
    for (const [at, destRange] of many(count).entries())
      world.plant({ name: `r-${at}`, destRange, nextHopInstance: A });
    const { value } = await world.drive(world.open().read([TABLE], never()));
    expect(value.filter((route) => route.isStatic)).toHaveLength(count);
  }
});
