import { NetworkManagementClient } from "@azure/arm-network";
import { describe, expect, it } from "vitest";
import { inProcess } from "../../../dev/emulators/azure/in-process.ts";
import type { WorldSeed } from "../../../dev/emulators/azure/world.ts";
import type { Finding } from "../../../shared/domain/finding.ts";
import type { ExaminedLocation } from "../../../shared/ports/cloud-doctor.ts";
import { openAzureDoctor } from "../../../shared/providers/azure/doctor.ts";
import { azureFixer } from "../../../shared/providers/azure/fix.ts";
import { cloudOf, GROUP, idIn, interfaceId, SUBSCRIPTION } from "./emulated-world.ts";
import { destination, HOST_A, HOST_B, never, routesWorld, type VirtualWorld, virtualWorld } from "./virtual.ts";

const nsg = idIn("routeTables", "nsg-1").replace("routeTables", "networkSecurityGroups");
const PEER = "198.51.100.7";
const open = [
  { name: "ipsec", priority: 100, protocol: "Udp" as const, ports: ["500", "4500"], sources: [PEER] },
  { name: "check", priority: 110, protocol: "Tcp" as const, ports: ["9790"], sources: [PEER] },
];
type Rule = NonNullable<NonNullable<WorldSeed["securityGroups"]>[number]["rules"]>[number];

/** Hosts behind a group with these rules. */
function worldOf(rules: readonly Rule[] = open, routes = 1): WorldSeed {
  const seed = routesWorld(routes);
  for (const one of seed.interfaces ?? []) one.securityGroup = nsg;
  return {
    ...seed,
    securityGroups: [{ subscription: SUBSCRIPTION, resourceGroup: GROUP, name: "nsg-1", rules: [...rules] }],
  };
}

async function examined(world: VirtualWorld, change: Partial<ExaminedLocation> = {}): Promise<readonly Finding[]> {
  const before = JSON.stringify(world.emulator.dump());
  const { value: survey } = await world.drive(world.open().survey(never()));
  const host = (name: string, target: string, localAddress: string, isActive: boolean) => ({
    ...{ hostId: `host${name}`, name, target, localAddress, isActive, found: localAddress },
  });
  const location: ExaminedLocation = {
    name: "backbone/here",
    hosts: [host("a", interfaceId("nic-a"), HOST_A, true), host("b", "auto", HOST_B, false)],
    networks: ["10.1.0.0/16"],
    destinations: [destination(0), destination(1)],
    peers: [PEER],
    hostCheck: true,
    removeRoutes: false,
    survey,
    ...change,
  };
  const doctor = openAzureDoctor({
    clock: world.clock,
    cloudEndpoints: { azure: "http://127.0.0.1" },
    httpClient: inProcess(world.emulator),
  })(cloudOf({ by: "network" }));
  const { value } = await world.drive(doctor.examine(location, never()));
  expect(JSON.stringify(world.emulator.dump())).toBe(before);
  expect(world.emulator.control.calls()).toEqual([]);
  return value;
}

const wrong = (found: readonly Finding[]) =>
  found.filter((one) => one.state !== "pass").map(({ state, check, about }) => `${state} ${check} ${about}`);

describe("the checks of a location in Azure", () => {
  it("pass where everything is as it should be, and change nothing", async () => {
    const found = await examined(virtualWorld(worldOf()));

    expect(wrong(found)).toEqual([]);
    expect([...new Set(found.map((one) => one.check))].sort()).toEqual([
      "firewall",
      "forwarding",
      "interface",
      "quota",
    ]);
  });

  it("fail where IP forwarding is off, with what switches it on", async () => {
    const world = virtualWorld(worldOf());
    world.emulator.control.ipForwarding(interfaceId("nic-b"), false);

    const found = await examined(world);

    expect(wrong(found)).toEqual(["fail forwarding b (nic-b)"]);
    expect(found.find((one) => one.state === "fail")?.fix).toEqual({
      kind: "azure-ip-forwarding",
      subscription: SUBSCRIPTION,
      resourceGroup: GROUP.toLowerCase(),
      networkInterface: "nic-b",
    });
  });

  it("fail where an interface is attached to no machine", async () => {
    const seed = worldOf();
    for (const one of seed.interfaces ?? []) if (one.name === "nic-a") one.machine = null;

    expect(wrong(await examined(virtualWorld(seed)))).toEqual(["fail interface a (nic-a)"]);
  });

  it.each<[string, readonly Rule[], readonly string[]]>([
    ["closed for IPsec", [open[1] as Rule], ["fail firewall a (nic-a)", "fail firewall b (nic-b)"]],
    ["closed for host checks", [open[0] as Rule], ["warn firewall a (nic-a)", "warn firewall b (nic-b)"]],
    [
      "that denies before it allows",
      [{ name: "no", priority: 90, access: "Deny", protocol: "Udp", sources: ["Internet"] }, ...open],
      ["fail firewall a (nic-a)", "fail firewall b (nic-b)"],
    ],
    [
      "that lets no traffic of the network through",
      [...open, { name: "no", priority: 120, access: "Deny", sources: ["VirtualNetwork"] }],
      ["fail firewall a (nic-a)", "fail firewall b (nic-b)"],
    ],
  ])("tell of a security group %s", async (_what, rules, expected) => {
    expect(wrong(await examined(virtualWorld(worldOf(rules))))).toEqual(expected);
  });

  it("look at the group of the subnet too, and warn where there is none at all", async () => {
    const seed = worldOf();
    for (const one of seed.interfaces ?? []) delete one.securityGroup;
    const bare = wrong(await examined(virtualWorld(seed)));
    const subnet = seed.networks?.[0]?.subnets?.find((one) => one.name === "hosts");
    if (subnet !== undefined) subnet.securityGroup = nsg;

    expect(bare).toEqual(["warn firewall a (nic-a)", "warn firewall b (nic-b)"]);
    expect(wrong(await examined(virtualWorld(seed)))).toEqual([]);
  });

  it("warn where security groups may not be read, and name the permission", async () => {
    const world = virtualWorld(worldOf());
    world.emulator.control.fail({
      action: "Microsoft.Network/networkSecurityGroups/read",
      fault: { kind: "deny" },
      count: 9,
    });

    const found = await examined(world);

    expect(wrong(found)).toEqual(["warn firewall a (nic-a)", "warn firewall b (nic-b)"]);
    expect(found.find((one) => one.state === "warn")?.next).toContain("Microsoft.Network/networkSecurityGroups/read");
  });

  it("warn where a link host's own subnet is routed by a table of the location", async () => {
    const seed = worldOf();
    const subnet = seed.networks?.[0]?.subnets?.find((one) => one.name === "hosts");
    if (subnet !== undefined) subnet.routeTable = idIn("routeTables", "rt-1");

    expect(wrong(await examined(virtualWorld(seed)))).toEqual(["warn tables a", "warn tables b"]);
  });

  it.each([
    [300, []],
    [380, ["warn quota rt-1"]],
    [401, ["fail quota rt-1"]],
  ] as const)("judge the quota of a table that is to hold %i routes", async (count, expected) => {
    const destinations = Array.from({ length: count }, (_, at) => destination(at));

    expect(wrong(await examined(virtualWorld(worldOf()), { destinations }))).toEqual(expected);
  });
});

describe("doctor --fix in Azure", () => {
  it("switches the IP forwarding of one interface on, and nothing else", async () => {
    const world = virtualWorld(worldOf());
    world.emulator.control.ipForwarding(interfaceId("nic-b"), false);
    const before = JSON.stringify(world.emulator.dump());
    const fixer = azureFixer(
      world.clock,
      (subscription) =>
        new NetworkManagementClient(
          { getToken: async () => ({ token: "any", expiresOnTimestamp: 9e15 }) },
          subscription,
          {
            endpoint: "https://arm.test",
            httpClient: inProcess(world.emulator),
            retryOptions: { maxRetries: 0 },
          },
        ),
    );
    const action = {
      kind: "azure-ip-forwarding" as const,
      subscription: SUBSCRIPTION,
      resourceGroup: GROUP.toLowerCase(),
      networkInterface: "nic-b",
    };

    const { value: seen } = await world.drive(fixer.look(action, never()));
    await world.drive(fixer.apply(action, never()));
    const { value: after } = await world.drive(fixer.look(action, never()));

    expect([seen.isNeeded, after.isNeeded]).toEqual([true, false]);
    expect(seen.changes).toContain("nic-b: IP forwarding off → on");
    expect(JSON.stringify(world.emulator.dump())).toBe(before.replace('"ipForwarding":false', '"ipForwarding":true'));
  });
});
