import { describe, expect, it } from "vitest";
import type { RouteChange } from "../../../shared/ports/route-provider.ts";
import { turnOf, untilDone } from "../contract/world.ts";
import { HOME } from "./emulated-world.ts";
import { A, B, calls, destination, gateways, planted, results, table, virtualWorld } from "./virtual.ts";

const write = async (world: ReturnType<typeof virtualWorld>, changes: readonly RouteChange[]) => {
  const { value } = await world.drive(world.open().write(changes, turnOf(), untilDone()));
  return value;
};

describe("what is particular to Hetzner", () => {
  it("creates, replaces and removes, with one outcome a change", async () => {
    const world = virtualWorld();
    const [change] = planted(world, 1);
    world.emulator.control.putRoute(HOME, { destination: "10.202.0.0/16", gateway: A });
    if (change === undefined) throw new Error("no change");

    const outcomes = await write(world, [
      { kind: "create", table, destination: "10.201.0.0/16", target: B },
      change,
      { kind: "remove", table, destination: "10.202.0.0/16", found: A },
    ]);

    expect(results(outcomes)).toEqual(["written", "written", "written"]);
    expect(world.emulator.control.routes(HOME)).toEqual([
      { destination: destination(0), gateway: B },
      { destination: "10.201.0.0/16", gateway: B },
    ]);
  });

  it("deletes nothing for a gateway that the network would not take, and applies the rest", async () => {
    const world = virtualWorld();
    const changes = planted(world, 6);
    const bad = ["10.0.0.1", "10.98.0.4", "172.31.1.1", "10.0.9.4", "fd00::1"];
    const asked = changes.map((change, at) =>
      change.kind === "replace" ? { ...change, target: bad[at] ?? B } : change,
    );

    const outcomes = await write(world, asked);

    expect(results(outcomes)).toEqual([...bad.map(() => "TARGET_NOT_ALLOWED"), "written"]);
    expect(gateways(world)).toEqual([A, A, A, A, A, B]);
    expect(calls(world)).toEqual([`delete ${A} accepted`, `add ${B} accepted`]);
    expect(outcomes[0]).toMatchObject({ error: { message: expect.stringContaining("first address") } });
  });

  it("creates nothing that overlaps with a subnet, a route or a reserved address, or is not private, and says with what", async () => {
    const world = virtualWorld();
    world.emulator.control.putRoute(HOME, { destination: "10.200.0.0/16", gateway: A });
    const wrong = ["10.0.0.0/25", "10.200.7.0/24", "172.16.0.0/12", "203.0.113.0/24"];

    const outcomes = await write(
      world,
      wrong.map((to) => ({ kind: "create", table, destination: to, target: A })),
    );

    expect(results(outcomes)).toEqual(wrong.map(() => "INVALID"));
    expect(calls(world)).toEqual([]);
    const messages = outcomes.map((outcome) => (outcome.result === "failed" ? outcome.error.message : ""));
    expect(messages[0]).toContain("subnet 10.0.0.0/24");
    expect(messages[1]).toContain("route 10.200.0.0/16 via 10.0.0.4");
    expect(messages[2]).toContain("172.31.1.1");
  });

  it("takes what the API refuses all the same for what it is", async () => {
    const world = virtualWorld();
    const fault = { kind: "error", code: "invalid_input", message: "destination overlaps" } as const;
    world.emulator.control.fail({ action: "add_route", fault });

    const outcomes = await write(world, [{ kind: "create", table, destination: "10.201.0.0/16", target: A }]);

    expect(outcomes).toMatchObject([{ error: { code: "INVALID", message: expect.stringContaining("overlaps") } }]);
  });

  it("says that a network has gone, without a call for each of its routes", async () => {
    const world = virtualWorld();
    const changes = planted(world, 20);
    world.emulator.control.removeNetwork(HOME);

    const outcomes = await write(world, changes);

    expect(new Set(results(outcomes))).toEqual(new Set(["TABLE_MISSING"]));
    expect(world.emulator.control.requests().length).toBeLessThanOrEqual(2);
    const read = await world.drive(world.open().read([table], untilDone()));
    expect(read.value).toEqual([]);
    const survey = world.drive(world.open().survey(untilDone()));
    await expect(survey).rejects.toMatchObject({ code: "TABLE_MISSING", next: expect.stringContaining("network") });
  });

  it("says that a network has gone while its routes are being swapped", async () => {
    const world = virtualWorld();
    const changes = planted(world, 3);
    let asked = 0;
    const guard = async () => {
      asked++;
      if (asked === 3) world.emulator.control.removeNetwork(HOME);
    };

    const { value } = await world.drive(world.open().write(changes, turnOf(guard), untilDone()));

    expect(results(value).slice(0, 2)).toEqual(["written", "TABLE_MISSING"]);
  });

  it("finds servers behind a page boundary", async () => {
    const world = virtualWorld();
    for (let at = 0; at < 120; at++) {
      world.emulator.control.putServer({
        id: 1_000 + at,
        name: `many-${at}`,
        status: "running",
        private_net: [{ network: HOME, ip: `10.0.1.${at + 2}`, alias_ips: [`10.0.2.${at + 2}`] }],
        labels: { "pointsman-host": `many${at}` },
      });
    }
    const hosts = [
      { hostId: "many0", target: "server-1000", localAddress: "" },
      { hostId: "many119", target: "server-1119", localAddress: "" },
      { hostId: "x", target: "10.0.1.121", localAddress: "" },
      { hostId: "many118", target: "auto", localAddress: "10.0.1.120" },
      { hostId: "many117", target: "auto", localAddress: "10.0.2.119" },
    ];

    const { value } = await world.drive(world.open().targets(hosts, untilDone()));

    expect(value.map((outcome) => outcome.result === "found" && outcome.target)).toEqual([
      "10.0.1.2",
      "10.0.1.121",
      "10.0.1.121",
      "10.0.1.120",
      "10.0.2.119",
    ]);
  });

  it("gives a server that is not attached to the network no routes", async () => {
    const world = virtualWorld();
    const hosts = ["server-14", "server-99"].map((target) => ({ hostId: target, target, localAddress: "" }));

    const { value } = await world.drive(world.open().targets(hosts, untilDone()));

    expect(value.map((outcome) => outcome.result === "failed" && outcome.error.code)).toEqual([
      "TARGET_NOT_ALLOWED",
      "TARGET_MISSING",
    ]);
  });

  it("fails the hosts that a listing was needed for, and finds the others", async () => {
    const world = virtualWorld();
    world.emulator.control.fail({ action: "GET /servers", fault: { kind: "deny" } });
    const hosts = [{ hostId: "hosta", target: "auto", localAddress: A }];

    const { value } = await world.drive(world.open().targets(hosts, untilDone()));

    expect(value).toMatchObject([
      { result: "failed", error: { code: "DENIED", next: expect.stringContaining("token") } },
    ]);
  });

  it("reads again what the cloud failed to answer", async () => {
    const world = virtualWorld();
    planted(world, 2);
    const action = "GET /networks/{id}";
    world.emulator.control.fail({ action, fault: { kind: "internal-error" } });
    world.emulator.control.fail({ action, fault: { kind: "drop", written: false } });

    const { value } = await world.drive(world.open().survey(untilDone()));

    expect(value.routes).toHaveLength(2);
  });

  it("does not understand an answer of another form", async () => {
    const world = virtualWorld();
    const odd: typeof fetch = async () => new Response(JSON.stringify({ network: { id: "4711" } }), { status: 200 });

    const survey = world.open({ fetch: odd }).survey(untilDone());

    await expect(survey).rejects.toMatchObject({ name: "RouteError", code: "UNKNOWN" });
  });
});
