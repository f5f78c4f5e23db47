import { describe, expect, it } from "vitest";
import type { DoctorAnswer, LocatedFinding } from "../../functions/admin/doctor-schemas.ts";
import { bitsOf, noBits } from "../../shared/domain/bits.ts";
import type { HostRecord } from "../../shared/domain/records.ts";
import { openWorld, sampleFile, sampleWorld, type World } from "./world.ts";

async function begin(world: World, location?: string): Promise<DoctorAnswer> {
  const reply = await world.post("doctor", location === undefined ? {} : { location });
  expect(reply.status).toBe(200);
  return reply.body;
}

async function read(world: World, id: string): Promise<DoctorAnswer> {
  const reply = await world.get(`doctor/${id}`);
  expect(reply.status).toBe(200);
  return reply.body;
}

/** What the routes function reports of a location. */
async function report(world: World, id: string, locationId: string): Promise<void> {
  const findings = [{ check: "quota", state: "pass", about: "rtb-0a1", found: "2 of 500 routes", next: "" }] as const;
  const atMs = world.clock.nowMs();
  await world.deps.doctor?.examinations.report(id, { locationId, atMs, findings: [...findings] }, undefined);
}

async function changeHost(world: World, path: string, change: Partial<HostRecord>): Promise<void> {
  const { link, location, host } = await world.place(path);
  const records = (await world.store.readLocation(link.id, location.id, "strong")).value;
  const prior = records.hosts.get(host.id);
  if (prior === undefined) throw new Error(`${path} was never heard`);
  await world.store.writeHost(link.id, location.id, { ...prior.value, ...change }, prior.revision);
}

const told = (findings: readonly LocatedFinding[]) =>
  findings.filter((one) => one.state !== "pass").map((one) => `${one.state} ${one.location} ${one.check} ${one.about}`);

describe("POST doctor", () => {
  it("asks the routes function for every location that has a cloud, and says what the records tell", async () => {
    const world = await sampleWorld();

    const answer = await begin(world);

    expect(answer.waitingFor).toEqual(["backbone/us-east", "backbone/us-west"]);
    expect(world.examines.map(({ kind, examinationId, untilMs }) => ({ kind, examinationId, untilMs }))).toEqual(
      Array.from({ length: 2 }, () => ({ kind: "examine", examinationId: answer.id, untilMs: answer.untilMs })),
    );
    expect(answer.untilMs - answer.nowMs).toBe(60_000);
    expect(told(answer.findings)).toEqual([]);
    const checks = new Set(answer.findings.map((one) => one.check));
    expect([...checks].sort()).toEqual(
      ["clock", "heard", "host-check", "ledger", "pointsman", "public-address", "standby", "swap", "tunnels"].sort(),
    );
  });

  it("takes one location, or one link", async () => {
    const world = await sampleWorld();

    const one = await begin(world, "backbone/us-west");
    const all = await begin(world, "backbone");

    expect(one.waitingFor).toEqual(["backbone/us-west"]);
    expect(one.findings.filter((f) => f.location.endsWith("us-east"))).toEqual([]);
    expect(all.waitingFor).toEqual(["backbone/us-east", "backbone/us-west"]);
  });

  it("refuses what is not there, with the names that are", async () => {
    const world = await sampleWorld();

    const refused = await Promise.all(
      ["nolink", "backbone/nowhere", "backbone/us-east/a1"].map((location) => world.post("doctor", { location })),
    );

    expect(refused.map((one) => one.status)).toEqual([404, 404, 404]);
    expect((await world.post("doctor", { place: "x" })).status).toBe(400);
    expect(world.examines).toEqual([]);
  });

  it("changes nothing but the record of the examination", async () => {
    const world = await sampleWorld();
    const rows = () => Object.entries(world.database.dump()).filter(([key]) => !key.includes("examination"));
    const before = JSON.stringify(rows().filter(([, item]) => !JSON.stringify(item).includes("examination/")));

    const { id } = await begin(world);
    await read(world, id);

    expect(JSON.stringify(rows().filter(([, item]) => !JSON.stringify(item).includes("examination/")))).toBe(before);
    expect(world.wakes).toEqual([]);
  });

  it("says so when the queue cannot be reached", async () => {
    const first = await sampleWorld();
    const { doctor } = first.deps;
    if (doctor === undefined) throw new Error("no doctor");
    const broken = openWorld({
      doctor: { ...doctor, queue: () => Promise.reject(new Error("down")) },
      store: first.store,
    });

    const reply = await broken.post("doctor", {});

    expect([reply.status, (reply.body as { error: { code: string } }).error.code]).toEqual([503, "queue-unavailable"]);
  });

  it("refuses more locations than are examined at once", async () => {
    const world = openWorld();
    const many = Array.from(
      { length: 51 },
      (_, at) => `      l${at}: { networks: [10.${at}.0.0/16], hosts: { h: {} } }`,
    );
    const file = `version: 1\nlinks:\n  big:\n    locations:\n${many.join("\n")}\n`;
    expect((await world.post("apply", { file })).status).toBe(200);

    const reply = await world.post("doctor", {});

    expect([reply.status, (reply.body as { error: { code: string } }).error.code]).toEqual([409, "too-many-locations"]);
  });
});

describe("what the records say before an incident", () => {
  it.each([
    ["backbone/us-east/a1", "fail backbone/us-east heard a1"],
    ["backbone/us-east/a2", "warn backbone/us-east heard a2"],
  ])("that %s is silent", async (path, expected) => {
    const world = await sampleWorld();
    await changeHost(world, path, { lastSeenMs: world.clock.nowMs() - 40_000 });

    const { findings } = await begin(world);

    expect(told(findings)).toContain(expected);
  });

  it("that there is no standby, which fails", async () => {
    const world = await sampleWorld();
    await changeHost(world, "backbone/us-east/a2", { left: { agentTimeS: 1, atMs: 1 } });

    const { findings } = await begin(world, "backbone/us-east");

    expect(told(findings)).toEqual([
      "warn backbone/us-east heard a2",
      "fail backbone/us-east standby backbone/us-east",
    ]);
  });

  it("that nobody was ever heard", async () => {
    const world = openWorld();
    await world.post("apply", { file: sampleFile });
    await world.store.noteSwept(world.clock.nowMs());

    const { findings } = await begin(world, "backbone/us-east");

    expect(told(findings)).toEqual([
      "fail backbone/us-east heard a1",
      "fail backbone/us-east heard a2",
      "fail backbone/us-east standby backbone/us-east",
    ]);
  });

  it("that a host's clock is off", async () => {
    const world = await sampleWorld();
    const serverMs = world.clock.nowMs();
    await changeHost(world, "backbone/us-east/a2", {
      anchor: { agentTimeS: Math.floor(serverMs / 1000) - 90, serverMs },
    });

    const { findings } = await begin(world, "backbone/us-east");

    expect(told(findings)).toEqual(["warn backbone/us-east clock a2"]);
    expect(findings.find((one) => one.check === "clock" && one.state === "warn")?.found).toContain("behind");
  });

  it("that a host has no public address", async () => {
    const world = await sampleWorld();
    await changeHost(world, "backbone/us-east/a2", { publicAddress: "" });

    const { findings } = await begin(world, "backbone/us-east");

    expect(told(findings)).toEqual(["fail backbone/us-east public-address a2"]);
  });

  it("that a host does not reach others by host check, which warns", async () => {
    const world = await sampleWorld();
    await changeHost(world, "backbone/us-east/a2", { reach: [noBits, noBits, noBits] });

    const { findings } = await begin(world, "backbone/us-east");

    expect(told(findings)).toEqual(["warn backbone/us-east host-check a2"]);
  });

  it("that tunnels of the active host are down", async () => {
    const world = await sampleWorld();
    const { link } = await world.place("backbone/us-west/b1");
    const far = link.locations.find((one) => one.name === "us-west")?.ordinal ?? 0;
    const down = { [String(far)]: world.clock.nowMs() };
    await changeHost(world, "backbone/us-east/a1", { tunnels: { up: noBits, ever: bitsOf([far]), epoch: 1, down } });
    await world.clock.advance(61_000);
    await changeHost(world, "backbone/us-east/a1", { lastSeenMs: world.clock.nowMs() });

    const { findings } = await begin(world, "backbone/us-east");

    expect(told(findings)).toContain("fail backbone/us-east tunnels a1");
  });

  it("that routes are not updated, with what to do", async () => {
    const world = await sampleWorld();
    const { link, location } = await world.place("backbone/us-east/a1");
    const epoch = (await world.store.readHead(link.id, location.id)).value?.value.epoch ?? 0;
    const errors = [
      { code: "DENIED", message: "ec2:ReplaceRoute refused; allow it", table: "rtb-0a1", destination: "" },
    ];
    const report = {
      epoch,
      atMs: 1,
      firstWriteMs: null,
      verifiedMs: null,
      written: 0,
      total: 2,
      foreign: 0,
      attempts: 1,
    };
    await world.store.writeSwapReport(location.id, { ...report, errors, retryAtMs: null }, undefined);

    const { findings } = await begin(world, "backbone/us-east");

    expect(told(findings)).toEqual(["fail backbone/us-east swap backbone/us-east"]);
    expect(findings.find((one) => one.check === "swap")?.next).toBe("allow it");
  });

  it("that routes are foreign or left over", async () => {
    const world = await sampleWorld();
    const { link, location } = await world.place("backbone/us-east/a1");
    const table = "aws/us-east-1/rtb-0a1";
    if (location.cloud === undefined) throw new Error("no cloud");
    await world.store.noteTable({ table, tableId: "rtb-0a1", cloud: location.cloud });
    const entry = {
      table,
      linkId: link.id,
      locationId: location.id,
      generation: 1,
      seen: "nat-1",
      epoch: 1,
      atMs: 1,
      by: "x",
    };
    await world.store.writeLedger({ ...entry, destination: "10.1.0.0/16", state: "foreign" }, undefined);

    const { findings } = await begin(world, "backbone/us-east");

    expect(told(findings)).toEqual(["warn backbone/us-east ledger backbone/us-east"]);
  });

  it("that a link is paused, and that the schedule stands still", async () => {
    const world = await sampleWorld();
    await world.post("pause", { link: "backbone" });
    await world.clock.advance(5 * 60_000);

    const { findings } = await begin(world, "backbone/us-east");

    expect(told(findings)).toContain("fail backbone pointsman backbone");
    expect(told(findings)).toContain("fail pointsman pointsman the schedule");
  });
});

describe("GET doctor/ID", () => {
  it("gives the reports that are in, and says which are still to come", async () => {
    const world = await sampleWorld();
    const { id } = await begin(world);
    await report(world, id, world.examines[0]?.locationId ?? "");

    const answer = await read(world, id);

    expect(answer.waitingFor).toEqual(["backbone/us-west"]);
    expect(answer.findings.map((one) => `${one.location} ${one.check}`)).toEqual(["backbone/us-east quota"]);
  });

  it("counts a location without a report after a minute as a fail", async () => {
    const world = await sampleWorld();
    const { id } = await begin(world);
    await report(world, id, world.examines[0]?.locationId ?? "");
    await world.clock.advance(60_000);

    const answer = await read(world, id);

    expect(answer.waitingFor).toEqual([]);
    expect(told(answer.findings)).toEqual(["fail backbone/us-west answer backbone/us-west"]);
    expect(answer.findings.at(-1)?.found).toContain("the routes function did not answer");
  });

  it("takes a report once, however often it comes", async () => {
    const world = await sampleWorld();
    const { id } = await begin(world);
    const locationId = world.examines[0]?.locationId ?? "";
    await report(world, id, locationId);
    const again = { locationId, atMs: 1, findings: [] };

    const claim = await world.deps.doctor?.examinations.report(id, again, undefined);

    expect(claim).toEqual({ kind: "lost" });
    expect((await read(world, id)).findings).toHaveLength(1);
  });

  it("forgets an examination after an hour", async () => {
    const world = await sampleWorld();
    const { id } = await begin(world);
    await world.clock.advance(3_601_000);

    const reply = await world.get(`doctor/${id}`);

    expect([reply.status, (reply.body as { error: { code: string } }).error.code]).toEqual([
      404,
      "unknown-examination",
    ]);
  });
});
