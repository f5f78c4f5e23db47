import type { Fact } from "../facts.ts";
import type { Truth } from "../world/truth.ts";

/** A promise of the design by its number, or a failover that nothing justified. */
export type PromiseNumber = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | "false-failover";

/** A promise that was broken. `check`: which checker says so. */
export type Violation = {
  readonly promise: PromiseNumber;
  readonly check: string;
  readonly atMs: number;
  readonly message: string;
  /** Locations, hosts, tables: what of the trace belongs to it. */
  readonly about: readonly string[];
};

/** Judges one thing that was promised. */
export type Check = {
  readonly promise: PromiseNumber;
  readonly name: string;
  /** Called for every fact, at once: what must always hold. */
  observe(fact: Fact): void;
  /** Called at quiet points: what must have come about by now. */
  quiet(): void;
};

/** What a checker judges by. `stale`: takes note of a route call that landed late; whether that is a violation is judged later. */
export type Court = {
  readonly truth: Truth;
  violate(violation: Omit<Violation, "atMs">): void;
  countStale(): void;
};

export type MakeCheck = (court: Court) => Check;
