import { describe, expect, it } from "vitest";
import { worldOf } from "./world.ts";

/** `WORLD_SEEDS` and `WORLD_FIRST` run more, or others. */
const seeds = Number(process.env["WORLD_SEEDS"] ?? 200);
const first = Number(process.env["WORLD_FIRST"] ?? 1);

describe("worlds of hosts that live, die, leave, flap and return, and a Pointsman that is away at times", () => {
  it(`keep the promises of the election in each of ${seeds} courses`, { timeout: 600_000 }, async () => {
    const reasons = new Set<string>();
    for (let seed = first; seed < first + seeds; seed++) {
      const world = worldOf(seed);
      await world.live();
      for (const { reason } of world.decisions) reasons.add(reason);
      expect(
        world.wrongs,
        `seed ${seed}: WORLD_FIRST=${seed} WORLD_SEEDS=1 npx vitest run test/failover/world.test.ts`,
      ).toEqual([]);
    }
    if (seeds < 50) return;
    for (const reason of ["first-host", "timed-out", "left", "suspected", "higher-priority"])
      expect(reasons).toContain(reason);
  });
});
