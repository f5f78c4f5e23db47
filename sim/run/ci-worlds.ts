import type { Narrowing, WorldName } from "./types.ts";

/** The worlds of `.ci/run`. */
export const ciRun = { firstSeed: 1, seeds: 16, hours: 0.35, faults: "heavy" } as const;

/** The worlds of `npm test`: each kind of cloud, and each level of faults. The last one is on EC2. */
export const smallRun: readonly WorldName[] = [
  { seed: 3, hours: ciRun.hours, faults: "none" },
  { seed: 7, hours: ciRun.hours, faults: "light" },
  { seed: 1, hours: ciRun.hours, faults: "heavy" },
  { seed: 391, hours: ciRun.hours, faults: "heavy" },
];

/**
 * What `.ci/run` adds to its own, one by one: worlds on EC2, in which hosts say that they have the address of another one and
 * interfaces are replaced, and two more of those in which a promise was broken once, which take long.
 */
export const extraSeeds: readonly number[] = [39, 231, 70_244, 70_935];

/** Worlds in which a promise was broken once, up to a little after that time. They hold for as long as odds stay as they are. */
export const foundRun: readonly (WorldName & Pick<Narrowing, "untilMs">)[] = [
  { seed: 70_148, hours: ciRun.hours, faults: "heavy", untilMs: 170_000 },
  { seed: 70_208, hours: ciRun.hours, faults: "heavy", untilMs: 690_000 },
  { seed: 70_227, hours: ciRun.hours, faults: "heavy", untilMs: 360_000 },
  { seed: 70_476, hours: ciRun.hours, faults: "heavy", untilMs: 160_000 },
  { seed: 70_627, hours: ciRun.hours, faults: "heavy", untilMs: 550_000 },
  { seed: 71_008, hours: ciRun.hours, faults: "heavy", untilMs: 275_000 },
  { seed: 71_186, hours: ciRun.hours, faults: "heavy", untilMs: 470_000 },
];

const small = smallRun.filter((world) => world.faults === ciRun.faults);
const largeSeeds = [...Array.from({ length: ciRun.seeds }, (_, at) => ciRun.firstSeed + at), ...extraSeeds];
const large = largeSeeds.map((seed): WorldName => ({ seed, hours: ciRun.hours, faults: ciRun.faults }));

/** All heavy worlds of both, the small run's first: every bug that is put in on purpose has to be found in them. */
export const ciWorlds: readonly WorldName[] = [
  ...small,
  ...large.filter(({ seed }) => !small.some((world) => world.seed === seed)),
];
