import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { inProcess } from "../../../dev/emulators/hetzner/in-process.ts";
import type { WorldSeed } from "../../../dev/emulators/hetzner/world.ts";
import type { Finding } from "../../../shared/domain/finding.ts";
import type { ExaminedLocation } from "../../../shared/ports/cloud-doctor.ts";
import { openHetznerDoctor } from "../../../shared/providers/hetzner/doctor.ts";
import { untilDone } from "../contract/world.ts";
import { cloudOf, HOME, secretsOf, TOKEN } from "./emulated-world.ts";
import { A, B, destination, type VirtualWorld, virtualWorld } from "./virtual.ts";

async function examined(world: VirtualWorld, change: Partial<ExaminedLocation> = {}): Promise<readonly Finding[]> {
  const before = JSON.stringify(world.emulator.dump());
  const { value: survey } = await world.drive(world.open().survey(untilDone()));
  const location: ExaminedLocation = {
    name: "backbone/here",
    hosts: [
      { hostId: "hosta", name: "a", target: "server-11", localAddress: "", isActive: true, found: A },
      { hostId: "hostb", name: "b", target: "auto", localAddress: B, isActive: false, found: B },
    ],
    networks: ["10.0.0.0/16"],
    destinations: [destination(0), destination(1)],
    peers: ["198.51.100.7"],
    hostCheck: true,
    removeRoutes: false,
    survey,
    ...change,
  };
  const parts = { clock: world.clock, cloudSecrets: secretsOf(() => TOKEN), fetch: inProcess(world.emulator) };
  const doctor = openHetznerDoctor(parts)(cloudOf(HOME));
  const { value } = await world.drive(doctor.examine(location, untilDone()));
  expect(JSON.stringify(world.emulator.dump())).toBe(before);
  expect(world.emulator.control.calls()).toEqual([]);
  return value;
}

const wrong = (found: readonly Finding[]) =>
  found.filter((one) => one.state !== "pass").map(({ state, check, about }) => `${state} ${check} ${about}`);
const server = (more: object) => ({
  servers: [{ id: 11, name: "server-11", private_net: [{ network: HOME, ip: A }], ...more }],
});

describe("the checks of a location in Hetzner Cloud", () => {
  it("pass where everything is as it should be, and change nothing", async () => {
    const found = await examined(virtualWorld());

    expect(wrong(found)).toEqual([]);
    expect([...new Set(found.map((one) => one.check))].sort()).toEqual(["firewall", "interface", "quota"]);
  });

  it("fail where a server does not run, or is not attached to the network", async () => {
    const off = virtualWorld();
    off.emulator.seed(server({ status: "off" }));
    const detached = virtualWorld();
    detached.emulator.seed(server({ private_net: [] }));

    expect(wrong(await examined(off))).toEqual(["fail interface a (server-11)"]);
    expect(wrong(await examined(detached))).toEqual(["fail interface a (server-11)"]);
  });

  type Rule = NonNullable<NonNullable<WorldSeed["firewalls"]>[number]["rules"]>[number];
  const PEER = "198.51.100.7/32";
  const open: readonly Rule[] = [
    { protocol: "udp", port: "500", ips: [PEER] },
    { protocol: "udp", port: "4500", ips: [PEER] },
    { protocol: "tcp", port: "9790", ips: [PEER] },
  ];
  const behind = (...firewalls: readonly (readonly Rule[])[]): VirtualWorld => {
    const world = virtualWorld();
    world.emulator.seed({
      ...server({ firewalls: firewalls.map((_, at) => 38 + at) }),
      firewalls: firewalls.map((rules, at) => ({ id: 38 + at, name: `wall-${at}`, rules: [...rules] })),
    });
    return world;
  };

  it.each<[string, readonly (readonly Rule[])[], readonly string[]]>([
    ["that let in what a link host is to get", [open], []],
    ["that let it in together", [open.slice(0, 1), open.slice(1)], []],
    [
      "that let in ranges of ports from everywhere",
      [[{ protocol: "udp", port: "1-65535", ips: ["0.0.0.0/0"] }]],
      ["warn"],
    ],
    ["closed for IPsec", [open.slice(2)], ["fail"]],
    ["closed for one of its two ports", [open.slice(1)], ["fail"]],
    ["closed for host checks", [open.slice(0, 2)], ["warn"]],
    ["open for others alone", [open.map((rule) => ({ ...rule, ips: ["203.0.113.0/24"] }))], ["fail", "warn"]],
    ["that let it out alone", [open.map((rule) => ({ ...rule, direction: "out" as const }))], ["fail", "warn"]],
    ["without rules", [[]], ["fail", "warn"]],
  ])("tell of firewalls %s", async (_what, firewalls, states) => {
    const found = await examined(behind(...firewalls));

    expect(wrong(found)).toEqual(states.map((state) => `${state} firewall a (server-11)`));
    // Private networks are not filtered: whether their traffic passes is not asked.
    expect(found.filter((one) => one.check === "firewall" && one.found.includes("forwarded"))).toEqual([]);
  });

  it("find a firewall on whatever page it is", async () => {
    const world = behind(open);
    world.emulator.seed({ firewalls: Array.from({ length: 60 }, (_, at) => ({ id: at + 100 })) });
    world.emulator.seed({ ...server({ firewalls: [159] }), firewalls: [{ id: 159, rules: [...open] }] });

    expect(wrong(await examined(world))).toEqual([]);
  });

  it("warn where a firewall is not shown, or may not be read", async () => {
    const unseen = virtualWorld();
    unseen.emulator.seed(server({ firewalls: [38] }));
    const denied = behind(open);
    denied.emulator.control.fail({ action: "GET /firewalls", fault: { kind: "deny" }, count: 9 });

    expect(wrong(await examined(unseen))).toEqual(["warn firewall a (server-11)"]);
    expect(wrong(await examined(denied))).toEqual(["warn firewall backbone/here"]);
  });

  it("fail on a route by way of an address that no server has", async () => {
    const world = virtualWorld();
    world.emulator.control.putRoute(HOME, { destination: destination(0), gateway: "10.0.0.200" });

    expect(wrong(await examined(world))).toEqual([`fail routes ${destination(0)} in network ${HOME}`]);
  });

  it.each([
    [80, []],
    [95, ["warn quota"]],
    [101, ["fail quota"]],
  ] as const)("judge the quota of a network that is to hold %i routes", async (count, expected) => {
    const destinations = Array.from({ length: count }, (_, at) => destination(at));

    const found = wrong(await examined(virtualWorld(), { destinations }));

    expect(found.map((one) => one.split(" ").slice(0, 2).join(" "))).toEqual(expected);
  });

  it("make no calls but those that the policies of the provider and of the doctor name", async () => {
    const world = behind(open);
    await examined(world);
    const callsOf = (name: string) =>
      (JSON.parse(readFileSync(`deploy/policies/${name}.json`, "utf8")) as { calls: string[] }).calls;
    const made = world.emulator.control.requests().map(({ operation }) => operation);

    expect(made.filter((one) => ![...callsOf("hetzner"), ...callsOf("hetzner-doctor")].includes(one))).toEqual([]);
    expect(made).toEqual(expect.arrayContaining(callsOf("hetzner-doctor")));
  });
});
