import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type AzureEmulator, createAzureEmulator } from "../../dev/emulators/azure/emulator.ts";
import { serveAzure } from "../../dev/emulators/azure/server.ts";
import { createOciEmulator, type OciEmulator } from "../../dev/emulators/oci/emulator.ts";
import { serveOci } from "../../dev/emulators/oci/server.ts";
import { createExaminer } from "../../functions/routes/examine.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import { createDoctorRegistry } from "../../shared/providers/doctors.ts";
import { createProviderRegistry } from "../../shared/providers/registry.ts";
import { openWorld, type World } from "../admin/world.ts";
import { apiKey, heldSecrets, KEY, TENANCY, USER } from "../providers/oci/api-key.ts";
import { type Desk, openDesk, type RunOptions } from "./desk.ts";

/** From the command line to what stands in the cloud; AWS has its own in doctor.test.ts. */
const SUBSCRIPTION = "0b1f6471-1bf0-4dda-aec3-cb9272f09590";
const network = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network`;
const nicOf = (name: string) => `${network}/networkInterfaces/${name}`;
const VCN = "ocid1.vcn.oc1.phx.home";
const vnicOf = (name: string) => `ocid1.vnic.oc1.phx.${name}`;

const file = `version: 1
links:
  backbone:
    locations:
      west:
        networks: [10.0.0.0/16]
        cloud: { provider: azure, subscription: ${SUBSCRIPTION}, resourceGroup: rg, virtualNetwork: vnet, routeTables: [rt] }
        hosts:
          w1: { priority: 20, target: ${nicOf("nic-1")} }
          w2: { priority: 10, target: ${nicOf("nic-2")} }
      phoenix:
        networks: [10.1.0.0/16]
        cloud:
          provider: oci
          region: us-phoenix-1
          compartment: ocid1.compartment.oc1..c
          vcn: ${VCN}
          routeTables: [ocid1.routetable.oc1.phx.1]
          identity: { secret: pointsman/oci }
        hosts:
          p1: { priority: 20, target: ${vnicOf("1")} }
          p2: { priority: 10, target: ${vnicOf("2")} }
`;

function azureCloud(): AzureEmulator {
  const place = { subscription: SUBSCRIPTION, resourceGroup: "rg" };
  const subnet = `${network}/virtualNetworks/vnet/subnets/hosts`;
  return createAzureEmulator({
    clock: systemClock,
    world: {
      networks: [
        {
          ...place,
          name: "vnet",
          prefixes: ["10.0.0.0/16"],
          subnets: [{ name: "hosts", prefix: "10.0.0.0/24" }],
        },
      ],
      routeTables: [{ ...place, name: "rt" }],
      interfaces: [1, 2].map((at) => ({
        ...place,
        name: `nic-${at}`,
        tags: { team: "network" },
        ipForwarding: at === 1,
        addresses: [{ address: `10.0.0.${3 + at}`, subnet }],
      })),
    },
  });
}

/** The operator's own key, which the cloud knows beside that of the routes function. */
const operator = apiKey("aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99");

function ociCloud(): OciEmulator {
  const compartment = "ocid1.compartment.oc1..c";
  return createOciEmulator({
    clock: systemClock,
    world: {
      apiKeys: { [KEY.keyId]: KEY.publicKey, [operator.keyId]: operator.publicKey },
      vcns: [{ id: VCN, compartment, cidrs: ["10.1.0.0/16"] }],
      subnets: [{ id: "ocid1.subnet.oc1.phx.1", vcn: VCN, compartment, cidr: "10.1.0.0/24" }],
      vnics: [1, 2].map((at) => ({
        id: vnicOf(String(at)),
        subnet: "ocid1.subnet.oc1.phx.1",
        compartment,
        address: `10.1.0.${3 + at}`,
        skipSourceDestCheck: at === 1,
      })),
      routeTables: [{ id: "ocid1.routetable.oc1.phx.1", vcn: VCN, compartment }],
    },
  });
}

let world: World;
let desk: Desk;
let azure: AzureEmulator;
let oci: OciEmulator;
let endpoints: { readonly azure: string; readonly oci: string };
const closers: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  world = openWorld();
  expect((await world.post("apply", { file, why: "first" })).status).toBe(200);
  const hosts = ["west/w1", "west/w2", "phoenix/p1", "phoenix/p2"].map((path) => `backbone/${path}`);
  await world.beat(...hosts);
  for (const path of ["backbone/west", "backbone/phoenix"]) await world.elect(path);
  desk = await openDesk(world);
  azure = azureCloud();
  oci = ociCloud();
  const servers = [await serveAzure(azure), await serveOci(oci)] as const;
  endpoints = { azure: servers[0].url, oci: servers[1].url };
  const home = await operatorHome();
  closers.push(
    () => desk.close(),
    ...servers.map((server) => () => server.close()),
    () => rm(home, { recursive: true, force: true }),
  );
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.splice(0)) await close();
  await world.expectNoSecrets(desk.printed);
});

/** The configuration of OCI's own command line, as the operator has it. */
async function operatorHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "pointsman-oci-"));
  const { fingerprint, privateKey } = JSON.parse(operator.secret) as { fingerprint: string; privateKey: string };
  const key = join(home, "key.pem");
  const lines = ["[DEFAULT]", `user=${USER}`, `fingerprint=${fingerprint}`, `tenancy=${TENANCY}`, `key_file=${key}`];
  await mkdir(join(home, ".oci"));
  await writeFile(key, privateKey, { mode: 0o600 });
  await writeFile(join(home, ".oci", "config"), `${[...lines, "region=us-phoenix-1"].join("\n")}\n`, { mode: 0o600 });
  vi.stubEnv("OCI_CONFIG_FILE", join(home, ".oci", "config"));
  return home;
}

/** The routes function works off what was asked of it, over the real SDKs, whenever the command sleeps. */
async function routesFunction(): Promise<void> {
  const { store, clock, deps } = world;
  if (deps.doctor === undefined) throw new Error("no doctor");
  const parts = { clock: systemClock, cloudEndpoints: endpoints, cloudSecrets: heldSecrets(KEY.secret) };
  const examine = createExaminer({
    store,
    clock,
    log: deps.log,
    examinations: deps.doctor.examinations,
    openProvider: createProviderRegistry(parts),
    openDoctor: createDoctorRegistry(parts),
  });
  await Promise.all(world.examines.splice(0).map(examine));
}

const run = (args: readonly string[], options: RunOptions = {}) =>
  desk.run(["doctor", ...args], {
    onSleep: routesFunction,
    env: { POINTSMAN_AZURE_ENDPOINT: endpoints.azure, POINTSMAN_OCI_ENDPOINT: endpoints.oci },
    ...options,
  });

type Case = {
  readonly location: string;
  readonly setting: string;
  readonly change: string;
  readonly permission: string;
  readonly dump: () => unknown;
  /** How the setting stands in a dump before and after. */
  readonly off: string;
  readonly on: string;
  readonly changes: () => readonly { readonly landedMs: number | null }[];
  readonly refuse: () => void;
  readonly remove: () => void;
};

const cases: readonly Case[] = [
  {
    location: "backbone/west",
    setting: "nic-2",
    change: "IP forwarding off → on",
    permission: "Microsoft.Network/networkInterfaces/write",
    dump: () => azure.dump(),
    off: '"ipForwarding":false',
    on: '"ipForwarding":true',
    changes: () => azure.control.calls(),
    refuse: () =>
      azure.control.fail({ action: "Microsoft.Network/networkInterfaces/write", fault: { kind: "deny" }, count: 9 }),
    remove: () => azure.control.removeInterface(nicOf("nic-2")),
  },
  {
    location: "backbone/phoenix",
    setting: vnicOf("2"),
    change: "skipSourceDestCheck off → on",
    permission: "VNIC_UPDATE",
    dump: () => oci.dump(),
    off: '"skipSourceDestCheck":false',
    on: '"skipSourceDestCheck":true',
    changes: () => oci.control.calls(),
    refuse: () => oci.control.fail({ action: "UpdateVnic", fault: { kind: "deny" }, count: 9 }),
    remove: () => oci.control.edit.removeVnic(vnicOf("2")),
  },
];

describe.each(cases)("doctor --fix of $location", (cloud) => {
  const text = () => JSON.stringify(cloud.dump());

  it("lists exactly what it changes, asks, changes that alone, and looks again", async () => {
    const before = text();

    const { out } = await run([cloud.location, "--fix"], { answers: [true] });

    const [listed = ""] = out.split("This would be changed, and nothing else:\n").slice(1);
    const [plan = "", question = ""] = listed.split("\n");
    expect(plan).toContain(cloud.setting);
    expect(plan).toContain(cloud.change);
    expect(question).toBe("Switch 1 setting with your own cloud credentials?");
    expect(out.match(/^fixed: .*$/gm)).toEqual([`fixed: ${plan.trim()}`]);
    expect(before).toContain(cloud.off);
    expect(text()).toBe(before.replace(cloud.off, cloud.on));
  });

  it("finds nothing of forwarding to mend afterwards", async () => {
    await run([cloud.location, "--fix", "--yes"]);

    const { out } = await run([cloud.location, "--json"]);

    const { findings } = JSON.parse(out) as { findings: { check: string; state: string }[] };
    expect(findings.filter(({ check }) => check === "forwarding").map(({ state }) => state)).toEqual(["pass", "pass"]);
  });

  it("changes nothing without a yes", async () => {
    const before = text();

    const no = await run([cloud.location, "--fix"], { answers: [false] });
    const nobody = await run([cloud.location, "--fix"]);

    expect([no.code, nobody.code]).toEqual([1, 2]);
    expect(text()).toBe(before);
    expect(cloud.changes()).toEqual([]);
  });

  it("ends with status 1 where the change is refused, and says which permission is missing", async () => {
    cloud.refuse();
    const before = text();

    const { code, out } = await run([cloud.location, "--fix", "--yes", "--json"]);

    const { fixed } = JSON.parse(out) as { fixed: { result: string; what: string }[] };
    expect([code, fixed.map(({ result }) => result)]).toEqual([1, ["failed"]]);
    expect(fixed[0]?.what).toContain(cloud.permission);
    expect(text()).toBe(before);
  });

  it("changes nothing where the operator does not see it any more", async () => {
    const { code, err } = await run([cloud.location, "--fix", "--yes"], {
      async onSleep(times) {
        await routesFunction();
        if (times === 1) cloud.remove();
      },
    });

    expect(code).toBe(1);
    expect(err).toContain("nothing was changed");
    expect(cloud.changes()).toEqual([]);
  });
});

describe("doctor --fix of both clouds", () => {
  it("asks once, and switches each with its own cloud's credentials", async () => {
    const { out } = await run(["--fix"], { answers: [true] });

    expect(out).toContain("Switch 2 settings with your own cloud credentials?");
    expect(out.match(/^fixed: /gm)).toHaveLength(2);
    expect(JSON.stringify([azure.dump(), oci.dump()])).not.toMatch(/"(?:ipForwarding|skipSourceDestCheck)":false/);
  });

  it("sends no token to an Azure without TLS that is not on this machine", async () => {
    const env = { POINTSMAN_AZURE_ENDPOINT: "http://azure.test", POINTSMAN_OCI_ENDPOINT: endpoints.oci };

    const { code, err } = await run(["backbone/west", "--fix", "--yes"], { env });

    expect(code).toBe(1);
    expect(err).toContain("http://azure.test is no https address");
  });
});
