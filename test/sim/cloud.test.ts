import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { createTruth, keptMs } from "../../dev/memory-cloud-truth.ts";
import type { ChangeOutcome } from "../../shared/ports/route-provider.ts";
import type { Fact } from "../../sim/facts.ts";
import type { WeatherKind } from "../../sim/faults/kinds.ts";
import {
  type CloudWorld,
  create,
  createCloudWorld,
  mayWrite,
  never,
  remove,
  replace,
  tableA,
  tableB,
  there,
} from "./cloud-world.ts";

const kinds = ["replace", "etag", "ec2"] as const;
const results = (outcomes: readonly ChangeOutcome[]): readonly string[] =>
  outcomes.map((outcome) => (outcome.result === "written" ? "written" : outcome.error.code));

/** Writes until `isEnough`, with time in between so that reads catch up. */
async function writeUntil(world: CloudWorld, isEnough: () => boolean): Promise<readonly string[]> {
  const provider = await world.providerIn(world.processOf("writer"));
  const codes: string[] = [];
  for (let time = 0; !isEnough() && time < 60; time++) {
    const change = world.target(tableA.id, there) === undefined ? create : replace;
    codes.push(
      ...results(await world.drive(provider.write([change("eni-site0-h0")], { guard: mayWrite, epoch: 1 }, never()))),
    );
    await world.live(3_000);
  }
  return codes;
}

describe.each(kinds)("the simulator's cloud of the kind %s", (kind) => {
  it("carries out changes, and says of each who made it, when it landed, and what stood there before and after", async () => {
    const world = await createCloudWorld(kind);
    const provider = await world.providerIn(world.processOf("routes-1"));
    const write = async (...changes: Parameters<typeof provider.write>[0]) => {
      await world.live(1_500);
      return results(await world.drive(provider.write(changes, { guard: mayWrite, epoch: 1 }, never())));
    };

    expect(await write(create("eni-site0-h0"))).toEqual(["written"]);
    expect(await write(create("eni-site0-h0", tableB))).toEqual(["written"]);
    expect(await write(replace("eni-site0-h1"))).toEqual(["written"]);
    expect(await write(remove(tableB))).toEqual(["written"]);
    expect(await write(create("eni-site0-h0"))).toEqual(["ROUTE_EXISTS"]);

    const cloud = kind === "etag" ? "etag" : "replace";
    const done = world.landed().filter((call) => call.result === "ok");
    expect(done.map(({ kind: what, table, before, after }) => [what, table, before, after])).toEqual([
      ["create", tableA.id, undefined, "eni-site0-h0"],
      ["create", tableB.id, undefined, "eni-site0-h0"],
      ["replace", tableA.id, "eni-site0-h0", "eni-site0-h1"],
      ["remove", tableB.id, "eni-site0-h0", undefined],
    ]);
    for (const call of done) {
      expect(call).toMatchObject({ cloud, destination: there, writer: { process: "routes-1", role: "routes" } });
      expect(call.sentMs).toBe(call.startedMs);
      expect((call.landedMs ?? 0) - call.sentMs).toBeGreaterThanOrEqual(10);
      expect((call.landedMs ?? 0) - call.sentMs).toBeLessThanOrEqual(75);
    }
    expect(world.cloud.routes(tableA.id).find((route) => route.destination === there)).toEqual({
      destination: there,
      target: "eni-site0-h1",
      isBlackhole: false,
      by: "pointsman",
      atMs: done[2]?.landedMs,
    });
    expect(world.target(tableB.id, there)).toBeUndefined();
  });

  it("has somebody else's routes in every table from the beginning, static ones and others", async () => {
    const world = await createCloudWorld(kind);
    const provider = await world.providerIn(world.processOf("p"));

    const { tables, routes } = await world.drive(provider.survey(never()));

    expect(tables.map((table) => table.id)).toEqual(["rtb-0a", "rtb-0b"]);
    for (const table of tables) {
      const here = routes.filter((route) => route.table.id === table.id);
      expect(new Set(here.map((route) => route.isStatic))).toEqual(new Set([true, false]));
      expect(world.cloud.routes(table.id).map((route) => route.by)).toEqual(here.map(() => "somebody"));
    }
  });

  it("shows reads what stood a moment ago", async () => {
    const world = await createCloudWorld(kind);
    await world.live(1_500);
    const provider = await world.providerIn(world.processOf("p"));
    await world.drive(provider.write([create("eni-site0-h0")], { guard: mayWrite, epoch: 1 }, never()));

    const shown: boolean[] = [];
    for (let time = 0; time < 40; time++) {
      const routes = await world.drive(provider.read([tableA], never()));
      shown.push(routes.some((route) => route.destination === there));
    }

    expect(shown.at(-1)).toBe(true);
    expect(shown).toContain(false);
  });

  it("answers nothing while it is down, and a caller gives up after its time", async () => {
    const world = await createCloudWorld(kind);
    await world.live(1_500);
    const provider = await world.providerIn(world.processOf("p"));
    world.cloud.isDown = true;
    const begunMs = world.timeline.nowMs();

    const outcomes = await world.drive(
      provider.write([create("eni-site0-h0")], { guard: mayWrite, epoch: 1 }, never()).catch(codeOf),
    );

    expect(world.timeline.nowMs() - begunMs).toBeGreaterThanOrEqual(5_000);
    expect(JSON.stringify(outcomes)).toContain("TIMED_OUT");
    world.cloud.isDown = false;
    await world.live(60_000);
    expect(world.target(tableA.id, there)).toBeUndefined();
    expect(
      results(await world.drive(provider.write([create("eni-site0-h0")], { guard: mayWrite, epoch: 1 }, never()))),
    ).toEqual(["written"]);
  });

  it("lands a call that a frozen process sends late, and says so", async () => {
    const world = await createCloudWorld(kind);
    await world.live(1_500);
    const process = world.processOf("p");
    const provider = await world.providerIn(process);
    const freeze = async () => process.freeze(90_000);

    const work = provider.write([create("eni-site0-h0")], { guard: freeze, epoch: 1 }, never());
    await world.live(80_000);
    expect(world.started()).toHaveLength(1);
    expect(world.landed()).toEqual([]);
    const outcomes = await world.drive(work);
    await world.live(1_000);

    expect(results(outcomes)).toEqual(["TIMED_OUT"]);
    const [call] = world.landed();
    expect(call).toMatchObject({ number: world.started()[0]?.number, result: "ok", after: "eni-site0-h0" });
    expect((call?.sentMs ?? 0) - (call?.startedMs ?? 0)).toBe(90_000);
    expect(world.target(tableA.id, there)).toBe("eni-site0-h0");
  });

  it("never lands a call of a process that was killed before it sent", async () => {
    const world = await createCloudWorld(kind);
    await world.live(1_500);
    const process = world.processOf("p");
    const provider = await world.providerIn(process);

    void provider.write([create("eni-site0-h0")], { guard: async () => process.kill(), epoch: 1 }, never());
    await world.live(120_000);

    expect(world.landed()).toEqual([]);
    expect(world.target(tableA.id, there)).toBeUndefined();
  });

  it("lands a call whose process was killed when it was under way", async () => {
    const world = await createCloudWorld(kind);
    await world.live(1_500);
    const process = world.processOf("p");
    const provider = await world.providerIn(process);

    void provider.write([create("eni-site0-h0")], { guard: mayWrite, epoch: 1 }, never());
    for (let step = 0; step < 2_000 && world.started().length === 0; step++) await world.live(1);
    process.kill();
    await world.live(1_000);

    expect(world.landed()).toMatchObject([{ result: "ok" }]);
    expect(world.target(tableA.id, there)).toBe("eni-site0-h0");
  });

  it("takes a burst of changing calls, and then throttles", async () => {
    const world = await createCloudWorld(kind);
    await world.live(1_500);
    const targets = ["eni-site0-h0", "eni-site0-h1"];

    await Promise.all(
      Array.from({ length: 70 }, async (_, at) => {
        const provider = await world.providerIn(world.processOf(`p${at}`));
        const changes = [create(targets[at % 2] ?? "", at % 2 === 0 ? tableA : tableB, `10.90.${at}.0/24`)];
        const run = new AbortController();
        void provider.write(changes, { guard: mayWrite, epoch: 1 }, run.signal);
        world.timeline.at(world.timeline.nowMs() + 400, () => run.abort());
      }),
    );
    await world.live(2_000);

    const firsts = new Map([...world.landed()].reverse().map((call) => [call.writer.process, call]));
    const refused = [...firsts.values()].filter((call) => call.result === "refused");
    expect(firsts.size).toBe(70);
    expect(refused.length).toBeGreaterThanOrEqual(kind === "etag" ? 15 : 18);
    expect(world.weather.counts.get("cloud-throttle")).toBeUndefined();
  });

  it.each<[WeatherKind, (world: CloudWorld, codes: readonly string[]) => void]>([
    ["cloud-throttle", ({ landed }) => expect(landed().map((call) => call.result)).toContain("refused")],
    [
      "cloud-late",
      ({ landed }) => {
        const late = landed().filter((call) => (call.landedMs ?? 0) - call.sentMs > 5_000);
        expect(late.map((call) => call.result)).toContain("ok");
      },
    ],
    [
      "cloud-lost-answer",
      ({ landed }, codes) => {
        expect(landed().map((call) => call.result)).toContain("ok");
        expect(codes.some((code) => code === "TIMED_OUT" || code === "CLOUD_FAULT")).toBe(true);
      },
    ],
    [
      "cloud-refuse",
      ({ landed }, codes) => {
        expect(landed().map((call) => call.result)).toContain("refused");
        expect(codes.some((code) => ["CLOUD_FAULT", "UNREACHABLE", "DENIED", "TIMED_OUT"].includes(code))).toBe(true);
      },
    ],
  ])("is struck by the weather's %s, which is counted", async (weather, proves) => {
    const world = await createCloudWorld(kind, 3);
    await world.live(1_500);
    const strikes = () => world.weather.counts.get(weather) ?? 0;

    let codes: readonly string[] = [];
    for (let spell = 0; spell < 4; spell++) {
      world.storm(weather);
      const most = strikes() + 6;
      codes = [...codes, ...(await writeUntil(world, () => strikes() >= most))];
    }
    await world.live(90_000);

    expect(strikes()).toBeGreaterThanOrEqual(20);
    expect(world.facts.filter((fact) => fact.kind === "fault" && fact.fault === weather)).toHaveLength(strikes());
    proves(world, codes);
  });

  it("shows reads an old state in bad weather, which is counted", async () => {
    const world = await createCloudWorld(kind, 2);
    await world.live(20_000);
    const provider = await world.providerIn(world.processOf("p"));
    await world.drive(provider.write([create("eni-site0-h0")], { guard: mayWrite, epoch: 1 }, never()));
    await world.live(1_500);

    world.storm("cloud-stale");
    const shown: boolean[] = [];
    for (let time = 0; time < 30; time++) {
      const routes = await world.drive(provider.read([tableA], never()));
      shown.push(routes.some((route) => route.destination === there));
    }

    expect(shown).toContain(false);
    expect(world.weather.counts.get("cloud-stale")).toBeGreaterThan(0);
  });

  it("does the same again, whatever ran before", async () => {
    const live = async (seed: number): Promise<readonly Fact[]> => {
      const world = await createCloudWorld(kind, seed);
      const weathers = ["throttle", "late", "lost-answer", "refuse", "stale"] as const;
      for (const one of weathers) world.storm(`cloud-${one}`);
      for (let n = 0; n < 6; n++) {
        for (const incident of ["interface-replaced", "foreign-route"] as const) {
          world.cloud.begin({ number: n, kind: incident, fromMs: 0, toMs: 20_000, roll: (n + 0.3) / 6 });
        }
        await writeUntil(world, () => world.landed().length > 4 * n);
      }
      return world.facts.map((fact) => structuredClone(JSON.parse(JSON.stringify(fact)) as Fact));
    };

    const first = await live(11);
    await live(12);

    expect(await live(11)).toEqual(first);
    expect(first.length).toBeGreaterThan(50);
  });
});

/** Bytes in use after everything was collected that can be. */
function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

const codeOf = (error: unknown): string => (error as { readonly code: string }).code;

describe("tables that are changed on their etag", () => {
  it("refuse a call that was held while somebody else changed the table", async () => {
    const world = await createCloudWorld("etag");
    await world.live(1_500);
    const [slow, fast] = [world.processOf("slow"), world.processOf("fast")];
    const [late, early] = [await world.providerIn(slow), await world.providerIn(fast)];

    const held = late.write([create("eni-site0-h0")], { guard: async () => slow.freeze(30_000), epoch: 1 }, never());
    await world.live(2_000);
    const outcomes = await world.drive(early.write([create("eni-site0-h1")], { guard: mayWrite, epoch: 1 }, never()));
    const heldCodes = results(await world.drive(held));
    await world.live(60_000);

    expect(results(outcomes)).toEqual(["written"]);
    expect(heldCodes).toEqual(["TIMED_OUT"]);
    expect(world.landed().map((call) => [call.writer.process, call.result])).toEqual([
      ["fast", "ok"],
      ["slow", "refused"],
    ]);
    expect(world.target(tableA.id, there)).toBe("eni-site0-h1");
  });

  it("are read and merged again when somebody else was faster, and the guard is asked again", async () => {
    const world = await createCloudWorld("etag");
    await world.live(1_500);
    const provider = await world.providerIn(world.processOf("p"));
    const other = await world.providerIn(world.processOf("other"));
    let asked = 0;
    const guard = async () => {
      asked++;
      if (asked > 1) return;
      const outcomes = await other.write(
        [create("eni-site0-h1", tableA, "10.3.0.0/16")],
        { guard: mayWrite, epoch: 1 },
        never(),
      );
      expect(results(outcomes)).toEqual(["written"]);
    };

    const outcomes = await world.drive(provider.write([create("eni-site0-h0")], { guard: guard, epoch: 1 }, never()));

    expect(results(outcomes)).toEqual(["written"]);
    expect(asked).toBeGreaterThanOrEqual(2);
    expect(world.target(tableA.id, there)).toBe("eni-site0-h0");
    expect(world.target(tableA.id, "10.3.0.0/16")).toBe("eni-site0-h1");
  });

  it("are given up when they change again and again", async () => {
    const world = await createCloudWorld("etag");
    await world.live(1_500);
    const provider = await world.providerIn(world.processOf("p"));
    const meddle = async () =>
      world.cloud.begin({ number: 0, kind: "foreign-route", fromMs: 0, toMs: 1, roll: someTheirsInTableA });
    const someTheirsInTableA = await rollOf("rtb-0a");

    const outcomes = await world.drive(provider.write([create("eni-site0-h0")], { guard: meddle, epoch: 1 }, never()));

    expect(results(outcomes)).toEqual(["LOCKED"]);
    expect(world.started()).toHaveLength(5);
  });

  it("change as a whole: several routes in one call, or none of them", async () => {
    const world = await createCloudWorld("etag");
    await world.live(1_500);
    const provider = await world.providerIn(world.processOf("p"));
    let asked = 0;
    const changes = [create("eni-site0-h0"), create("eni-missing", tableA, "10.3.0.0/16")];

    const outcomes = await world.drive(provider.write(changes, { guard: async () => void asked++, epoch: 1 }, never()));

    expect(results(outcomes)).toEqual(["written", "TARGET_MISSING"]);
    expect(asked).toBe(2);
    expect(world.landed().map((call) => call.result)).toEqual(["refused", "refused", "ok"]);
  });
});

/** A roll of a foreign-route incident that changes a table while nothing of Pointsman's stands in it. */
async function rollOf(table: string): Promise<number> {
  for (let roll = 0.001; roll < 1; roll += 0.013) {
    const world = await createCloudWorld("replace");
    const before = world.facts.length;
    world.cloud.begin({ number: 0, kind: "foreign-route", fromMs: 0, toMs: 1, roll });
    const [change] = world.facts.slice(before);
    if (change?.kind === "foreign-change" && change.table === table) return roll;
  }
  throw new Error("no such roll");
}

describe("what a simulated day leaves behind", () => {
  it("is no past that no read can be shown any more", () => {
    let nowMs = 0;
    const truth = createTruth({ monotonicMs: () => nowMs });
    truth.addTable({ id: "rtb", vpc: "vpc" });
    for (; nowMs < 86_400_000; nowMs += 5_000) truth.put("rtb", there, `eni-${nowMs}`, true);

    const oldest = truth.snapshot("rtb", Number.MAX_SAFE_INTEGER);

    expect(oldest?.atMs).toBeGreaterThan(nowMs - keptMs - 15_000);
    expect(truth.snapshot("rtb", 0)?.version).toBe(86_400_000 / 5_000);
  });

  it.each(["replace", "etag"] as const)(
    "is nothing that grows with the calls to a cloud of the kind %s",
    async (kind) => {
      const world = await createCloudWorld(kind);
      await world.live(1_500);
      const provider = await world.providerIn(world.processOf("p"));
      await world.drive(provider.write([create("eni-site0-h0")], { guard: mayWrite, epoch: 1 }, never()));
      const live = async (calls: number): Promise<number> => {
        for (let n = 0; n < calls; n++) {
          const target = `eni-site0-h${n % 2}`;
          await world.live(8_000);
          await world.drive(provider.write([replace(target)], { guard: mayWrite, epoch: 1 }, never()));
          if (n % 100 === 0) world.cloud.begin({ number: n, kind: "foreign-route", fromMs: 0, toMs: 1_000, roll: 0.5 });
          world.facts.length = 0;
        }
        await world.live(70_000);
        return heapBytes();
      };

      const before = await live(1_000);
      const after = await live(2_000);

      expect((after - before) / 2_000).toBeLessThan(300);
    },
  );
});
