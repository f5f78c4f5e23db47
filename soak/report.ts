import { pairs } from "../cli/table.ts";
import { spread, type Tally } from "./agents/tally.ts";
import { soakBounds } from "./bounds.ts";
import type { Failover } from "./judge/failovers.ts";
import type { Finding, History } from "./judge/history.ts";
import type { SoakOptions } from "./options.ts";
import type { Usage } from "./processes/usage.ts";
import type { Pace } from "./run/calibrate.ts";

/** Everything that a run found out; what `--json` prints. Times in ms unless their name says otherwise. */
export type Report = ReturnType<typeof makeReport>;

export type Measured = {
  readonly options: SoakOptions;
  readonly pace: Pace;
  /** How long the faults took, which is what heartbeats are counted over; and the run with warm-up and quiet. s */
  readonly seconds: number;
  readonly wholeSeconds: number;
  readonly tally: Tally;
  readonly server: Usage;
  readonly database: Usage;
  readonly longestDelayMs: number;
  readonly load: readonly number[];
  readonly faults: ReadonlyMap<string, number>;
  readonly history: History;
  readonly findings: readonly Finding[];
  readonly failovers: readonly Failover[];
  readonly starved: readonly string[];
  readonly routeWrites: number;
  readonly routesRightAfterMs: number | undefined;
  readonly folder: string;
};

/** Puts what was measured into the form that is printed. Pure. */
export function makeReport(measured: Measured) {
  const { tally, history, failovers, findings, seconds } = measured;
  const commits = failovers.flatMap(({ decidedMs, stoppedMs, how }) =>
    decidedMs === undefined ? [] : [{ how, ms: decidedMs - stoppedMs }],
  );
  const took = (how: Failover["how"]) => spread(commits.filter((one) => one.how === how).map((one) => one.ms));
  const broken = (promise: Finding["promise"]) => findings.filter((one) => one.promise === promise).length;
  return {
    ok: findings.length === 0,
    ...measured.options,
    seconds,
    wholeSeconds: measured.wholeSeconds,
    pace: measured.pace,
    heartbeats: {
      sent: tally.sent,
      perSecond: tally.answered / seconds,
      answered: tally.answered,
      cutOff: tally.cutOff,
      failed: Object.fromEntries([...tally.failed].sort((a, b) => b[1] - a[1])),
      latencyMs: spread(tally.latenciesMs),
    },
    server: measured.server,
    database: measured.database,
    agentsLongestDelayMs: measured.longestDelayMs,
    load: measured.load,
    faults: Object.fromEntries([...measured.faults].sort()),
    outages: history.outages.map(({ victim, killedMs, upMs }) => ({
      victim,
      unansweredMs: upMs === undefined ? null : upMs - killedMs,
    })),
    decisions: history.locations.reduce((sum, { decisions }) => sum + decisions.length, 0),
    failovers: {
      expected: failovers.length,
      seen: commits.length,
      late: failovers.filter(({ dueMs, decidedMs }) => (decidedMs ?? 0) > dueMs + soakBounds.marginMs).length,
      afterVanishMs: took("silent"),
      afterLeaveMs: took("left"),
    },
    routeWrites: measured.routeWrites,
    routes: history.routes.length,
    routesRightAfterMs: measured.routesRightAfterMs ?? null,
    lostDecisions: broken("lost-decision"),
    falseFailovers: broken("false-failover"),
    starved: measured.starved,
    missedFailovers: broken("missed-failover"),
    wrongRoutes: broken("wrong-route"),
    deaths: broken("died"),
    findings,
    folder: measured.folder,
  };
}

/** The report as a table, with what is broken below it. */
export function reportText(report: Report): string {
  const { heartbeats, failovers, pace } = report;
  const { latencyMs } = heartbeats;
  const rows: readonly (readonly [string, string])[] = [
    [
      "run",
      `${report.hosts} hosts, ${report.locations} locations, ${report.minutes} min of faults, seed ${report.seed}`,
    ],
    ["pace", paceText(pace)],
    ["heartbeats", `${heartbeats.sent} sent, ${heartbeats.answered} answered (${heartbeats.perSecond.toFixed(0)}/s)`],
    ["  failed", failedText(heartbeats)],
    ["  latency", `p50 ${ms(latencyMs.p50)}, p99 ${ms(latencyMs.p99)}, longest ${ms(latencyMs.max)}`],
    ["server", usageText(report.server, report.wholeSeconds)],
    ["database", usageText(report.database, report.wholeSeconds)],
    ["machine", machineText(report)],
    [
      "faults",
      Object.entries(report.faults)
        .map(([kind, count]) => `${count} ${kind}`)
        .join(", "),
    ],
    ["outages", outagesText(report)],
    ["failovers", `${failovers.expected} expected, ${failovers.seen} seen, ${failovers.late} late`],
    ["  after a vanishing", timesText(failovers.afterVanishMs)],
    ["  after a good-bye", timesText(failovers.afterLeaveMs)],
    ["decisions", `${report.decisions}, lost: ${report.lostDecisions}`],
    ["false failovers", String(report.falseFailovers)],
    [
      "  answered too late",
      `${report.starved.length} failovers away from hosts that ran, of a server that did not get to them`,
    ],
    ["missed failovers", String(report.missedFailovers)],
    ["routes", routesText(report)],
  ];
  const broken = report.findings.map(({ promise, text }) => `BROKEN ${promise}: ${text}`);
  const verdict = report.ok ? "Every promise was kept." : `Kept for a look: ${report.folder}`;
  return [pairs(rows, "  "), ...broken, verdict].join("\n");
}

const ms = (value: number) => `${value.toFixed(0)} ms`;

function paceText({ cpuMs, processors, sleepMs, isTooMuch }: Pace): string {
  const cost =
    cpuMs === undefined ? "" : `; a heartbeat takes ${cpuMs.toFixed(1)} ms of ${processors} processors in all`;
  const warning = isTooMuch ? "; more than this machine carries well" : "";
  return `a new TLS connection for each heartbeat, ${(sleepMs / 1000).toFixed(1)} s of sleep after each answer${cost}${warning}`;
}

function failedText({ failed, cutOff }: Report["heartbeats"]): string {
  const causes = Object.entries(failed).map(([cause, count]) => `${count} ${cause}`);
  return [...causes, `${cutOff} cut off by their host's own end`].join(", ");
}

function usageText({ cpuS, rssMb, mostRssMb }: Usage, seconds: number): string {
  const share = `${((cpuS / seconds) * 100).toFixed(0)} % of a processor`;
  return `${share}, memory ${mostRssMb.toFixed(0)} MB at most, ${rssMb.toFixed(0)} MB at the end`;
}

function machineText({ load, agentsLongestDelayMs }: Report): string {
  const text = load.map((one) => one.toFixed(1)).join(" → ");
  return `load ${text} (beginning → end); the agents' own process stood still for ${ms(agentsLongestDelayMs)} at most`;
}

function outagesText({ outages }: Report): string {
  return outages
    .map(
      ({ victim, unansweredMs }) =>
        `${victim} ${unansweredMs === null ? "for good" : `${(unansweredMs / 1000).toFixed(1)} s`}`,
    )
    .join(", ");
}

function timesText({ p50, max }: { readonly p50: number; readonly max: number }): string {
  if (max === 0) return "none";
  return `decided after ${ms(p50)} (p50), ${ms(max)} at most, outages and holds included`;
}

function routesText({ routes, wrongRoutes, routesRightAfterMs, routeWrites }: Report): string {
  const right =
    routesRightAfterMs === null
      ? ""
      : `, all looked at ${(routesRightAfterMs / 1000).toFixed(0)} s after the last fault`;
  return `${routes}, wrong: ${wrongRoutes}${right}; ${routeWrites} writes reported`;
}
