import { describe, expect, it } from "vitest";
import { inProcess } from "../../../dev/emulators/oci/in-process.ts";
import type { WorldSeed } from "../../../dev/emulators/oci/world.ts";
import type { Finding } from "../../../shared/domain/finding.ts";
import type { ExaminedLocation } from "../../../shared/ports/cloud-doctor.ts";
import { ociClient } from "../../../shared/providers/oci/client.ts";
import { ociDoctor } from "../../../shared/providers/oci/doctor.ts";
import { ociFixer } from "../../../shared/providers/oci/fix.ts";
import { apiKeyIdentity } from "../../../shared/providers/oci/identity.ts";
import { untilDone } from "../contract/world.ts";
import { heldSecrets, KEY } from "./api-key.ts";
import { cloudOf, ocid, REGION } from "./emulated-world.ts";
import { permissionsIn, permissionsOf } from "./policy.ts";
import { A, TABLE, type VirtualWorld, virtualWorld } from "./virtual.ts";

const PEER = "198.51.100.7/32";
type Rule = NonNullable<NonNullable<WorldSeed["securityLists"]>[number]["ingress"]>[number];
const open: readonly Rule[] = [
  { protocol: "17", source: PEER, ports: [500, 500] },
  { protocol: "17", source: PEER, ports: [4500, 4500] },
  { protocol: "6", source: PEER, ports: [9790, 9790] },
  { source: "10.0.0.0/16" },
];

function worldOf(ingress: readonly Rule[] = open): VirtualWorld {
  const world = virtualWorld();
  const list = ocid("securitylist", "1");
  const home = ocid("vcn", "home");
  world.emulator.seed({
    securityLists: [{ id: list, vcn: home, ingress: [...ingress] }],
    subnets: [{ id: ocid("subnet", "near"), vcn: home, cidr: "10.0.0.0/24", securityLists: [list] }],
  });
  return world;
}

const clientOf = (world: VirtualWorld) =>
  ociClient(REGION, apiKeyIdentity(heldSecrets(KEY.secret), "oci"), "http://oci.test", inProcess(world.emulator));

async function examined(world: VirtualWorld, change: Partial<ExaminedLocation> = {}): Promise<readonly Finding[]> {
  const before = JSON.stringify(world.emulator.dump());
  const location: ExaminedLocation = {
    name: "backbone/here",
    hosts: [
      { hostId: "hosta", name: "a", target: A, localAddress: "", isActive: true, found: A },
      { hostId: "hostb", name: "b", target: "auto", localAddress: "10.0.0.5", isActive: false, found: undefined },
    ],
    networks: ["10.0.0.0/16"],
    destinations: ["10.200.0.0/16"],
    peers: ["198.51.100.7"],
    hostCheck: true,
    removeRoutes: false,
    survey: await world.survey(),
    ...change,
  };
  const doctor = ociDoctor(cloudOf(ocid("vcn", "home"), { by: "network" }), clientOf(world), world.clock);
  const value = await world.drive(doctor.examine(location, untilDone()));
  expect(JSON.stringify(world.emulator.dump())).toBe(before);
  expect(world.calls()).toBe(0);
  return value;
}

const wrong = (found: readonly Finding[]) =>
  found.filter((one) => one.state !== "pass").map(({ state, check, about }) => `${state} ${check} ${about}`);

describe("the checks of a location in OCI", () => {
  it("pass where everything is as it should be, and change nothing", async () => {
    const found = await examined(worldOf());

    expect(wrong(found)).toEqual([]);
    expect([...new Set(found.map((one) => one.check))].sort()).toEqual([
      "firewall",
      "forwarding",
      "interface",
      "quota",
    ]);
  });

  it("fail where skipSourceDestCheck is off, with what switches it on", async () => {
    const world = worldOf();
    world.emulator.control.edit.setVnic(ocid("vnic", "b"), { skipSourceDestCheck: false });

    const found = await examined(world);

    expect(wrong(found)).toEqual(["fail forwarding b (b)"]);
    expect(found.find((one) => one.state === "fail")?.fix).toEqual({
      kind: "oci-skip-source-dest-check",
      region: REGION,
      vnic: ocid("vnic", "b"),
    });
  });

  it("fail where a VNIC is in another VCN than the tables", async () => {
    const target = ocid("vnic", "elsewhere");
    const hosts = [{ hostId: "z", name: "z", target, localAddress: "", isActive: true, found: target }];

    expect(wrong(await examined(worldOf(), { hosts }))).toContain("fail interface z (elsewhere)");
  });

  it("warn where a VNIC has a route table of its own", async () => {
    const world = worldOf();
    const vnic = { id: ocid("vnic", "a"), subnet: ocid("subnet", "near"), address: "10.0.0.4", routeTable: TABLE };
    world.emulator.seed({ vnics: [vnic] });

    expect(wrong(await examined(world))).toEqual(["warn tables a (a)"]);
  });

  it.each<[string, readonly Rule[], string]>([
    ["closed for IPsec", open.slice(2), "fail"],
    ["closed for one of its two ports", open.slice(1), "fail"],
    ["closed for host checks", [...open.slice(0, 2), ...open.slice(3)], "warn"],
    ["closed for the traffic to be forwarded", open.slice(0, 3), "fail"],
    ["open for some of that traffic alone", [...open.slice(0, 3), { protocol: "6", source: "10.0.0.0/8" }], "warn"],
  ])("tell of security lists %s", async (_what, ingress, state) => {
    const told = wrong(await examined(worldOf(ingress)));

    expect(told).toEqual([`${state} firewall a (a)`, `${state} firewall b (b)`]);
  });

  const GROUP = "ocid1.networksecuritygroup.oc1..1";
  type GroupRule = NonNullable<NonNullable<WorldSeed["networkSecurityGroups"]>[number]["rules"]>[number];
  /** The lists let nothing of IPsec in; vnic a has a network security group beside them. */
  const withGroup = (rules: readonly GroupRule[]): VirtualWorld => {
    const world = worldOf(open.slice(2));
    const vnic = { id: ocid("vnic", "a"), subnet: ocid("subnet", "near"), address: "10.0.0.4", nsgs: [GROUP] };
    world.emulator.seed({ vnics: [vnic], networkSecurityGroups: [{ id: GROUP, rules: [...rules] }] });
    return world;
  };
  const udp = (port: number, more: Partial<GroupRule> = {}): GroupRule => ({
    protocol: "17",
    source: PEER,
    ports: [port, port],
    ...more,
  });

  it.each<[string, readonly GroupRule[], string[]]>([
    ["let in what the lists do not", open.slice(0, 2) as GroupRule[], []],
    ["let it out alone", [udp(500, { direction: "EGRESS" }), udp(4500, { direction: "EGRESS" })], ["fail"]],
    ["let in one of the two ports", [udp(500)], ["fail"]],
    ["are no longer valid", [udp(500, { isValid: false }), udp(4500)], ["fail"]],
    [
      "name another group as their source",
      [{ source: "ocid1.networksecuritygroup.oc1..2", sourceType: "NETWORK_SECURITY_GROUP" }],
      ["warn"],
    ],
  ])("look into network security groups, whose rules %s", async (_what, rules, expected) => {
    const told = wrong(await examined(withGroup(rules)));

    expect(told).toEqual([...expected.map((state) => `${state} firewall a (a)`), "fail firewall b (b)"]);
  });

  it("warn where network security groups may not be read, and name the permission", async () => {
    const world = withGroup(open.slice(0, 2) as GroupRule[]);
    const action = "ListNetworkSecurityGroupSecurityRules";
    world.emulator.control.fail({ action, fault: { kind: "deny" }, count: 9 });

    const found = await examined(world);

    expect(wrong(found)).toContain("warn firewall a (a)");
    expect(found.find((one) => one.state === "warn")?.next).toContain("NETWORK_SECURITY_GROUP_LIST_SECURITY_RULES");
  });

  it("warn where security lists may not be read, and name the permission", async () => {
    const world = worldOf();
    world.emulator.control.fail({ action: "GetSecurityList", fault: { kind: "deny" }, count: 9 });

    const found = await examined(world);

    expect(wrong(found)).toEqual(["warn firewall a (a)", "warn firewall b (b)"]);
    expect(found.find((one) => one.state === "warn")?.next).toContain("SECURITY_LIST_READ");
  });

  it.each([
    [150, []],
    [185, ["warn quota"]],
    [201, ["fail quota"]],
  ] as const)("judge the quota of a table that is to hold %i rules", async (count, expected) => {
    const destinations = Array.from({ length: count }, (_, at) => `10.200.${at}.0/24`);

    const found = wrong(await examined(worldOf(), { destinations }));

    expect([...new Set(found.map((one) => one.split(" ").slice(0, 2).join(" ")))]).toEqual(expected);
  });

  it("need no more than the policies of the provider and of the doctor allow", async () => {
    const world = withGroup([]);
    await examined(world);
    const allowed = new Set([...permissionsIn("oci.json"), ...permissionsIn("oci-doctor.json")]);

    const needed = permissionsOf(world.emulator.control.operations().keys());
    expect([...needed].filter((one) => !allowed.has(one))).toEqual([]);
  });
});

describe("doctor --fix in OCI", () => {
  it("switches skipSourceDestCheck of one VNIC on, and nothing else", async () => {
    const world = worldOf();
    world.emulator.control.edit.setVnic(ocid("vnic", "b"), { skipSourceDestCheck: false });
    const before = JSON.stringify(world.emulator.dump());
    const fixer = ociFixer(world.clock, () => clientOf(world));
    const action = { kind: "oci-skip-source-dest-check" as const, region: REGION, vnic: ocid("vnic", "b") };

    const seen = await world.drive(fixer.look(action, untilDone()));
    await world.drive(fixer.apply(action, untilDone()));
    const after = await world.drive(fixer.look(action, untilDone()));

    expect([seen.isNeeded, after.isNeeded]).toEqual([true, false]);
    expect(seen.changes).toContain("skipSourceDestCheck off → on");
    expect(JSON.stringify(world.emulator.dump())).toBe(
      before.replace('"skipSourceDestCheck":false', '"skipSourceDestCheck":true'),
    );
  });
});
