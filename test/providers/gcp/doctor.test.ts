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
    const checks = ["firewall", "forwarding", "interface", "permissions"];
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
    world.emulator.control.fail({ action: "firewalls.list", fault: { kind: "deny" }, count: 9 });

    const found = await examined(world);

    expect(wrong(found)).toEqual(["warn firewall backbone/here"]);
    expect(found.find((one) => one.state === "warn")?.next).toContain("compute.firewalls.list");
  });

  it("need no more than the policies of the provider and of the doctor allow, and ask after all of the provider's", async () => {
    const world = worldOf();
    await examined(world);
    const allowed = ["gcp", "gcp-doctor"].flatMap(
      (name) =>
        (JSON.parse(readFileSync(`deploy/policies/${name}.json`, "utf8")) as { includedPermissions: string[] })
          .includedPermissions,
    );
    const called = Object.keys(world.emulator.control.counts()) as MethodName[];

    expect(
      called.flatMap((name) => [...GCP_METHODS[name].permissions]).filter((one) => !allowed.includes(one)),
    ).toEqual([]);
    const all = await examined(worldOf(open, { deniedPermissions: allowed }));
    const missing = all
      .find((one) => one.check === "permissions")
      ?.found.replace("missing: ", "")
      .split(", ");
    expect(missing).toEqual(allowed.filter((one) => one !== "compute.firewalls.list"));
  });
});
