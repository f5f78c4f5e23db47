import type { Check, Court, MakeCheck } from "./check.ts";
import { promise1 } from "./promise-1.ts";
import { promise2 } from "./promise-2.ts";
import { promise4 } from "./promise-4.ts";

const all: readonly MakeCheck[] = [promise1, promise2, promise4];

/** Every checker, for one world. */
export function makeChecks(court: Court): readonly Check[] {
  return all.map((make) => make(court));
}
