import type { Incident } from "../faults/kinds.ts";
import type { Pool } from "./pool.ts";
import { findingsOf } from "./tally.ts";
import type { Finding, Narrowing } from "./types.ts";

/** How a narrowed world failed in the same way. `atMs`: after its beginning. */
export type Failed = {
  readonly finding: Finding;
  readonly atMs: number;
  readonly incidents: readonly Incident[];
  readonly trace: readonly string[];
};

export type Narrower = {
  /**
   * Runs the world of a finding with less in it. Undefined when its promise is not broken any more, or found so by
   * another check. `lines`: of the trace that are wanted.
   */
  tryOut(narrowing: Narrowing, lines: number | "none"): Promise<Failed | undefined>;
};

export function createNarrower(pool: Pool, { world, violation }: Finding): Narrower {
  let { about } = violation;
  return {
    async tryOut(narrowing, lines) {
      const trace = lines === "none" ? "none" : ({ about, most: lines } as const);
      const outcome = await pool.run({ world: { ...world, ...narrowing, stopAtFirst: true }, trace });
      if (outcome.kind !== "done") return undefined;
      const finding = findingsOf(world, outcome.result).find(
        (one) => one.violation.promise === violation.promise && one.violation.check === violation.check,
      );
      if (finding === undefined) return undefined;
      about = finding.violation.about;
      return { finding, atMs: finding.atMs, incidents: outcome.result.plan.incidents, trace: outcome.trace };
    },
  };
}
