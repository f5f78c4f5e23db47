import { describe, expect, it } from "vitest";
import { createExaminer } from "../../functions/routes/examine.ts";
import { RouteError } from "../../shared/domain/errors.ts";
import { type Finding, passed } from "../../shared/domain/finding.ts";
import { doctorLimits } from "../../shared/domain/limits.ts";
import type { ExaminedLocation, OpenDoctor } from "../../shared/ports/cloud-doctor.ts";
import type { Examine } from "../../shared/ports/examinations.ts";
import type { OpenProvider } from "../../shared/ports/route-provider.ts";
import { openExaminations } from "../../shared/store/examination-records.ts";
import { recordingLog } from "../platform/recording-log.ts";
import { backbone, createWorld, hereIn, routeCalls, settledWorld, type World } from "./world.ts";

const request = (world: World): Examine => ({
  kind: "examine",
  linkId: "backbone",
  locationId: "here",
  examinationId: "e1",
  untilMs: world.clock.nowMs() + 60_000,
});

const denied = () =>
  new RouteError("DENIED", "aws: ec2:DescribeRouteTables is refused", { retry: "later", next: "allow it" });

/** The examiner over a world's cloud, with a doctor that finds nothing wrong unless another is given. */
function examinerOf(world: World, change: { openProvider?: OpenProvider; openDoctor?: OpenDoctor } = {}) {
  const examinations = openExaminations(world.database);
  const seen: { location?: ExaminedLocation } = {};
  const openDoctor: OpenDoctor = async () => ({
    async examine(location) {
      seen.location = location;
      return [passed("quota", "rtb-1", "room for more")];
    },
  });
  const openProvider = world.cloud.open("examiner");
  const { store, clock } = world;
  const deps = { store, clock, log: recordingLog(), examinations, openProvider, openDoctor };
  const examine = createExaminer({ ...deps, ...change });
  return {
    seen,
    examinations,
    async run(asked: Examine = request(world)): Promise<readonly Finding[] | undefined> {
      const atMs = clock.nowMs();
      await examinations.begin({ id: "e1", atMs, untilMs: atMs + 60_000, by: "operator x", locations: [] });
      await world.drive(examine(asked));
      return (await examinations.read("e1"))?.reports[0]?.findings;
    },
  };
}

const told = (findings: readonly Finding[] | undefined) =>
  (findings ?? []).map((one) => `${one.state} ${one.check}`).sort();
const wrong = (findings: readonly Finding[] | undefined) =>
  (findings ?? []).filter((one) => one.state !== "pass").map(({ state, check, found }) => ({ state, check, found }));

describe("the examination of a location by the routes function", () => {
  it("passes where all is well, calls nothing that changes the cloud, and writes nothing but its report", async () => {
    const world = await settledWorld();
    const calls = routeCalls(world).length;
    const rows = () =>
      [...(world.database.dump() as object[])].filter((row) => !JSON.stringify(row).includes('"examination/'));
    const before = JSON.stringify(rows());

    const { run, seen } = examinerOf(world);
    const found = await run();

    expect(told(found)).toEqual(["pass identity", "pass quota", "pass routes", "pass tables"]);
    expect(routeCalls(world).length).toBe(calls);
    expect(JSON.stringify(rows())).toBe(before);
    expect(world.swaps).toEqual([]);
    expect(seen.location).toMatchObject({
      name: "backbone/here",
      networks: ["10.1.0.0/16"],
      destinations: ["10.2.0.0/16", "10.3.0.0/16"],
      removeRoutes: false,
      hosts: [
        { name: "a1", isActive: true, found: "eni-a1" },
        { name: "a2", isActive: false, found: "eni-a2" },
      ],
    });
  });

  it("warns of routes that are somebody else's", async () => {
    const world = createWorld();
    world.cloud.set("rtb-1", "10.2.0.0/16", "nat-1");
    const settled = await settleOn(world);

    const found = wrong(await examinerOf(settled).run());

    expect(found).toMatchObject([{ state: "warn", check: "routes" }]);
    expect(found[0]?.found).toContain("foreign: 10.2.0.0/16 in rtb-1");
  });

  it("fails on routes that another location owns", async () => {
    const world = await settledWorld();
    const [entry] = await world.ledger();
    if (entry === undefined) throw new Error("no entry");
    const prior = (await world.store.readLedger(entry.table)).get(entry.destination)?.revision;
    await world.store.writeLedger({ ...entry, locationId: "there" }, prior);

    const found = wrong(await examinerOf(world).run());

    expect(found).toMatchObject([{ state: "fail", check: "routes" }]);
    expect(found[0]?.found).toContain("another location owns");
  });

  it("fails on blackholes at the active host", async () => {
    const world = await settledWorld();
    world.cloud.detachInterface("eni-a1");

    const found = wrong(await examinerOf(world).run());

    expect(found).toMatchObject([{ state: "fail", check: "routes" }]);
    expect(found[0]?.found).toContain("blackholes: 10.2.0.0/16");
  });

  it("warns of stale routes, and of none while they are being written", async () => {
    const world = await settledWorld();
    world.cloud.set("rtb-1", "10.2.0.0/16", "eni-a2");

    const stale = wrong(await examinerOf(world).run());
    await world.decide("a2");
    const other = examinerOf(world);
    const pending = await other.run({ ...request(world), locationId: "here", examinationId: "e1" });

    expect(stale).toMatchObject([{ state: "warn", check: "routes" }]);
    expect(stale[0]?.found).toContain("not as decided: 10.2.0.0/16 in rtb-1");
    expect(pending).toBeDefined();
  });

  it("warns of routes at a link host that Pointsman does not move", async () => {
    const world = await settledWorld();
    world.cloud.set("rtb-2", "172.20.0.0/16", "eni-a1");

    const found = wrong(await examinerOf(world).run());

    expect(found).toMatchObject([{ state: "warn", check: "routes" }]);
    expect(found[0]?.found).toContain("172.20.0.0/16 in rtb-2");
  });

  it("fails where a host's interface cannot be told, and goes on with the others", async () => {
    const world = await settledWorld();
    world.cloud.removeInterface("eni-a2");

    const { run, seen } = examinerOf(world);
    const found = wrong(await run());

    expect(found).toMatchObject([{ state: "fail", check: "interface" }]);
    expect(seen.location?.hosts.map((host) => host.found)).toEqual(["eni-a1", undefined]);
  });

  it("fails where the identity is not let in, and says what is missing", async () => {
    const world = await settledWorld();
    const openProvider: OpenProvider = async () => {
      throw denied();
    };

    const found = await examinerOf(world, { openProvider }).run();

    expect(found).toEqual([
      {
        check: "identity",
        state: "fail",
        about: "backbone/here",
        found: "DENIED: aws: ec2:DescribeRouteTables is refused",
        next: "allow it",
      },
    ]);
  });

  it("fails where the tables are gone, and lets the doctor look at the rest", async () => {
    const world = await settledWorld();
    world.cloud.removeTable("rtb-2");

    const { run, seen } = examinerOf(world);
    const found = wrong(await run());

    expect(found).toMatchObject([{ state: "fail", check: "tables" }]);
    expect(seen.location?.survey).toBeUndefined();
  });

  it("fails where a cloud has no doctor, or the doctor itself does", async () => {
    const world = await settledWorld();
    const openDoctor: OpenDoctor = async () => ({ examine: () => Promise.reject(new TypeError("x is undefined")) });

    const found = wrong(await examinerOf(world, { openDoctor }).run());

    expect(found).toEqual([{ state: "fail", check: "answer", found: "UNKNOWN: TypeError: x is undefined" }]);
  });

  it("reports a location that is gone from the configuration", async () => {
    const world = await settledWorld();

    const found = wrong(await examinerOf(world).run({ ...request(world), linkId: "gone" }));

    expect(found).toMatchObject([{ state: "fail", check: "answer" }]);
  });

  it("drops a request that comes too late", async () => {
    const world = await settledWorld();

    const found = await examinerOf(world).run({ ...request(world), untilMs: world.clock.nowMs() });

    expect(found).toBeUndefined();
  });

  it("keeps a report within its bounds, the worst findings first", async () => {
    const world = await settledWorld();
    const openDoctor: OpenDoctor = async () => ({
      examine: async () => [
        ...Array.from({ length: 300 }, () => passed("quota", "t", "x".repeat(5_000))),
        { ...passed("quota", "t", "bad"), state: "fail" as const },
      ],
    });

    const found = (await examinerOf(world, { openDoctor }).run()) ?? [];

    expect(found).toHaveLength(doctorLimits.findings);
    expect(found[0]?.state).toBe("fail");
    expect(Math.max(...found.map((one) => one.found.length))).toBeLessThanOrEqual(doctorLimits.textChars + 1);
  });

  it("leaves a cloud that answers nothing within the time of a run, and reports that", async () => {
    const world = await settledWorld();
    const openProvider: OpenProvider = async (cloud) => ({
      ...(await world.cloud.open("examiner")(cloud)),
      survey: (signal) =>
        new Promise((_resolve, reject) => {
          const late = () => new RouteError("TIMED_OUT", "given up", { retry: "soon", next: "try again" });
          signal.addEventListener("abort", () => reject(late()), { once: true });
        }),
    });
    const begunMs = world.clock.nowMs();

    const found = wrong(await examinerOf(world, { openProvider }).run());

    expect(world.clock.nowMs() - begunMs).toBe(doctorLimits.runMs);
    expect(found.some((one) => one.check === "identity" && one.found.startsWith("TIMED_OUT"))).toBe(true);
  });
});

/** Brings a world to rest as `settledWorld` does, on a cloud that is seeded already. */
async function settleOn(world: World): Promise<World> {
  await world.apply([backbone(hereIn())]);
  await world.decide("a1");
  await world.swap();
  await world.clock.advance(60_000);
  return world;
}
