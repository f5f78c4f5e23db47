import type { WorldName } from "./types.ts";

/** The worlds of `.ci/run`: every bug that is put in on purpose has to be found in them. */
export const ciRun = { firstSeed: 1, seeds: 30, hours: 0.35, faults: "heavy" } as const;

export const ciWorlds: readonly WorldName[] = Array.from({ length: ciRun.seeds }, (_, at) => ({
  seed: ciRun.firstSeed + at,
  hours: ciRun.hours,
  faults: ciRun.faults,
}));

/** The worlds of `npm test`: each kind of cloud, and each level of faults. One in which nothing goes wrong is the first. */
export const smallRun: readonly WorldName[] = [
  { seed: 3, hours: 0.35, faults: "none" },
  { seed: 7, hours: 0.35, faults: "light" },
  { seed: 1, hours: 0.35, faults: "heavy" },
  { seed: 2, hours: 0.35, faults: "heavy" },
  { seed: 23, hours: 0.35, faults: "heavy" },
];
