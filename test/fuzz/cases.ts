import { expect } from "vitest";

/**
 * How many cases, and from which seed: what a suite has by default, so that every run is the same, or what FUZZ_RUNS
 * and FUZZ_SEED say. A failure is not shrunk: later cases meet what earlier ones left.
 */
export function cases(runs: number, seed: number) {
  const { FUZZ_RUNS, FUZZ_SEED } = process.env;
  return {
    numRuns: FUZZ_RUNS === undefined ? runs : Number(FUZZ_RUNS),
    seed: FUZZ_SEED === undefined ? seed : Number(FUZZ_SEED),
    endOnFailure: true,
  };
}

/** A vitest time limit, in ms, for so many cases: far above what they take, and with FUZZ_RUNS without end. */
export const timeoutMs = process.env["FUZZ_RUNS"] === undefined ? 300_000 : 24 * 3_600_000;

/** Throws where something does not hold. An `expect` costs more than many a case. */
export function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}

/** Counts what was answered, so that a suite can say that it did not only meet the first check. */
export type Tally = {
  add(kind: string | number): void;
  /** Each of these was met in at least this share of all cases. */
  expectEach(kinds: readonly (string | number)[], share: number): void;
  readonly counts: ReadonlyMap<string, number>;
};

export function tally(): Tally {
  const counts = new Map<string, number>();
  let all = 0;
  return {
    counts,
    add(kind) {
      all++;
      counts.set(String(kind), (counts.get(String(kind)) ?? 0) + 1);
    },
    expectEach(kinds, share) {
      const rare = kinds.filter((kind) => (counts.get(String(kind)) ?? 0) < Math.floor(all * share));
      expect(rare, `met too rarely; met were ${JSON.stringify(Object.fromEntries(counts))}`).toEqual([]);
    },
  };
}
