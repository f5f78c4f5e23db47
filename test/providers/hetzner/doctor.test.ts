import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { inProcess } from "../../../dev/emulators/hetzner/in-process.ts";
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

  it("warn where a firewall stands before a server", async () => {
    const world = virtualWorld();
    world.emulator.seed(server({ firewalls: [38] }));

    expect(wrong(await examined(world))).toEqual(["warn firewall a (server-11)"]);
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

  it("make no calls but those that the provider makes", async () => {
    const world = virtualWorld();
    await examined(world);
    const { calls } = JSON.parse(readFileSync("deploy/policies/hetzner.json", "utf8")) as { calls: string[] };

    const made = world.emulator.control.requests().map(({ operation }) => operation);
    expect(made.filter((one) => !calls.includes(one))).toEqual([]);
  });
});
