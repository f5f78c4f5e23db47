import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createEc2Emulator, type Ec2Emulator } from "../../dev/emulators/ec2/emulator.ts";
import { serveEc2 } from "../../dev/emulators/ec2/server.ts";
import { createExaminer } from "../../functions/routes/examine.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import { createDoctorRegistry } from "../../shared/providers/doctors.ts";
import { createProviderRegistry } from "../../shared/providers/registry.ts";
import { sampleWorld, type World } from "../admin/world.ts";
import { type Desk, openDesk, type RunOptions } from "./desk.ts";

const regions = [
  {
    region: "us-east-1",
    vpc: "vpc-0a1",
    cidr: "10.0.0.0/16",
    far: "10.1.0.0/16",
    tables: ["rtb-0a1", "rtb-0a2"],
    hosts: "0a",
  },
  { region: "us-west-2", vpc: "vpc-0b1", cidr: "10.1.0.0/16", far: "10.0.0.0/16", tables: ["rtb-0b1"], hosts: "0b" },
];

/** What the sample network names, every route in place at the active hosts. */
function cloud(): Ec2Emulator {
  const emulator = createEc2Emulator({ clock: systemClock });
  emulator.seed({
    regions: regions.map(({ region, vpc, cidr, far, tables, hosts }) => ({
      region,
      vpcs: [{ id: vpc, cidrs: [cidr] }],
      routeTables: tables.map((id) => ({
        id,
        vpc,
        routes: [far, "192.168.0.0/16"].map((destination) => ({ destination, target: `eni-${hosts}1` })),
      })),
      interfaces: [1, 2].map((at) => ({
        id: `eni-${hosts}${at}`,
        vpc,
        addresses: [`${cidr.slice(0, -5)}.7`.replace(/\.0\.7$/, `.${at}.7`)],
        groups: ["sg-1"],
        tags: { Name: `host ${at}` },
      })),
      securityGroups: [{ id: "sg-1", vpc, inbound: [{ cidrs: ["0.0.0.0/0"] }] }],
    })),
  });
  return emulator;
}

let world: World;
let desk: Desk;
let emulator: Ec2Emulator;
let close: () => Promise<void>;
beforeEach(async () => {
  world = await sampleWorld();
  desk = await openDesk(world);
  emulator = cloud();
  const server = await serveEc2(emulator);
  close = () => server.close();
  vi.stubEnv("AWS_ENDPOINT_URL", server.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIATEST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  await own();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await desk.close();
  await close();
  await world.expectNoSecrets(desk.printed);
});

/** The ledger says that the standing routes are ours. */
async function own(): Promise<void> {
  const { link } = await world.place("backbone/us-east/a1");
  for (const { region, far, tables } of regions) {
    const location = link.locations.find((one) => one.cloud?.provider === "aws" && one.cloud.region === region);
    for (const id of tables) {
      for (const destination of [far, "192.168.0.0/16"]) {
        const place = { table: `aws/${region}/${id}`, destination, linkId: link.id, locationId: location?.id ?? "" };
        const entry = { ...place, generation: 1, state: "owned", seen: "", epoch: 1, atMs: 1, by: "x" } as const;
        await world.store.writeLedger(entry, undefined);
      }
    }
  }
}

/** The routes function works off what was asked of it, over the real SDK, whenever the command sleeps. */
async function routesFunction(): Promise<void> {
  const { store, clock, deps } = world;
  if (deps.doctor === undefined) throw new Error("no doctor");
  const parts = { clock };
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
  desk.run(["doctor", ...args], { onSleep: routesFunction, ...options });
const switchOn = (id: string) =>
  emulator.seed({
    regions: regions.map(({ region }) => ({
      region,
      interfaces: emulator
        .dump()
        .regions.find((one) => one.region === region)
        ?.interfaces.filter((one) => one.id === id)
        .map((one) => ({ ...one, sourceDestCheck: true })),
    })),
  });
const checkOf = (id: string) =>
  emulator
    .dump()
    .regions.flatMap((one) => one.interfaces)
    .find((one) => one.id === id)?.sourceDestCheck;

describe("doctor", () => {
  it("prints one table of what passed, tells how far it is, and changes nothing", async () => {
    const before = JSON.stringify(emulator.dump());

    const { code, out, err } = await run([]);

    expect(err).toBe("examining 2 locations in the cloud: 0 done");
    expect(out.split("\n").filter((line) => /^(warn|fail)/.test(line))).toEqual([]);
    expect(out).toMatch(/^ +LOCATION +CHECK +FOUND$/m);
    expect(out).toMatch(
      /^pass {2}backbone\/us-east +permissions +rtb-0a2: allowed: ec2:CreateRoute, ec2:ReplaceRoute$/m,
    );
    expect(out).toMatch(/^pass {2}backbone\/us-west +forwarding +b2 \(eni-0b2\): source\/destination check is off$/m);
    expect(out.split("\n").at(-1)).toMatch(/^0 fail, 0 warn, \d+ pass$/);
    expect(code).toBe(0);
    expect(JSON.stringify(emulator.dump())).toBe(before);
  });

  it("puts what fails first, each with what to do, and ends with status 1", async () => {
    switchOn("eni-0b2");

    const { code, out } = await run([]);

    const lines = out.split("\n");
    expect(lines[1]).toMatch(/^fail {2}backbone\/us-west +forwarding +b2 \(eni-0b2\): source\/destination check is on/);
    expect(lines[2]).toMatch(/^ {6}what to do: aws ec2 modify-network-interface-attribute --region us-west-2 /);
    expect(lines.at(-1)).toMatch(/^1 fail, 0 warn/);
    expect(code).toBe(1);
  });

  it("looks at one location", async () => {
    switchOn("eni-0b2");

    const { code, out } = await run(["backbone/us-east"]);

    expect(code).toBe(0);
    expect(out).not.toContain("backbone/us-west ");
  });

  it("is the same data with --json, without a progress line", async () => {
    switchOn("eni-0b2");

    const { code, out, err } = await run(["backbone/us-west", "--json"]);

    const data = JSON.parse(out) as { fail: number; findings: { state: string; check: string; fix?: unknown }[] };
    expect([code, err, data.fail]).toEqual([1, "", 1]);
    expect(data.findings[0]).toMatchObject({
      state: "fail",
      check: "forwarding",
      fix: { kind: "aws-source-dest-check", region: "us-west-2", networkInterface: "eni-0b2" },
    });
  });

  it("fails for a location whose report does not come within a minute", async () => {
    const { code, out } = await run(["backbone/us-east"], { onSleep: () => {} });

    expect(code).toBe(1);
    expect(out).toContain("the routes function did not answer: no report within 60 s");
  });

  it("names the permission that is refused", async () => {
    emulator.control.fail({ action: "ReplaceRoute", fault: { kind: "deny" }, table: "rtb-0b1" });

    const { code, out } = await run([]);

    expect(code).toBe(1);
    expect(out).toMatch(/^fail {2}backbone\/us-west +permissions +rtb-0b1: ec2:ReplaceRoute is refused$/m);
    expect(out).toContain("what to do: allow ec2:ReplaceRoute on route-table/rtb-0b1");
  });

  it("ends when it is interrupted", async () => {
    const { code, err } = await run([], { onSleep: () => {}, interruptAt: 2 });

    expect(code).toBe(1);
    expect(err).toContain("no reports yet of backbone/us-east, backbone/us-west");
  });

  it("says what is wrong with a command line", async () => {
    expect((await run(["--yes"])).code).toBe(2);
    expect((await run(["backbone/us-east/a1"])).code).toBe(2);
    expect((await run(["us-east"])).err).toContain('no link "us-east"');
    expect((await run(["backbone/nowhere"])).err).toContain('no location "nowhere"');
  });
});

describe("doctor --fix", () => {
  beforeEach(() => {
    switchOn("eni-0a2");
    switchOn("eni-0b2");
  });

  it("lists exactly what it changes, asks, changes that alone, and looks again", async () => {
    const before = emulator.dump();

    const { code, out } = await run(["--fix"], { answers: [true] });

    expect(out).toContain(
      'This would be changed, and nothing else:\n  eni-0a2 "host 2" of account 000000000000 in us-east-1 (vpc-0a1): source/destination check on → off\n  eni-0b2 ',
    );
    expect(out).toContain("Switch 2 settings with your own cloud credentials?");
    expect(out.match(/^fixed: eni-0/gm)).toHaveLength(2);
    expect(out.split("\n").at(-1)).toBe("nothing fails any more");
    expect(code).toBe(0);
    const landed = emulator.control.calls().filter((call) => call.landedMs !== null);
    expect(landed.map(({ action, target }) => `${action} ${target}`)).toEqual([
      "ModifyNetworkInterfaceAttribute eni-0a2",
      "ModifyNetworkInterfaceAttribute eni-0b2",
    ]);
    const after = JSON.stringify(emulator.dump());
    expect(after).toBe(JSON.stringify(before).replaceAll('"sourceDestCheck":true', '"sourceDestCheck":false'));
  });

  it("changes nothing without a yes", async () => {
    const no = await run(["--fix"], { answers: [false] });
    const nobody = await run(["--fix"]);

    expect([no.code, nobody.code]).toEqual([1, 2]);
    expect(nobody.err).toContain("add --yes");
    expect([checkOf("eni-0a2"), checkOf("eni-0b2")]).toEqual([true, true]);
  });

  it("does not ask with --yes, and tells with --json what was fixed", async () => {
    const { code, out } = await run(["--fix", "--yes", "--json"]);

    expect(code).toBe(0);
    const data = JSON.parse(out) as { fixed: { result: string }[] };
    expect(data.fixed.map((one) => one.result)).toEqual(["fixed", "fixed"]);
  });

  it("ends with status 1 where a change is refused, and says which permission is missing", async () => {
    emulator.control.fail({ action: "ModifyNetworkInterfaceAttribute", fault: { kind: "deny" } });

    const { code, out } = await run(["--fix", "--yes"]);

    expect(code).toBe(1);
    expect(out).toContain("not fixed: aws: ec2:ModifyNetworkInterfaceAttribute for eni-0a2");
    expect(out).toMatch(/^fixed: eni-0b2/m);
    expect([checkOf("eni-0a2"), checkOf("eni-0b2")]).toEqual([true, false]);
  });

  it("changes nothing where the operator's credentials do not see the interface", async () => {
    const { code, err } = await run(["--fix", "--yes"], {
      async onSleep(times) {
        await routesFunction();
        if (times === 1) emulator.control.region("us-east-1").removeInterface("eni-0a2");
      },
    });

    expect(code).toBe(1);
    expect(err).toContain("nothing was changed: aws: ec2:DescribeNetworkInterfaces for eni-0a2");
    expect(checkOf("eni-0b2")).toBe(true);
  });

  it("has nothing to do where nothing can be switched on", async () => {
    emulator.control.region("us-west-2").removeInterface("eni-0b2");

    const { code, out } = await run(["backbone/us-west", "--fix", "--yes"]);

    expect(code).toBe(1);
    expect(out).toContain("nothing of this can be switched on from here");
    expect(out).toContain("1 check still to be mended");
  });
});
