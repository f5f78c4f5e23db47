import { promiseName } from "../run/summary.ts";
import type { Hunted } from "./hunt.ts";
import { lessons } from "./lessons.ts";
import type { Mutant } from "./mutant.ts";

/** What came of every mutant, a line each. */
export function huntTable(hunted: readonly Hunted[]): string {
  return aligned([
    ["mutant", "breaks", "found by", "after", "in all", "as a breach of", "check", ""],
    ...hunted.map(({ mutant, promise, found, simulatedMin }) => {
      if (found === undefined) {
        return [mutant, promiseName(promise), "NOT FOUND", "", `${simulatedMin.toFixed(0)} min`, "", "", ""];
      }
      const as = found.promise === "broke" ? "broke" : promiseName(found.promise);
      return [
        mutant,
        promiseName(promise),
        `seed ${found.seed}`,
        `${found.afterMin.toFixed(1)} min`,
        `${found.inAllMin.toFixed(0)} min`,
        as,
        found.check,
        found.isExpected ? "" : "(another)",
      ];
    }),
  ]);
}

/** What there is, and what each does. */
export function mutantList(mutants: readonly Mutant[]): string {
  return mutants
    .map(({ name, promise, lesson, story }) => {
      const repeated = lessons.find((one) => one.number === lesson);
      return `${name} (${promiseName(promise)})\n  ${story}${repeated === undefined ? "" : `\n  known failure: ${repeated.what}`}`;
    })
    .join("\n");
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
