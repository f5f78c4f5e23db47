import type { WorldOptions, WorldResult } from "../world/world.ts";

/** One world by the numbers that make it: the same numbers, the same world. `hours`: simulated ones. */
export type WorldName = Pick<WorldOptions, "seed" | "hours" | "faults">;

/** What is left out of a world: all incidents but some, kinds, and everything after a time. ms after the beginning */
export type Narrowing = Pick<WorldOptions, "only" | "without" | "untilMs">;

/** How far a world has got that is still under way. */
export type Underway = { readonly simulatedMs: number; readonly heartbeats: number };

/** A violation with the world that it was found in. `atMs`: after the beginning of the world. */
export type Finding = {
  readonly world: WorldName;
  readonly violation: WorldResult["violations"][number];
  readonly atMs: number;
};
