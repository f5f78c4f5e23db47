import { describe, expect, it } from "vitest";
import { RouteError } from "../../../shared/domain/errors.ts";
import type { RouteChange, RouteProvider } from "../../../shared/ports/route-provider.ts";
import { cloudOf, GROUP, idIn, interfaceId, OTHER_SUBSCRIPTION, tableId } from "./emulated-world.ts";
import {
  codes,
  create,
  destination,
  HOST_A,
  HOST_B,
  mayWrite,
  never,
  refOf,
  replace,
  routesWorld,
  turn,
  virtualWorld,
} from "./virtual.ts";

const table = refOf("rt-1");
const remove = (to: string, found = HOST_A): RouteChange => ({ kind: "remove", table, destination: to, found });
const pointed = async (provider: RouteProvider, to: string) =>
  (await provider.read([table], never())).find((route) => route.destination === to)?.target;

describe("what goes wrong in Azure", () => {
  it("is told of a network that has gone", async () => {
    const world = virtualWorld(routesWorld(1));
    world.emulator.control.removeNetwork(idIn("virtualNetworks", "vnet-home"));

    const survey = world.open().survey(never());

    await expect(survey).rejects.toMatchObject({
      code: "TABLE_MISSING",
      message: expect.stringContaining("virtualnetworks/vnet-home"),
    });
  });

  it("is told of a table that has gone, once for all its changes, and the others are written", async () => {
    const world = virtualWorld(routesWorld(3, 2));
    const gone = refOf("rt-gone");
    const changes = [0, 1, 2].flatMap((to) => [create(gone, destination(to)), replace(refOf("rt-2"), destination(to))]);

    const { value } = await world.drive(world.open().write(changes, turn, never()));

    expect(codes(value)).toEqual(["TABLE_MISSING", "written", "TABLE_MISSING", "written", "TABLE_MISSING", "written"]);
    expect(world.emulator.control.calls()).toHaveLength(3);
  });

  it("is told of a table that goes while it is written", async () => {
    const world = virtualWorld(routesWorld(3));
    world.emulator.control.operations(1_000);
    void world.clock.sleep(500).then(() => world.emulator.control.removeTable(table.id));

    const changes = [0, 1, 2].map((to) => replace(table, destination(to)));
    const { value } = await world.drive(world.open().write(changes, turn, never()));

    expect(codes(value)).toEqual(["written", "TABLE_MISSING", "TABLE_MISSING"]);
    expect(world.emulator.control.calls()).toHaveLength(2);
  });

  it("names the permission that is missing for each kind of call", async () => {
    const denied = async (action: string, run: (provider: RouteProvider) => Promise<unknown>) => {
      const world = virtualWorld(routesWorld(1));
      world.emulator.control.fail({ action, fault: { kind: "deny" }, count: 9 });
      const { value } = await world.drive(run(world.open()).catch((error: unknown) => error));
      const [outcome] = Array.isArray(value) ? value : [{ error: value }];
      return outcome.error;
    };
    const host = { hostId: "hosta", target: interfaceId("nic-a"), localAddress: "" };
    const cases: readonly [string, string, (provider: RouteProvider) => Promise<unknown>][] = [
      ["routeTables/read", "routeTables/read", (provider) => provider.read([table], never())],
      ["virtualNetworks/subnets/list", "virtualNetworks/subnets/read", (provider) => provider.survey(never())],
      ["networkInterfaces/read", "networkInterfaces/read", (provider) => provider.targets([host], never())],
      [
        "routeTables/routes/write",
        "routeTables/routes/write",
        (provider) => provider.write([replace(table, destination(0))], turn, never()),
      ],
      [
        "routeTables/routes/delete",
        "routeTables/routes/delete",
        (provider) => provider.write([remove(destination(0))], turn, never()),
      ],
    ];

    for (const [call, permission, run] of cases) {
      const error = await denied(`Microsoft.Network/${call}`, run);
      expect(error).toBeInstanceOf(RouteError);
      expect(error).toMatchObject({ code: "DENIED", retry: "later" });
      expect(error.next).toContain(`Microsoft.Network/${permission}`);
      expect(error.message).toContain(`Microsoft.Network/${permission}`);
    }
  });

  it("is waited out when Azure throttles for minutes, at the pace that it asks for", async () => {
    const world = virtualWorld(routesWorld(3));
    const action = "Microsoft.Network/routeTables/routes/write";
    world.emulator.control.fail({ action, fault: { kind: "throttle" }, count: 100 });
    let asked = 0;

    const changes = [0, 1, 2].map((to) => replace(table, destination(to)));
    const guard = async () => void asked++;
    const { value, tookMs } = await world.drive(world.open().write(changes, { guard, epoch: 1 }, never()));

    expect(codes(value)).toEqual(["written", "written", "written"]);
    expect(tookMs).toBeGreaterThanOrEqual(99_000);
    expect(world.emulator.control.calls()).toHaveLength(103);
    expect(asked).toBe(103);
  });

  it("is told as throttled when the run ends before Azure lets a call through", async () => {
    const world = virtualWorld(routesWorld(1));
    const action = "Microsoft.Network/routeTables/routes/write";
    world.emulator.control.fail({ action, fault: { kind: "throttle" }, count: 1_000 });
    const run = new AbortController();
    void world.clock.sleep(10_000).then(() => run.abort());

    const { value } = await world.drive(world.open().write([replace(table, destination(0))], turn, run.signal));

    expect(value).toMatchObject([{ error: { code: "THROTTLED", retry: "soon" } }]);
  });

  it("in one table is no hindrance to the others", async () => {
    const world = virtualWorld(routesWorld(5, 3));
    const action = "Microsoft.Network/routeTables/routes/write";
    world.emulator.control.fail({ action, table: table.id, fault: { kind: "internal-error" }, count: 99 });
    world.emulator.control.fail({ action, table: refOf("rt-2").id, fault: { kind: "stall", ms: 60_000 }, count: 99 });

    const changes = [table, refOf("rt-2"), refOf("rt-3")].map((ref) =>
      [0, 1, 2].map((to) => replace(ref, destination(to))),
    );
    const { value } = await world.drive(world.open().write(changes.flat(), turn, never()));

    expect(codes(value)).toEqual([
      ...["CLOUD_FAULT", "CLOUD_FAULT", "CLOUD_FAULT"],
      ...["TIMED_OUT", "TIMED_OUT", "TIMED_OUT"],
      ...["written", "written", "written"],
    ]);
    const last = value.at(-1);
    expect(last?.result === "written" && last.landedMs - 1_700_000_000_000).toBeLessThan(2_000);
  });

  it("is made good by another process when one was killed halfway", async () => {
    const world = virtualWorld(routesWorld(6));
    world.emulator.control.operations(1_000);
    const changes = [0, 1, 2, 3, 4, 5].map((to) => replace(table, destination(to)));
    let isDead = false;
    const guard = () => (isDead ? new Promise<void>(() => undefined) : mayWrite());
    void world.clock.sleep(3_500).then(() => {
      isDead = true;
    });
    void world.open().write(changes, { guard, epoch: 1 }, never());
    await world.clock.advance(3_700);

    const { value } = await world.drive(world.open().write(changes, turn, never()));

    expect(codes(value)).toEqual(changes.map(() => "written"));
    expect(new Set(world.emulator.control.effective(table.id).values())).toEqual(new Set([HOST_B]));
    expect(world.emulator.control.gaps(0)).toEqual([]);
    // What the first one had written was not written again.
    expect(world.emulator.control.calls().filter(({ answer }) => answer === "accepted")).toHaveLength(6);
  });

  it("is no reason to overwrite what Terraform has pointed elsewhere meanwhile", async () => {
    const world = virtualWorld(routesWorld(1));
    world.emulator.control.putRoute(table.id, {
      name: "to-0",
      addressPrefix: destination(0),
      nextHopIpAddress: "10.0.0.77",
    });

    const outcomes = [replace(table, destination(0)), remove(destination(0))].map(async (change) => {
      const { value } = await world.drive(world.open().write([change], turn, never()));
      return value[0];
    });

    for (const outcome of await Promise.all(outcomes)) {
      expect(outcome).toMatchObject({ error: { code: "ROUTE_EXISTS", retry: "soon" } });
    }
    expect(world.emulator.control.calls()).toEqual([]);
  });

  it("is seen when Terraform replaces routes under other names during a long swap", async () => {
    const world = virtualWorld(routesWorld(15));
    world.emulator.control.operations(1_000);
    void world.clock.sleep(5_000).then(() => {
      world.emulator.control.removeRoute(table.id, "to-14");
      world.emulator.control.putRoute(table.id, {
        name: "terraform",
        addressPrefix: destination(14),
        nextHopIpAddress: HOST_A,
      });
    });

    const changes = Array.from({ length: 15 }, (_, to) => replace(table, destination(to)));
    const { value } = await world.drive(world.open().write(changes, turn, never()));

    expect(new Set(codes(value))).toEqual(new Set(["written"]));
    expect(world.emulator.control.routes(table.id).map(({ name }) => name)).toContain("terraform");
    expect(world.emulator.control.routes(table.id)).toHaveLength(15);
  });
});

describe("names of routes in Azure", () => {
  it("stay as they are when a route is replaced", async () => {
    const world = virtualWorld(routesWorld(1));

    await world.drive(world.open().write([replace(table, destination(0))], turn, never()));

    expect(world.emulator.control.routes(table.id)).toMatchObject([{ name: "to-0", nextHopIpAddress: HOST_B }]);
  });

  it("tell the destination of a route that is made, and never overwrite another's", async () => {
    const world = virtualWorld(routesWorld(0));
    const foreign = { name: "POINTSMAN-10.9.0.0-16", addressPrefix: "10.77.0.0/16", nextHopIpAddress: "10.0.0.77" };
    world.emulator.control.putRoute(table.id, foreign);

    const changes = [create(table, "10.9.0.0/16"), create(table, "10.8.0.0/16")];
    const { value } = await world.drive(world.open().write(changes, turn, never()));

    expect(codes(value)).toEqual(["written", "written"]);
    const named = world.emulator.control.routes(table.id).map(({ name, addressPrefix }) => [addressPrefix, name]);
    expect(named).toEqual([
      ["10.77.0.0/16", "POINTSMAN-10.9.0.0-16"],
      ["10.8.0.0/16", "pointsman-10.8.0.0-16"],
      ["10.9.0.0/16", "pointsman-10.9.0.0-16-2"],
    ]);
    expect(world.emulator.control.effective(table.id).get("10.77.0.0/16")).toBe("10.0.0.77");
  });

  it("are found though destinations are written with host bits or in other forms", async () => {
    const world = virtualWorld(routesWorld(0));
    world.emulator.control.putRoute(table.id, {
      name: "odd",
      addressPrefix: "10.9.1.2/16",
      nextHopIpAddress: HOST_A,
    });

    const { value } = await world.drive(world.open().read([table], never()));

    expect(value).toMatchObject([{ destination: "10.9.0.0/16", isStatic: true }]);
  });
});

describe("tables and interfaces in Azure", () => {
  it("are read across resource groups and subscriptions", async () => {
    const world = virtualWorld(routesWorld(0));
    const id = tableId("rt-far", "rg-other").replace(/[0-9a-f-]{36}/, OTHER_SUBSCRIPTION);
    world.emulator.seed({
      routeTables: [{ subscription: OTHER_SUBSCRIPTION, resourceGroup: "RG-Other", name: "rt-far" }],
    });
    const provider = world.open(cloudOf({ by: "id", ids: [id] }));

    const { tables } = await provider.survey(never());
    const [far] = tables;
    if (far === undefined) throw new Error("no table");
    const { value } = await world.drive(provider.write([create(far, "10.9.0.0/16")], turn, never()));

    expect(codes(value)).toEqual(["written"]);
    expect(world.emulator.control.calls()).toMatchObject([{ subscription: OTHER_SUBSCRIPTION, table: id }]);
  });

  it("are listed through all pages", async () => {
    const world = virtualWorld(routesWorld(0, 7));
    world.emulator.control.pageSize(2);
    world.emulator.seed({
      routeTables: world.emulator.dump().routeTables.map((known) => ({ ...known, tags: { ours: "yes" } })),
    });

    for (const routeTables of [{ by: "network" }, { by: "tag", key: "ours", value: "yes" }] as const) {
      expect((await world.open(cloudOf(routeTables)).survey(never())).tables).toHaveLength(7);
    }
  });

  it("must forward packets, which is told with the command that lets them", async () => {
    const world = virtualWorld(routesWorld(0));
    world.emulator.control.ipForwarding(interfaceId("nic-a"), false);
    const hosts = [
      { hostId: "x", target: interfaceId("nic-a"), localAddress: "" },
      { hostId: "hosta", target: "auto", localAddress: HOST_A },
    ];

    for (const outcome of await world.open().targets(hosts, never())) {
      expect(outcome).toMatchObject({
        error: {
          code: "TARGET_NOT_ALLOWED",
          next: `az network nic update --ids ${interfaceId("nic-a")} --ip-forwarding true`,
        },
      });
    }
  });

  it("are found in whatever resource group they are", async () => {
    const world = virtualWorld(routesWorld(0));
    const [nic] = world.emulator.dump().interfaces;
    if (nic === undefined) throw new Error("no interface");
    world.emulator.control.removeInterface(interfaceId("nic-a"));
    world.emulator.seed({ interfaces: [{ ...nic, resourceGroup: `${GROUP}-hosts` }] });

    const outcomes = await world.open().targets([{ hostId: "hosta", target: "auto", localAddress: HOST_A }], never());

    expect(outcomes).toMatchObject([{ result: "found", target: HOST_A }]);
  });

  it("may show what stood before a write for a while, and show the write after that", async () => {
    const world = virtualWorld(routesWorld(1));
    await world.clock.advance(2_000);
    const provider = world.open();
    await world.drive(provider.write([replace(table, destination(0))], turn, never()));
    world.emulator.control.readLag(1_000);

    const soon = new Set<string | undefined>();
    for (let reads = 0; reads < 20; reads++) soon.add(await pointed(provider, destination(0)));
    await world.clock.advance(1_100);

    expect(soon).toContain(HOST_A);
    expect(await pointed(provider, destination(0))).toBe(HOST_B);
  });
});
