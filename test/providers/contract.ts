import { describe } from "vitest";
import { runCases } from "./contract/cases.ts";
import { readCases } from "./contract/read.ts";
import { tableCases } from "./contract/tables.ts";
import { targetCases } from "./contract/targets.ts";
import type { MakeWorld } from "./contract/world.ts";
import { writeCases } from "./contract/write.ts";

/**
 * What every cloud's route provider keeps to, tried in a world that `makeWorld` makes anew for each case. `skips` gives
 * the reason, by what a case says, why this world cannot follow it.
 */
export function providerContract(
  name: string,
  makeWorld: MakeWorld,
  skips: Readonly<Record<string, string>> = {},
): void {
  const cases = [...tableCases, ...readCases, ...targetCases, ...writeCases];
  const unknown = Object.keys(skips).filter((says) => !cases.some((known) => known.says === says));
  if (unknown.length > 0) throw new Error(`no case says: ${unknown.join(", ")}`);
  describe(`routes in ${name}`, () => {
    runCases("tables", tableCases, makeWorld, skips);
    runCases("reading", readCases, makeWorld, skips);
    runCases("targets", targetCases, makeWorld, skips);
    runCases("writing", writeCases, makeWorld, skips);
  });
}
