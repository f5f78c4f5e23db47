import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Built, buildSimulator } from "../../sim/run/build.ts";
import { ciRun, extraSeeds, foundRun, smallRun } from "../../sim/run/ci-worlds.ts";
import { closeUpText } from "../../sim/run/closeup.ts";
import { openPool, type Pool } from "../../sim/run/pool.ts";
import { replayCommand } from "../../sim/run/replay.ts";
import { findingsOf } from "../../sim/run/tally.ts";

let built: Built;
let pool: Pool;

beforeAll(async () => {
  built = await buildSimulator();
  pool = openPool(built.path, 2, 120_000);
});
afterAll(async () => {
  await pool.close();
  await built.remove();
});

describe("simulated worlds", () => {
  it.concurrent.each(smallRun.map((world) => [replayCommand(world), world] as const))(
    "keep every promise: %s",
    { timeout: 300_000 },
    async (_name, world) => {
      const outcome = await pool.run({ world: { ...world, stopAtFirst: true }, trace: "none" });

      if (outcome.kind !== "done") throw new Error(outcome.kind === "hung" ? "the world hangs" : outcome.error);
      const [first] = findingsOf(world, outcome.result);
      expect(first && (await closeUpText(pool, first))).toBeUndefined();
      expect(outcome.result.heartbeats).toBeGreaterThan(1_000);
      // A host of higher priority may come up after another one: once a location.
      const { failovers, locations } = outcome.result;
      if (world.faults === "none") expect(failovers).toBeLessThanOrEqual(locations);
    },
  );

  it.concurrent.each(foundRun.map((world) => [world.seed, world] as const))(
    "keep the promise that was broken once: seed %d",
    { timeout: 300_000 },
    async (_seed, world) => {
      const outcome = await pool.run({ world: { ...world, stopAtFirst: true }, trace: "none" });

      if (outcome.kind !== "done") throw new Error(outcome.kind === "hung" ? "the world hangs" : outcome.error);
      expect(findingsOf(world, outcome.result)).toEqual([]);
    },
  );

  it("come out the same when they are run again, by another worker", { timeout: 300_000 }, async () => {
    const job = {
      world: { seed: 5, hours: 0.1, faults: "heavy", untilMs: 400_000, stopAtFirst: true },
      trace: "none",
    } as const;
    const other = openPool(built.path, 1, 120_000);
    await other.run({ ...job, world: { ...job.world, seed: 6 } });

    const [once, again] = await Promise.all([pool.run(job), other.run(job)]);
    await other.close();

    expect(once.kind).toBe("done");
    expect(again).toEqual(once);
  });

  it("are run by .ci/run, more of them", () => {
    const { seeds, firstSeed, hours, faults } = ciRun;
    const command = `npm run --silent sim -- --seeds ${seeds} --first-seed ${firstSeed} --hours ${hours} --faults ${faults}`;

    const text = readFileSync(".ci/run", "utf8");

    expect(text).toContain(command);
    expect(text).toContain(`for seed in ${extraSeeds.join(" ")}; do`);
  });
});
