import type { Check, Court, MakeCheck } from "./check.ts";
import { cleanFailover } from "./clean-failover.ts";
import { confirmation } from "./confirmation.ts";
import { falseFailover } from "./false-failover.ts";
import { promise1 } from "./promise-1.ts";
import { promise2 } from "./promise-2.ts";
import { promise3 } from "./promise-3.ts";
import { promise4 } from "./promise-4.ts";
import { promise5 } from "./promise-5.ts";
import { promise6 } from "./promise-6.ts";
import { promise7 } from "./promise-7.ts";
import { promise8 } from "./promise-8.ts";
import { promise9 } from "./promise-9.ts";

const all: readonly MakeCheck[] = [
  promise1,
  promise2,
  promise3,
  promise4,
  promise5,
  promise6,
  promise7,
  cleanFailover,
  confirmation,
  promise8,
  promise9,
  falseFailover,
];

/** Every checker, for one world. */
export function makeChecks(court: Court): readonly Check[] {
  return all.map((make) => make(court));
}
