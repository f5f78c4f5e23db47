import { describe, it } from "vitest";
import type { ContractWorld, MakeWorld } from "./world.ts";

/** One statement of the contract: what it says, how many tables its world has, and how it is tried. */
export type Case = {
  readonly says: string;
  readonly tables?: number;
  readonly run: (world: ContractWorld) => Promise<void>;
};

/** Registers cases as tests; `skips` gives, by what a case says, why an emulator cannot follow it. */
export function runCases(
  title: string,
  cases: readonly Case[],
  make: MakeWorld,
  skips: Readonly<Record<string, string>>,
): void {
  describe(title, () => {
    for (const { says, tables = 3, run } of cases) {
      const reason = skips[says];
      if (reason !== undefined) {
        it.skip(`${says} [skipped: ${reason}]`);
        continue;
      }
      it(says, async () => {
        const world = await make({ tables });
        try {
          await run(world);
        } finally {
          await world.close();
        }
      });
    }
  });
}
