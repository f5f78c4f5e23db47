import { createNarrower } from "./narrower.ts";
import type { Pool } from "./pool.ts";
import { findingLine, type Report, reportText, untilOf } from "./report.ts";
import { shrink } from "./shrink.ts";
import type { Finding } from "./types.ts";

/** Bounds of one shrinking: runs, and simulated time of all of them together, ms. Lines of a trace. */
const most = { runs: 60, simulatedMs: 48 * 3_600_000, lines: 40 } as const;

/**
 * Cuts the world of a violation down, and tells what happened in what is left. One that does not come again is told
 * as it is, with a remark: the simulator is not deterministic then.
 */
export async function closeUp(pool: Pool, finding: Finding): Promise<Report> {
  const narrower = createNarrower(pool, finding);
  const whole = await narrower.tryOut({ untilMs: untilOf(finding) }, "none");
  if (whole === undefined) {
    const shrinking = "does not come again when the same world is run again: the simulator is not deterministic";
    return { finding, narrowing: {}, trace: [], shrinking };
  }
  const shrunk = await shrink(
    { incidents: whole.incidents, untilMs: untilOf(finding) },
    {
      stillFails: async ({ incidents, untilMs }) => {
        const failed = await narrower.tryOut({ only: incidents.map(({ number }) => number), untilMs }, "none");
        return failed?.atMs;
      },
      mostRuns: most.runs,
      mostMs: most.simulatedMs,
    },
  );
  const narrowing = { only: shrunk.incidents.map(({ number }) => number), untilMs: shrunk.untilMs };
  const shown = await narrower.tryOut(narrowing, most.lines);
  const kinds = [...new Set(shrunk.incidents.map(({ kind }) => kind))].sort().join(", ");
  const shrinking = `cut down from ${whole.incidents.length} to ${shrunk.incidents.length} incidents (${kinds || "none"}) in ${shrunk.runs} runs`;
  return { finding: shown?.finding ?? finding, narrowing, trace: shown?.trace ?? [], shrinking };
}

/** A close-up as text; where that fails for whatever reason, the violation in one line. */
export async function closeUpText(pool: Pool, finding: Finding): Promise<string> {
  try {
    return reportText(await closeUp(pool, finding));
  } catch (error) {
    return `${findingLine(finding)}\n  could not be looked at closer: ${String(error)}`;
  }
}
