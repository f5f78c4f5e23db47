import type { PromiseNumber } from "../checks/check.ts";
import type { Patch } from "../run/build.ts";

/** A bug that is put into the simulator on purpose, to see whether those who judge notice. */
export type Mutant = {
  readonly name: string;
  /** The promise that it breaks first of all. */
  readonly promise: PromiseNumber;
  /** Which of the known failures of such systems it repeats: a number of `lessons`. */
  readonly lesson?: number;
  /** What somebody did who knew no better. */
  readonly story: string;
  readonly patch: readonly Patch[];
};
