import { buildSimulator } from "./run/build.ts";
import { closeUpText } from "./run/closeup.ts";
import { readSimOptions, type SimOptions } from "./run/options.ts";
import { openPool } from "./run/pool.ts";
import { reportText } from "./run/report.ts";
import { createSeeds, type Worlds } from "./run/seeds.ts";
import { summaryOf, summaryTable } from "./run/summary.ts";
import { findingsOf, firstOfEach, nothing, withWorld } from "./run/tally.ts";
import type { WorldName } from "./run/types.ts";

/** A world that says nothing for this long hangs. Wall time, ms */
const hangMs = 120_000;
const tellEveryMs = 5_000;
/** Violations that are looked at closer, each of another promise or check. */
const closeUps = 6;

const out = (text: string): void => void process.stdout.write(`${text}\n`);
const err = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(argv: readonly string[]): Promise<number> {
  const asked = readSimOptions(argv, { out, err });
  if (asked.kind === "end") return asked.exitCode;
  const { options } = asked;
  const built = await buildSimulator();
  try {
    return options.seed === undefined ? await many(options, built.path) : await one(options, options.seed, built.path);
  } finally {
    await built.remove();
  }
}

/** Many worlds: progress, violations looked at closely, and a summary. */
async function many(options: SimOptions, path: string): Promise<number> {
  const { seeds: count, firstSeed, hours, faults, workers, json } = options;
  const tell = json ? err : out;
  const worlds = Array.from({ length: count }, (_, at): WorldName => ({ seed: firstSeed + at, hours, faults }));
  const pool = openPool(path, Math.min(workers, count), hangMs);
  const beganMs = Date.now();
  const seeds = createSeeds({
    worlds,
    narrowing: { without: options.without },
    pool,
    say: err,
    wallMs: Date.now,
    everyMs: tellEveryMs,
  });
  const summarize = ({ tally, findings, broken }: Worlds, wallMs: number) => {
    const summary = summaryOf({ tally, findings, broken: broken.length, firstSeed, hours, level: faults, wallMs });
    out(json ? JSON.stringify(summary, undefined, 2) : `\n${summaryTable(summary)}`);
  };
  process.once("SIGINT", () => {
    err("stopped; so far:");
    summarize(seeds.soFar(), Date.now() - beganMs);
    process.exit(130);
  });
  try {
    const all = await seeds.run();
    const wallMs = Date.now() - beganMs;
    const closer = options.shrink ? firstOfEach(all.findings).slice(0, closeUps) : [];
    if (closer.length > 0) err(`\nlooking closer at ${closer.length} of ${all.findings.length} violations …`);
    for (const text of await Promise.all(closer.map((finding) => closeUpText(pool, finding)))) tell(`\n${text}`);
    summarize(all, wallMs);
    return all.findings.length > 0 || all.broken.length > 0 ? 1 : 0;
  } finally {
    await pool.close();
  }
}

/** One world, with everything that happens in it. */
async function one(options: SimOptions, seed: number, path: string): Promise<number> {
  const { hours, faults, only, without, untilMs, json } = options;
  const world: WorldName = { seed, hours, faults };
  const pool = openPool(path, 1, hangMs);
  const tell = json ? err : out;
  try {
    const outcome = await pool.run(
      { world: { ...world, only, without, untilMs, stopAtFirst: true }, trace: "all" },
      (told) => {
        if (told.kind === "lines" && told.lines.length > 0) tell(told.lines.join("\n"));
      },
    );
    if (outcome.kind !== "done") {
      err(`the simulator failed: ${outcome.kind === "hung" ? "the world did not go on" : outcome.error}`);
      return 1;
    }
    const findings = findingsOf(world, outcome.result);
    const narrowing = { only, without, untilMs };
    for (const finding of findings) tell(`\n${reportText({ finding, narrowing, trace: [], shrinking: "" })}`);
    const { plan, violations, ...figures } = outcome.result;
    const tally = withWorld(nothing, outcome.result);
    const summary = summaryOf({ tally, findings, broken: 0, firstSeed: seed, hours, level: faults, wallMs: 0 });
    out(
      json
        ? JSON.stringify({ ...figures, violations, incidents: plan.incidents }, undefined, 2)
        : `\n${summaryTable(summary)}`,
    );
    return findings.length > 0 ? 1 : 0;
  } finally {
    await pool.close();
  }
}

// The SDK warns of Node 20 on every start.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
process.exitCode = await main(process.argv.slice(2));
