import { replayCommand } from "./replay.ts";
import { promiseName } from "./summary.ts";
import type { Finding, Narrowing } from "./types.ts";

/** A violation with the smallest world that was found to show it, and what happened there. */
export type Report = {
  readonly finding: Finding;
  readonly narrowing: Narrowing;
  readonly trace: readonly string[];
  /** How far the world was cut down, in words; empty when it was not. */
  readonly shrinking: string;
};

/** One line: which promise, where, and how to see it again. */
export function findingLine(finding: Finding): string {
  const { world, violation } = finding;
  return `VIOLATION ${violationText(finding)}\n  replay: ${replayCommand(world, { untilMs: untilOf(finding) })}\n  ${violation.message}`;
}

/** A violation for a person: what, where, the trace, and the command that shows it again. */
export function reportText({ finding, narrowing, trace, shrinking }: Report): string {
  return [
    `VIOLATION ${violationText(finding)}`,
    `  ${finding.violation.message}`,
    ...(shrinking === "" ? [] : [`  ${shrinking}`]),
    ...(trace.length === 0 ? [] : ["  trace (seconds since the beginning of the world):"]),
    ...trace.map((line) => `    ${line}`),
    `  replay: ${replayCommand(finding.world, narrowing)}`,
  ].join("\n");
}

/** The end of a world that is to show a violation. ms after its beginning */
export function untilOf({ atMs }: Finding): number {
  return Math.ceil(atMs) + 1;
}

function violationText({ world, violation, atMs }: Finding): string {
  const { promise, check, step } = violation;
  return `of ${promiseName(promise)} (${check}): seed ${world.seed}, step ${step}, ${(atMs / 1_000).toFixed(3)} s`;
}
