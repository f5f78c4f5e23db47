import { describe, expect, it } from "vitest";
import { closeUp, closeUpText } from "../../sim/run/closeup.ts";
import type { Job } from "../../sim/run/job.ts";
import type { Pool } from "../../sim/run/pool.ts";
import { createSeeds } from "../../sim/run/seeds.ts";
import { findingsOf } from "../../sim/run/tally.ts";
import { incident, violation, worldResult } from "./fixtures.ts";

const world = { seed: 17, hours: 1, faults: "heavy" } as const;
const planned = Array.from({ length: 30 }, (_, number) => incident(number, number % 2 === 0 ? "replay" : "db-slow"));

/** A simulator whose world fails 20 s after its beginning when some incidents are in it. */
function fakePool(needed: readonly number[], isFailing: (job: Job, run: number) => boolean = () => true) {
  const jobs: Job[] = [];
  const pool: Pool = {
    async run(job) {
      jobs.push(job);
      const { only, untilMs = 3_600_000 } = job.world;
      const incidents = planned.filter(({ number }) => only === undefined || only.includes(number));
      const isThere = needed.every((number) => incidents.some((one) => one.number === number)) && untilMs >= 20_000;
      const violations = isThere && isFailing(job, jobs.length) ? [violation("fence", 20)] : [];
      const result = worldResult({ violations, plan: { incidents, quietMs: [], endMs: 3_600_000 } });
      return { kind: "done", result, trace: job.trace === "none" ? [] : ["what happened"] };
    },
    close: async () => undefined,
  };
  const [finding] = findingsOf(world, worldResult({ violations: [violation("fence", 20)] }));
  if (finding === undefined) throw new Error("no finding");
  return { pool, jobs, finding };
}

describe("a closer look at a violation", () => {
  it("cuts the world down and tells what happened in what is left", async () => {
    const { pool, jobs, finding } = fakePool([4, 13]);

    const report = await closeUp(pool, finding);

    expect(report.narrowing).toEqual({ only: [4, 13], untilMs: 20_001 });
    expect(report.trace).toEqual(["what happened"]);
    expect(report.shrinking).toMatch(/^cut down from 30 to 2 incidents \(db-slow, replay\) in \d+ runs$/);
    expect(jobs.at(-1)?.trace).toEqual({ about: ["loc1"], most: 40 });
  });

  it("says when the same world does not fail again", async () => {
    const { pool, finding } = fakePool([], () => false);

    expect(await closeUpText(pool, finding)).toContain("the simulator is not deterministic");
  });

  it("does not take another check's violation for the same", async () => {
    const { pool, finding } = fakePool([]);
    const another = { ...finding, violation: { ...finding.violation, check: "order" } };

    expect((await closeUp(pool, another)).trace).toEqual([]);
  });
});

describe("a run over many seeds", () => {
  it("merges in order of seed, says violations at once, and goes on after a world in which the simulator fails", async () => {
    const said: string[] = [];
    const pool: Pool = {
      async run({ world: { seed } }) {
        if (seed === 3) return { kind: "broke", error: "no such thing" };
        if (seed === 4) return { kind: "hung" };
        const violations = seed === 1 ? [] : [violation("fence", 20)];
        return { kind: "done", result: worldResult({ seed, violations }), trace: [] };
      },
      close: async () => undefined,
    };
    const worlds = [5, 4, 3, 2, 1].map((seed) => ({ seed, hours: 1, faults: "heavy" }) as const);

    const all = await createSeeds({
      worlds,
      narrowing: {},
      pool,
      say: (line) => void said.push(line),
      wallMs: () => 0,
      everyMs: 60_000,
    }).run();

    expect(all.tally.worlds).toBe(3);
    expect(all.findings.map((finding) => finding.world.seed)).toEqual([2, 5]);
    expect(all.broken.map((broken) => broken.world.seed)).toEqual([3, 4]);
    expect(said.join("\n")).toContain("replay: npm run sim -- --seed 2 --hours 1 --faults heavy --until 20.001");
    expect(said.join("\n")).toContain("the simulator failed: no such thing");
  });
});
