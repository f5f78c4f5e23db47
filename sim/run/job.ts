import type { WorldOptions, WorldResult } from "../world/world.ts";

/**
 * What a worker is given: a world, and which of its facts are told in lines: none, all of them as they happen, or at
 * the end the last ones that concern some locations, hosts or tables.
 */
export type Job = {
  readonly world: Omit<WorldOptions, "trace">;
  readonly trace: "none" | "all" | { readonly about: readonly string[]; readonly most: number };
};

/** What a worker says: how far it is, lines of a trace, and in the end what came of the world. */
export type Told =
  | { readonly kind: "underway"; readonly simulatedMs: number; readonly heartbeats: number }
  | { readonly kind: "lines"; readonly lines: readonly string[] }
  | { readonly kind: "done"; readonly result: WorldResult; readonly trace: readonly string[] }
  /** The simulator itself failed. */
  | { readonly kind: "broke"; readonly error: string };
