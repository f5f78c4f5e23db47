import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Ec2Emulator } from "../../../dev/emulators/ec2/emulator.ts";
import type { WorldSeed } from "../../../dev/emulators/ec2/world.ts";
import type { Finding } from "../../../shared/domain/finding.ts";
import type { ExaminedLocation } from "../../../shared/ports/cloud-doctor.ts";
import { awsDoctor } from "../../../shared/providers/aws/doctor.ts";
import { awsListProvider } from "../../../shared/providers/aws/prefix-lists/provider.ts";
import { cloudOf, REGION } from "./emulated-world.ts";
import { type VirtualWorld, virtualClient, virtualWorld } from "./virtual.ts";

const never = () => new AbortController().signal;
const PEER = "198.51.100.7/32";

type Group = NonNullable<NonNullable<WorldSeed["regions"]>[number]["securityGroups"]>[number];

const openGroup: Group = {
  id: "sg-1",
  vpc: "vpc-1",
  inbound: [
    { protocol: "udp", ports: [500, 500], cidrs: [PEER] },
    { protocol: "udp", ports: [4500, 4500], cidrs: [PEER] },
    { protocol: "tcp", ports: [9790, 9790], cidrs: [PEER] },
    { cidrs: ["10.0.0.0/16"] },
  ],
};

/** A location that is as it should be: a1 active at eni-a, a2 at eni-b, one route in place, one still to be made. */
function goodWorld(group: Group = openGroup): WorldSeed {
  return {
    regions: [
      {
        region: REGION,
        vpcs: [{ id: "vpc-1", cidrs: ["10.0.0.0/16"] }],
        routeTables: [{ id: "rtb-1", vpc: "vpc-1", routes: [{ destination: "10.1.0.0/16", target: "eni-a" }] }],
        interfaces: [
          { id: "eni-a", vpc: "vpc-1", addresses: ["10.0.0.4"], groups: ["sg-1"] },
          { id: "eni-b", vpc: "vpc-1", addresses: ["10.0.0.5"], groups: ["sg-1"] },
        ],
        securityGroups: [group],
      },
    ],
  };
}

const baseLocation: Omit<ExaminedLocation, "survey"> = {
  name: "backbone/here",
  hosts: [
    { hostId: "a1", name: "a1", target: "eni-a", localAddress: "", isActive: true, found: "eni-a" },
    { hostId: "a2", name: "a2", target: "eni-b", localAddress: "", isActive: false, found: "eni-b" },
  ],
  networks: ["10.0.0.0/16"],
  destinations: ["10.1.0.0/16", "10.2.0.0/16"],
  peers: ["198.51.100.7"],
  hostCheck: true,
  removeRoutes: true,
};

/** What the doctor finds, and that it changed nothing while it looked. */
async function examined(world: VirtualWorld, change: Partial<ExaminedLocation> = {}): Promise<readonly Finding[]> {
  const before = JSON.stringify(world.emulator.dump());
  const cloud = cloudOf("vpc-1", { by: "network" });
  const location: ExaminedLocation = {
    ...baseLocation,
    survey: await world.open().survey(never()),
    ...change,
  };
  const doctor = awsDoctor(cloud, world.client, world.clock);
  const { value } = await world.drive(doctor.examine(location, never()));
  expect(JSON.stringify(world.emulator.dump())).toBe(before);
  expect(world.emulator.control.calls().filter((call) => call.landedMs !== null)).toEqual([]);
  return value;
}

const of = (found: readonly Finding[], check: Finding["check"], about = "") =>
  found.filter((one) => one.check === check && one.about.startsWith(about));
const states = (found: readonly Finding[]) => [...new Set(found.map((one) => one.state))];

describe("the checks of a location in AWS", () => {
  it("pass where everything is as it should be, and change nothing", async () => {
    const world = await virtualWorld(goodWorld());

    const found = await examined(world);

    expect(states(found)).toEqual(["pass"]);
    const checks = ["interface", "forwarding", "firewall", "permissions", "quota"];
    expect([...new Set(found.map((one) => one.check))].sort()).toEqual([...checks].sort());
    expect(of(found, "permissions")[0]?.found).toBe("allowed: ec2:CreateRoute, ec2:ReplaceRoute, ec2:DeleteRoute");
    const dry = world.emulator.control.calls().map(({ action, answer }) => [action, answer]);
    expect(dry.sort()).toEqual([
      ["CreateRoute", "DryRunOperation"],
      ["DeleteRoute", "DryRunOperation"],
      ["ReplaceRoute", "DryRunOperation"],
    ]);
  });

  it("fail where the source/destination check is on, with what switches it off", async () => {
    const seed = goodWorld();
    const [, second] = seed.regions?.[0]?.interfaces ?? [];
    if (second !== undefined) second.sourceDestCheck = true;
    const world = await virtualWorld(seed);

    const found = of(await examined(world), "forwarding");

    expect(found.map((one) => [one.about, one.state])).toEqual([
      ["a1 (eni-a)", "pass"],
      ["a2 (eni-b)", "fail"],
    ]);
    expect(found[1]?.next).toContain("--network-interface-id eni-b --no-source-dest-check");
    expect(found[1]?.fix).toEqual({ kind: "aws-source-dest-check", region: REGION, networkInterface: "eni-b" });
  });

  it("fail where an interface is attached to nothing", async () => {
    const world = await virtualWorld(goodWorld());
    world.emulator.control.region(REGION).detachInterface("eni-b");

    const found = of(await examined(world), "interface", "a2");

    expect(found.map((one) => [one.state, one.found])).toEqual([["fail", "is not in use: its status is available"]]);
  });

  it("fail where an interface is in another VPC than the tables", async () => {
    const seed = goodWorld();
    seed.regions?.[0]?.vpcs?.push({ id: "vpc-2", cidrs: ["10.9.0.0/16"] });
    seed.regions?.[0]?.interfaces?.push({ id: "eni-x", vpc: "vpc-2", addresses: ["10.9.0.4"], groups: ["sg-1"] });
    const world = await virtualWorld(seed);
    const hosts = [{ hostId: "x", name: "x", target: "eni-x", localAddress: "", isActive: true, found: "eni-x" }];

    const found = of(await examined(world, { hosts }), "interface");

    expect(found.map((one) => [one.state, one.found])).toEqual([
      ["fail", "is in vpc-2, the location's tables are in vpc-1"],
    ]);
  });

  it.each([
    [
      "UDP 500 and 4500 closed to 198.51.100.7",
      "fail",
      { ...openGroup, inbound: openGroup.inbound?.filter((r) => r.ports?.[0] !== 4500) },
    ],
    [
      "TCP 9790 closed to 198.51.100.7",
      "warn",
      { ...openGroup, inbound: openGroup.inbound?.filter((r) => r.ports?.[0] !== 9790) },
    ],
    [
      "traffic to be forwarded closed to 10.0.0.0/16",
      "fail",
      { ...openGroup, inbound: openGroup.inbound?.slice(0, 3) },
    ],
    [
      "only some of the traffic of 10.0.0.0/16 is let through to be forwarded",
      "warn",
      {
        ...openGroup,
        inbound: [
          ...(openGroup.inbound?.slice(0, 3) ?? []),
          { protocol: "tcp", ports: [443, 443], cidrs: ["10.0.0.0/16"] },
        ],
      },
    ],
    [
      "whether UDP 500 and 4500 is open to 198.51.100.7 cannot be told",
      "warn",
      {
        ...openGroup,
        inbound: [{ protocol: "udp", ports: [500, 4500], prefixLists: ["pl-1"] }, { cidrs: ["10.0.0.0/16"] }],
      },
    ],
  ] as [string, Finding["state"], Group][])("tell of a security group: %s", async (text, state, group) => {
    const world = await virtualWorld(goodWorld(group));

    const found = of(await examined(world), "firewall", "a1");

    const told = found.filter((one) => one.state !== "pass");
    expect(told.some((one) => one.state === state && one.found.includes(text))).toBe(true);
  });

  it("fail where an interface has no security group", async () => {
    const seed = goodWorld();
    for (const one of seed.regions?.[0]?.interfaces ?? []) one.groups = [];

    const found = of(await examined(await virtualWorld(seed)), "firewall").filter((one) => one.state !== "pass");

    expect(found.map((one) => one.found)).toEqual(["has no security group", "has no security group"]);
  });

  it("leave host checks out where the link has none", async () => {
    const found = await examined(await virtualWorld(goodWorld()), { hostCheck: false });

    expect(of(found, "firewall").some((one) => one.found.includes("9790"))).toBe(false);
  });

  it.each(["CreateRoute", "ReplaceRoute", "DeleteRoute"])(
    "fail where ec2:%s is refused, and name it",
    async (action) => {
      const world = await virtualWorld(goodWorld());
      world.emulator.control.fail({ action, fault: { kind: "deny" } });

      const found = of(await examined(world), "permissions");

      expect(found.map((one) => [one.state, one.about, one.found])).toEqual([
        ["fail", "rtb-1", `ec2:${action} is refused`],
      ]);
      expect(found[0]?.next).toContain(`allow ec2:${action} on route-table/rtb-1`);
    },
  );

  it("do not try to remove where routes are not removed", async () => {
    const world = await virtualWorld(goodWorld());

    await examined(world, { removeRoutes: false });

    expect(world.emulator.control.calls().map(({ action }) => action)).not.toContain("DeleteRoute");
  });

  it("warn where a permission could not be tried", async () => {
    const world = await virtualWorld(goodWorld());
    world.emulator.control.fail({ action: "CreateRoute", fault: { kind: "throttle" } });

    const found = of(await examined(world), "permissions");

    expect(found.map((one) => one.state)).toEqual(["warn"]);
    expect(found[0]?.found).toContain("ec2:CreateRoute could not be tried");
  });

  it("warn that nothing was tried where no interface of a host is known", async () => {
    const world = await virtualWorld(goodWorld());

    const found = of(await examined(world, { hosts: [] }), "permissions");

    expect(found.map((one) => [one.state, one.found])).toEqual([
      ["warn", "not tried: no interface of a host is known"],
    ]);
    expect(world.emulator.control.calls()).toEqual([]);
  });

  it("try the permissions of a few tables only where there are many", async () => {
    const seed = goodWorld();
    for (let at = 0; at < 15; at++) seed.regions?.[0]?.routeTables?.push({ id: `rtb-x${at}`, vpc: "vpc-1" });
    const world = await virtualWorld(seed);

    const found = of(await examined(world), "permissions");

    expect(found.at(-1)?.found).toContain("tried on 10 of 16 tables");
    expect(world.emulator.control.calls().filter(({ action }) => action === "CreateRoute")).toHaveLength(10);
  });

  it.each([
    [440, "pass"],
    [455, "warn"],
    [510, "fail"],
    [1_010, "fail"],
  ] as const)("judge the quota of a table that is to hold %i routes: %s", async (count, state) => {
    const world = await virtualWorld(goodWorld());
    const destinations = Array.from({ length: count }, (_, at) => `10.${100 + (at >> 8)}.${at & 255}.0/24`);

    const found = of(await examined(world, { destinations }), "quota");

    expect(found.map((one) => one.state)).toEqual([state]);
  });

  it("take a table that holds more than the default quota as one whose quota was raised", async () => {
    const seed = goodWorld();
    const table = seed.regions?.[0]?.routeTables?.[0];
    const destinations = Array.from({ length: 600 }, (_, at) => `10.${100 + (at >> 8)}.${at & 255}.0/24`);
    if (table !== undefined) table.routes = destinations.map((destination) => ({ destination, target: "eni-a" }));

    const found = of(await examined(await virtualWorld(seed), { destinations }), "quota");

    expect(found.map((one) => [one.state, one.found])).toEqual([
      ["pass", "600 IPv4 routes: the quota of 500 was raised"],
    ]);
  });

  type Acl = NonNullable<NonNullable<WorldSeed["regions"]>[number]["networkAcls"]>[number];
  type Entry = NonNullable<Acl["entries"]>[number];
  /** Everything in and out, behind some rules that are tried first. */
  const withAcl = async (...first: readonly Omit<Entry, "number">[]) => {
    const seed = goodWorld();
    const last = [false, true].map((egress, at) => ({ number: 900 + at, egress, cidr: "0.0.0.0/0" }));
    const entries = [...first.map((entry, at) => ({ number: 100 + at, ...entry })), ...last];
    const [region] = seed.regions ?? [];
    if (region !== undefined) region.networkAcls = [{ id: "acl-1", vpc: "vpc-1", subnets: ["subnet-0"], entries }];
    return of(await examined(await virtualWorld(seed)), "firewall", "a1");
  };
  const deny = (protocol: string, port: number, more: Partial<Entry> = {}): Omit<Entry, "number"> => ({
    action: "deny",
    protocol,
    ports: [port, port],
    cidr: "198.51.100.0/24",
    ...more,
  });
  const everything = { action: "deny", cidr: "0.0.0.0/0" } as const;

  it.each<[string, readonly Omit<Entry, "number">[], readonly string[]]>([
    ["lets everything through", [], []],
    ["denies somebody else", [deny("17", 500, { cidr: "203.0.113.0/24" })], []],
    ["shuts IKE in", [deny("17", 500)], ["fail network ACL acl-1 shuts UDP 500 and 4500 in from 198.51.100.7"]],
    [
      "shuts IKE out, though no security group would",
      [deny("17", 4500, { egress: true })],
      ["fail network ACL acl-1 shuts UDP 500 and 4500 out to 198.51.100.7"],
    ],
    ["shuts host checks in", [deny("6", 9790)], ["warn network ACL acl-1 shuts TCP 9790 in from 198.51.100.7"]],
    [
      "shuts their answers out",
      [deny("6", 0, { ports: [1024, 65_535], egress: true, cidr: "0.0.0.0/0" })],
      [
        "warn network ACL acl-1 shuts TCP 9790 out to 198.51.100.7",
        "warn network ACL acl-1 shuts answers to host checks (TCP 32768 to 60999) out to 198.51.100.7",
        "warn network ACL acl-1 lets only some of traffic to be forwarded out to 10.0.0.0/16",
      ],
    ],
    [
      "shuts the own networks in",
      [{ ...everything, cidr: "10.0.0.0/16" }],
      ["fail network ACL acl-1 shuts traffic to be forwarded in from 10.0.0.0/16"],
    ],
    [
      "shuts a part of the own networks in",
      [{ ...everything, cidr: "10.0.7.0/24" }],
      ["warn network ACL acl-1 lets only some of traffic to be forwarded in from 10.0.0.0/16"],
    ],
  ])("look at the network ACL of the host's subnet, and tell each direction: it %s", async (_what, first, expected) => {
    const found = await withAcl(...first);

    expect(found.filter((one) => one.state !== "pass").map((one) => `${one.state} ${one.found}`)).toEqual(expected);
    if (expected.length === 0) {
      expect(found.map((one) => one.found)).toContain("network ACL acl-1 lets in and out what a link host needs");
    } else expect(found.at(-1)?.next).toContain("keeps no state, so both directions have to be open");
  });

  it("warn where network ACLs may not be read, and name the permission", async () => {
    const world = await virtualWorld(goodWorld());
    world.emulator.control.fail({ action: "DescribeNetworkAcls", fault: { kind: "deny" } });

    const told = (await examined(world)).filter((one) => one.state !== "pass");

    expect(told.map((one) => `${one.state} ${one.check}`)).toEqual(["warn firewall"]);
    expect(told[0]?.next).toContain("allow ec2:DescribeNetworkAcls on *");
  });

  it("go on with the others where one read is refused, and name the permission", async () => {
    const world = await virtualWorld(goodWorld());
    world.emulator.control.fail({ action: "DescribeSecurityGroups", fault: { kind: "deny" } });

    const found = await examined(world);

    const told = found.filter((one) => one.state !== "pass");
    expect(told.map((one) => one.check)).toEqual(["firewall"]);
    expect(told[0]?.next).toContain("allow ec2:DescribeSecurityGroups on *");
    expect(states(of(found, "permissions"))).toEqual(["pass"]);
  });

  it("try a prefix list too, and look whether it has room", async () => {
    const world = await virtualWorld(goodWorld());
    const cloud = { ...cloudOf("vpc-1", { by: "network" }), prefixList: { maxEntries: 2 } };
    const provider = awsListProvider(cloud, "here", world.client, world.clock);
    const { value: before } = await world.drive(provider.survey(never()));
    const list = before.tables.find((table) => table.holds?.kind === "list" && table.holds.family === 4);
    if (list === undefined) throw new Error("no list");
    const change = { kind: "create" as const, table: list, destination: "10.1.0.0/16", target: "entry" };
    await world.drive(provider.write([change], { guard: async () => {}, epoch: 1 }, never()));
    const { value: survey } = await world.drive(provider.survey(never()));
    const made = world.emulator.control.calls().length;
    const location = { ...baseLocation, survey, destinations: ["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"] };

    const { value: found } = await world.drive(awsDoctor(cloud, world.client, world.clock).examine(location, never()));

    const tried = world.emulator.control.calls().slice(made);
    expect(tried.map(({ action, landedMs }) => [action, landedMs])).toContainEqual(["ModifyManagedPrefixList", null]);
    expect(tried.filter((call) => call.landedMs !== null)).toEqual([]);
    expect(of(found, "permissions", "pl-")).toMatchObject([
      { state: "pass", found: "allowed: ec2:ModifyManagedPrefixList" },
    ]);
    expect(of(found, "quota", "pl-")).toMatchObject([
      { state: "fail", found: "3 of 2 IPv4 entries, 2 of them still to be made" },
    ]);
  });

  it("make no calls but those that the policies of the provider and of the doctor allow", async () => {
    const world = await virtualWorld(goodWorld());
    const actions = new Set<string>();
    const spied: Ec2Emulator = {
      ...world.emulator,
      handle(request) {
        actions.add(`ec2:${new URLSearchParams(request.body).get("Action")}`);
        return world.emulator.handle(request);
      },
    };
    const { value: survey } = await world.drive(world.open().survey(never()));
    const doctor = awsDoctor(cloudOf("vpc-1", { by: "network" }), virtualClient(spied), world.clock);

    await world.drive(doctor.examine({ ...baseLocation, survey }, never()));

    const allowed = ["aws-routes.json", "aws-doctor.json"].flatMap((name) => {
      const text = readFileSync(`deploy/policies/${name}`, "utf8");
      return (JSON.parse(text) as { Statement: { Action: string | string[] }[] }).Statement.flatMap(
        (one) => one.Action,
      );
    });
    expect([...actions].filter((action) => !allowed.includes(action))).toEqual([]);
    expect([...actions]).toEqual(expect.arrayContaining(["ec2:DescribeNetworkAcls", "ec2:DescribeSecurityGroups"]));
  });
});
