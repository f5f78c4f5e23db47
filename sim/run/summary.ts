import type { PromiseNumber } from "../checks/check.ts";
import { type FaultKind, faultKinds } from "../faults/kinds.ts";
import { counted, spanText } from "./progress.ts";
import { countFaults, promises, type Tally } from "./tally.ts";
import type { Finding } from "./types.ts";

/** What a run came to, as data. */
export type Summary = Omit<Tally, "faults" | "simulatedMs"> & {
  readonly firstSeed: number;
  readonly hours: number;
  readonly level: string;
  readonly simulatedHours: number;
  readonly wallS: number;
  readonly faultCount: number;
  readonly faults: readonly { readonly kind: FaultKind; readonly count: number; readonly share: number }[];
  readonly violations: readonly { readonly promise: PromiseNumber; readonly count: number }[];
  /** Worlds in which the simulator itself broke. */
  readonly broken: number;
};

export type SummaryParts = {
  readonly tally: Tally;
  readonly findings: readonly Finding[];
  readonly broken: number;
  readonly firstSeed: number;
  readonly hours: number;
  readonly level: string;
  readonly wallMs: number;
};

export function summaryOf({ tally, findings, broken, firstSeed, hours, level, wallMs }: SummaryParts): Summary {
  const { faults, simulatedMs, ...counts } = tally;
  const faultCount = countFaults(tally);
  return {
    firstSeed,
    hours,
    level,
    ...counts,
    simulatedHours: simulatedMs / 3_600_000,
    wallS: wallMs / 1_000,
    faultCount,
    faults: faultKinds.map((kind) => {
      const count = faults[kind];
      return { kind, count, share: faultCount === 0 ? 0 : count / faultCount };
    }),
    violations: promises.map((promise) => ({
      promise,
      count: findings.filter((finding) => finding.violation.promise === promise).length,
    })),
    broken,
  };
}

/** The summary as a table of lines. */
export function summaryTable(summary: Summary): string {
  const perSecond = summary.heartbeats / Math.max(0.001, summary.wallS);
  const rows: readonly (readonly [string, string, string?])[] = [
    ["seeds", counted(summary.worlds), `${summary.firstSeed} and up, ${summary.hours} h each, faults ${summary.level}`],
    ["simulated time", `${summary.simulatedHours.toFixed(1)} h`],
    ["wall time", spanText(summary.wallS * 1_000)],
    ["events", counted(summary.steps)],
    ["heartbeats", counted(summary.heartbeats), `${counted(perSecond)} a second of wall time`],
    ["failovers", counted(summary.failovers), "seen in the clouds' own logs"],
    ["decisions", counted(summary.decisions)],
    ["route calls", counted(summary.routeCalls)],
    ["stale landings", counted(summary.staleLandings), "each undone in time, unless there is a violation of promise 2"],
    ["faults", counted(summary.faultCount)],
    ...summary.faults.map(({ kind, count, share }): [string, string, string] => [
      `  ${kind}`,
      counted(count),
      `${(share * 100).toFixed(1)} %`,
    ]),
    ["violations", counted(summary.violations.reduce((sum, { count }) => sum + count, 0))],
    ...summary.violations.map(({ promise, count }): [string, string] => [`  ${promiseName(promise)}`, counted(count)]),
    ...(summary.broken > 0 ? [["broken worlds", counted(summary.broken), "the simulator itself failed"] as const] : []),
  ];
  return tableText(rows);
}

export function promiseName(promise: PromiseNumber): string {
  return typeof promise === "number" ? `promise ${promise}` : promise;
}

/** Rows of a name, a figure, and perhaps a remark. */
function tableText(rows: readonly (readonly [string, string, string?])[]): string {
  const nameWidth = Math.max(...rows.map(([name]) => name.length));
  const figureWidth = Math.max(...rows.map(([, figure]) => figure.length));
  return rows
    .map(([name, figure, remark = ""]) =>
      `${name.padEnd(nameWidth)}  ${figure.padStart(figureWidth)}  ${remark}`.trimEnd(),
    )
    .join("\n");
}
