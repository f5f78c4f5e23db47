import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { inProcess } from "../../../dev/emulators/gcp/in-process.ts";
import { GCP_METHODS, type MethodName } from "../../../dev/emulators/gcp/methods.ts";
import type { WorldSeed } from "../../../dev/emulators/gcp/world.ts";
import type { Finding } from "../../../shared/domain/finding.ts";
import type { ExaminedLocation } from "../../../shared/ports/cloud-doctor.ts";
import { computeClient } from "../../../shared/providers/gcp/client.ts";
import { gcpDoctor } from "../../../shared/providers/gcp/doctor.ts";
import { anonymous } from "../../../shared/providers/gcp/identity.ts";
import { cloudOf, LOCATION, NETWORK, PROJECT, ZONE } from "./emulated-world.ts";
import { A, never, type VirtualWorld, virtualWorld } from "./virtual.ts";

const PEER = "198.51.100.7/32";
type Project = NonNullable<WorldSeed["projects"]>[number];
type Rule = NonNullable<Project["firewalls"]>[number];

const open: readonly Rule[] = [
  { name: "ipsec", network: NETWORK, protocol: "udp", ports: ["500", "4500"], sourceRanges: [PEER] },
  { name: "check", network: NETWORK, protocol: "tcp", ports: ["9790"], sourceRanges: [PEER] },
  { name: "inside", network: NETWORK, sourceRanges: ["10.0.0.0/16"] },
];

const worldOf = (firewalls: readonly Rule[] = open, more: Partial<Project> = {}): VirtualWorld =>
  virtualWorld({ projects: [{ id: PROJECT, firewalls: [...firewalls], ...more }] });

async function examined(
  world: VirtualWorld,
  change: Partial<ExaminedLocation> = {},
  send = inProcess(world.emulator),
): Promise<readonly Finding[]> {
  const before = JSON.stringify(world.emulator.dump());
  const { value: survey } = await world.drive(world.open().survey(never()));
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
    survey,
    ...change,
  };
  const session = {
    client: computeClient("http://compute.test", anonymous, send),
    clock: world.clock,
    cloud: cloudOf(),
    locationId: LOCATION,
  };
  const doctor = gcpDoctor(session, computeClient("http://manager.test", anonymous, send, "v1/"));
  const { value } = await world.drive(doctor.examine(location, never()));
  expect(JSON.stringify(world.emulator.dump())).toBe(before);
  expect(world.emulator.control.calls()).toEqual([]);
  return value;
}

const wrong = (found: readonly Finding[]) =>
  found.filter((one) => one.state !== "pass").map(({ state, check, about }) => `${state} ${check} ${about}`);
const vm = (more: object) => ({
  instances: [{ zone: ZONE, name: "vm-a", interfaces: [{ network: NETWORK, address: "10.0.0.4" }], ...more }],
});

describe("the checks of a location in Google Cloud", () => {
  it("pass where everything is as it should be, and change nothing", async () => {
    const found = await examined(worldOf());

    expect(wrong(found)).toEqual([]);
    const checks = ["firewall", "forwarding", "interface", "permissions", "quota"];
    expect([...new Set(found.map((one) => one.check))].sort()).toEqual(checks);
  });

  it("fail where a machine was made without IP forwarding, which nobody can switch on while it runs", async () => {
    const found = await examined(worldOf(open, vm({ canIpForward: false })));

    expect(wrong(found)).toEqual(["fail forwarding a (vm-a)"]);
    expect(found.find((one) => one.state === "fail")).toMatchObject({
      next: expect.stringContaining("cannot change that on a running machine"),
    });
    expect(found.every((one) => one.fix === undefined)).toBe(true);
  });

  it.each([
    ["does not run", vm({ status: "TERMINATED" })],
    ["has no interface in the network", vm({ interfaces: [{ network: "vpc-elsewhere", address: "10.99.0.9" }] })],
  ])("fail where a machine %s", async (_what, more) => {
    expect(wrong(await examined(worldOf(open, more)))).toEqual(["fail interface a (vm-a)"]);
  });

  it.each<[string, readonly Rule[], string]>([
    ["closed for IPsec", open.slice(1), "fail"],
    ["closed for host checks", [open[0] as Rule, open[2] as Rule], "warn"],
    ["closed for the traffic to be forwarded", open.slice(0, 2), "fail"],
    ["that deny before they allow", [{ name: "no", network: NETWORK, action: "deny", priority: 10 }, ...open], "fail"],
    ["for other machines alone", open.map((rule) => ({ ...rule, targetTags: ["web"] })), "fail"],
    ["that are switched off", open.map((rule) => ({ ...rule, disabled: true })), "fail"],
    ["of another network", open.map((rule) => ({ ...rule, network: "vpc-elsewhere" })), "fail"],
    ["that name tags as sources", open.map(({ sourceRanges: _, ...rule }) => ({ ...rule, sourceTags: ["x"] })), "warn"],
  ])("tell of firewall rules %s", async (_what, rules, state) => {
    const told = (await examined(worldOf(rules))).filter((one) => one.state !== "pass");

    expect(told.map((one) => one.check)).toEqual(told.map(() => "firewall"));
    expect(told[0] && told.some((one) => one.state === state)).toBe(true);
  });

  it("fail where permissions are missing, and name them", async () => {
    const denied = ["compute.routes.create", "compute.instances.use"];

    const found = await examined(worldOf(open, { deniedPermissions: denied }));

    expect(wrong(found)).toEqual([`fail permissions ${PROJECT}`]);
    expect(found.find((one) => one.state === "fail")?.found).toBe(
      "missing: compute.instances.use, compute.routes.create",
    );
  });

  it("warn where the Resource Manager cannot be asked", async () => {
    const world = worldOf();
    const send = inProcess(world.emulator);
    const refusing = async (url: string, init: RequestInit) =>
      url.includes("testIamPermissions")
        ? new Response(
            JSON.stringify({ error: { message: "API not enabled", errors: [{ reason: "accessNotConfigured" }] } }),
            {
              status: 403,
            },
          )
        : send(url, init);

    const found = await examined(world, {}, refusing);

    expect(wrong(found)).toEqual(["warn permissions backbone/here"]);
    expect(found.find((one) => one.state === "warn")?.found).toContain("API not enabled");
  });

  it("warn where the firewall rules may not be read, and name the permission", async () => {
    const world = worldOf();
    for (const action of ["firewalls.list", "instances.getEffectiveFirewalls"]) {
      world.emulator.control.fail({ action, fault: { kind: "deny" }, count: 9 });
    }

    const found = await examined(world);

    expect(wrong(found)).toEqual(["warn firewall a (vm-a)", "warn firewall b (vm-b)"]);
    expect(found.find((one) => one.state === "warn")?.next).toContain("compute.firewalls.list");
  });

  it("judge the rules alone where policies may not be read, and say that these are not looked into", async () => {
    const denied = worldOf();
    const shut = worldOf(open.slice(1));
    for (const { emulator } of [denied, shut]) {
      emulator.control.fail({ action: "instances.getEffectiveFirewalls", fault: { kind: "deny" }, count: 9 });
    }

    const found = await examined(denied);

    expect(wrong(found)).toEqual(["warn firewall a (vm-a)", "warn firewall b (vm-b)"]);
    expect(found.find((one) => one.state === "warn")).toMatchObject({
      found: expect.stringContaining("are not looked into"),
      next: expect.stringMatching(/compute\.instances\.getEffectiveFirewalls.*gcp-doctor\.json.*by hand: gcloud/),
    });
    expect(wrong(await examined(shut))).toContain("fail firewall a (vm-a)");
  });

  type Policy = NonNullable<Project["firewallPolicies"]>[number];
  const everywhere = { srcIpRanges: ["0.0.0.0/0"] };
  const org = (...rules: NonNullable<Policy["rules"]>): Policy => ({ name: "org", rules });
  const udp = { protocol: "udp", ports: ["500", "4500"] };

  it.each<[string, readonly Rule[], readonly Policy[], readonly string[]]>([
    [
      "deny IPsec before the rules that allow it",
      open,
      [org({ priority: 1, action: "deny", ...udp, ...everywhere })],
      ["fail", "warn"],
    ],
    ["allow what the rules do not", open.slice(1), [org({ priority: 1, ...udp, ...everywhere })], []],
    [
      "pass on to the rules, whatever they deny after that",
      open,
      [org({ priority: 1, action: "goto_next", ...everywhere }, { priority: 2, action: "deny", ...everywhere })],
      [],
    ],
    [
      "pass on to the next folder, which denies",
      open,
      [
        org({ priority: 1, action: "goto_next", ...everywhere }),
        { ...org({ priority: 1, action: "deny", ...everywhere }), name: "folder" },
      ],
      ["fail", "fail", "warn"],
    ],
    [
      "deny by what cannot be told",
      open,
      [org({ priority: 1, action: "deny", srcRegionCodes: ["XX"], protocol: "udp" })],
      ["warn", "warn"],
    ],
    [
      "deny to other service accounts",
      open,
      [org({ priority: 1, action: "deny", targetServiceAccounts: ["x@y"], ...everywhere })],
      [],
    ],
    ["are switched off", open, [org({ priority: 1, action: "deny", disabled: true, ...everywhere })], []],
    ["are for what goes out", open, [org({ priority: 1, action: "deny", direction: "EGRESS", ...everywhere })], []],
    [
      "stand in the network after its rules",
      open.slice(1),
      [{ ...org({ priority: 1, ...udp, ...everywhere }), type: "NETWORK", network: NETWORK }],
      [],
    ],
    [
      "stand in the network, but after a rule that denies",
      [{ name: "no", network: NETWORK, action: "deny", priority: 10 }, ...open.slice(1)],
      [{ ...org({ priority: 1, ...everywhere }), type: "NETWORK", network: NETWORK }],
      ["fail", "fail", "warn"],
    ],
    [
      "are of another network",
      open,
      [{ ...org({ priority: 1, action: "deny", ...everywhere }), type: "NETWORK", network: "x" }],
      [],
    ],
  ])("look into firewall policies that %s", async (_what, rules, policies, expected) => {
    const found = await examined(worldOf(rules, { firewallPolicies: [...policies] }));

    const told = found.filter((one) => one.state !== "pass" && one.about === "a (vm-a)");
    expect(told.map((one) => `${one.state} ${one.check}`).sort()).toEqual(expected.map((state) => `${state} firewall`));
  });

  it("try the network's policies before its rules where the network says so", async () => {
    const policy: Policy = { ...org({ priority: 1, ...everywhere }), type: "NETWORK", network: NETWORK };
    const shut: readonly Rule[] = [{ name: "no", network: NETWORK, action: "deny", priority: 10 }];
    const networks = [{ name: NETWORK, firewallOrder: "BEFORE_CLASSIC_FIREWALL" as const }];

    expect(wrong(await examined(worldOf(shut, { firewallPolicies: [policy], networks })))).toEqual([]);
  });

  it.each([
    [250, "pass"],
    [111, "warn"],
    [105, "fail"],
  ] as const)(
    "judge a project's quota of %i static routes, with room for a swap's second ones",
    async (limit, state) => {
      const destinations = Array.from({ length: 60 }, (_, at) => `10.200.${at}.0/24`);
      const standing = destinations.slice(0, 50).map((destRange, at) => {
        return { name: `r-${at}`, network: NETWORK, destRange, nextHopInstance: A };
      });

      const found = await examined(worldOf(open, { routeQuota: limit, routes: standing }), { destinations });

      const quota = found.filter((one) => one.check === "quota");
      expect(quota.map((one) => one.state)).toEqual([state]);
      expect(quota[0]?.found).toContain(`110 of ${limit} static routes`);
    },
  );

  it("warn where the project's quotas may not be read, and name the permission", async () => {
    const world = worldOf();
    world.emulator.control.fail({ action: "projects.get", fault: { kind: "deny" }, count: 9 });

    const found = await examined(world);

    expect(wrong(found)).toEqual(["warn quota backbone/here"]);
    expect(found.find((one) => one.state === "warn")?.next).toContain("compute.projects.get");
  });

  it("need no more than the policies of the provider and of the doctor allow, and ask after all of the provider's", async () => {
    const world = worldOf();
    await examined(world);
    const refused = worldOf();
    refused.emulator.control.fail({ action: "instances.getEffectiveFirewalls", fault: { kind: "deny" }, count: 9 });
    await examined(refused);
    const ofDoctor = ["compute.firewalls.list", "compute.instances.getEffectiveFirewalls", "compute.projects.get"];
    const allowed = ["gcp", "gcp-doctor"].flatMap(
      (name) =>
        (JSON.parse(readFileSync(`deploy/policies/${name}.json`, "utf8")) as { includedPermissions: string[] })
          .includedPermissions,
    );
    const called = [world, refused].flatMap(({ emulator }) => Object.keys(emulator.control.counts()) as MethodName[]);

    expect(
      called.flatMap((name) => [...GCP_METHODS[name].permissions]).filter((one) => !allowed.includes(one)),
    ).toEqual([]);
    expect(called.flatMap((name) => [...GCP_METHODS[name].permissions])).toEqual(expect.arrayContaining(ofDoctor));
    const all = await examined(worldOf(open, { deniedPermissions: allowed }));
    const missing = all
      .find((one) => one.check === "permissions")
      ?.found.replace("missing: ", "")
      .split(", ");
    expect(missing).toEqual(allowed.filter((one) => !ofDoctor.includes(one)));
  });
});
