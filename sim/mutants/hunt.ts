import type { PromiseNumber } from "../checks/check.ts";
import { buildSimulator } from "../run/build.ts";
import { openPool } from "../run/pool.ts";
import { findingsOf } from "../run/tally.ts";
import type { WorldName } from "../run/types.ts";
import type { Mutant } from "./mutant.ts";

/** What came of one mutant. `isExpected`: the promise that it was to break first is the one that was found broken. */
export type Hunted = {
  readonly mutant: string;
  readonly promise: PromiseNumber;
  readonly found:
    | {
        readonly seed: number;
        /** Simulated minutes of that world, and of all worlds until then. */
        readonly afterMin: number;
        readonly inAllMin: number;
        readonly promise: PromiseNumber | "broke";
        readonly check: string;
        readonly message: string;
        readonly isExpected: boolean;
      }
    | undefined;
  /** Simulated minutes that were looked through, and wall time. */
  readonly simulatedMin: number;
  readonly wallS: number;
};

/** A world in which a mutant does not come to an end is found broken after this. Wall time, ms */
const hangMs = 60_000;

/** Runs worlds one after another with a bug in the code, until a promise is seen to be broken. */
export async function hunt(mutant: Mutant, worlds: readonly WorldName[]): Promise<Hunted> {
  const beganMs = Date.now();
  const built = await buildSimulator(mutant.patch);
  const pool = openPool(built.path, 1, hangMs);
  const { name, promise } = mutant;
  let simulatedMs = 0;
  const hunted = (found: Hunted["found"]): Hunted => ({
    mutant: name,
    promise,
    found,
    simulatedMin: simulatedMs / 60_000,
    wallS: (Date.now() - beganMs) / 1_000,
  });
  try {
    for (const world of worlds) {
      const outcome = await pool.run({ world: { ...world, stopAtFirst: true }, trace: "none" });
      if (outcome.kind !== "done") {
        const message = outcome.kind === "broke" ? outcome.error : "the world did not go on";
        const inAllMin = simulatedMs / 60_000;
        const how = { promise: "broke", check: outcome.kind, message, isExpected: false } as const;
        return hunted({ seed: world.seed, afterMin: 0, inAllMin, ...how });
      }
      simulatedMs += outcome.result.simulatedMs;
      const [first] = findingsOf(world, outcome.result);
      if (first === undefined) continue;
      const { violation, atMs } = first;
      return hunted({
        seed: world.seed,
        afterMin: atMs / 60_000,
        inAllMin: simulatedMs / 60_000,
        promise: violation.promise,
        check: violation.check,
        message: violation.message,
        isExpected: violation.promise === promise,
      });
    }
    return hunted(undefined);
  } finally {
    await pool.close();
    await built.remove();
  }
}

/** Of some worlds, those in which a promise is broken without any bug put in: what they find proves nothing. */
export async function unsound(worlds: readonly WorldName[], workers: number): Promise<readonly number[]> {
  const built = await buildSimulator();
  const pool = openPool(built.path, workers, hangMs);
  try {
    const broken = await Promise.all(
      worlds.map(async (world) => {
        const outcome = await pool.run({ world: { ...world, stopAtFirst: true }, trace: "none" });
        return outcome.kind !== "done" || outcome.result.violations.length > 0 ? [world.seed] : [];
      }),
    );
    return broken.flat();
  } finally {
    await pool.close();
    await built.remove();
  }
}
