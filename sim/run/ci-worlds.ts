import type { WorldName } from "./types.ts";

/** The worlds of `.ci/run`: every bug that is put in on purpose has to be found in them. */
export const ciRun = { firstSeed: 1, seeds: 40, hours: 0.45, faults: "heavy" } as const;

export const ciWorlds: readonly WorldName[] = Array.from({ length: ciRun.seeds }, (_, at) => ({
  seed: ciRun.firstSeed + at,
  hours: ciRun.hours,
  faults: ciRun.faults,
}));
