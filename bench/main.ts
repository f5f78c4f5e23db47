import { cost } from "./cost.ts";
import { failover } from "./failover/bench.ts";
import { heartbeatBundle } from "./heartbeat-bundle.ts";
import { heartbeatCapacity } from "./heartbeat-capacity.ts";
import { heartbeatCpu } from "./heartbeat-cpu.ts";
import { routesBundle } from "./routes-bundle.ts";
import type { Bench, Row } from "./row.ts";
import { swapAws } from "./swap-aws.ts";
import { swapAwsPrefixList } from "./swap-aws-prefix-list.ts";
import { swapAzure } from "./swap-azure.ts";
import { swapGcp } from "./swap-gcp.ts";
import { swapHetzner } from "./swap-hetzner.ts";
import { swapOci } from "./swap-oci.ts";

const benches: readonly Bench[] = [
  heartbeatCpu,
  heartbeatBundle,
  heartbeatCapacity,
  cost,
  failover,
  routesBundle,
  swapAws,
  swapAwsPrefixList,
  swapAzure,
  swapGcp,
  swapHetzner,
  swapOci,
];

const help = `npm run bench -- [NAME …] [--json] [--list]

Measures Pointsman on this machine. NAME chooses benchmarks by the beginning of their names; none means all.
Figures are ratios against a named floor of the same run, or times and counts in virtual time.

  npm run bench                        everything, as a table
  npm run bench -- heartbeat           only the benchmarks whose names begin with heartbeat
  npm run bench -- swap.aws --json     one benchmark, as JSON: [{name, value, unit, floor, ratio, bar, holds}]

Exit status: 0 all bars hold, 1 a bar is missed, 2 wrong usage.`;

async function main(args: readonly string[]): Promise<number> {
  const names = args.filter((arg) => !arg.startsWith("-"));
  const options = new Set(args.filter((arg) => arg.startsWith("-")));
  const unknown = [...options].find((option) => !["--json", "--list", "--help", "-h"].includes(option));
  const chosen = benches.filter((bench) => names.length === 0 || names.some((name) => bench.name.startsWith(name)));
  const err = (line: string) => process.stderr.write(`${line}\n`);
  const out = (line: string) => process.stdout.write(`${line}\n`);
  if (options.has("--help") || options.has("-h")) {
    out(help);
    return 0;
  }
  if (options.has("--list")) {
    for (const bench of benches) out(bench.name);
    return 0;
  }
  if (unknown !== undefined || chosen.length === 0) {
    err(unknown === undefined ? `no benchmark begins with ${names.join(" or ")}` : `unknown option ${unknown}`);
    err(help);
    return 2;
  }
  const rows: Row[] = [];
  for (const bench of chosen) {
    err(`${bench.name} …`);
    rows.push(...(await bench.run((line) => err(`  ${line}`))));
  }
  out(options.has("--json") ? JSON.stringify(rows, null, 2) : table(rows));
  return rows.some((row) => row.holds === false) ? 1 : 0;
}

function table(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.name,
    `${figure(row.value)} ${row.unit}`,
    row.floor === null ? "" : figure(row.floor),
    row.ratio === null ? "" : row.ratio.toFixed(2),
    row.bar ?? "",
    row.holds === null ? "" : row.holds ? "holds" : "MISSED",
  ]);
  const all = [["name", "value", "floor", "ratio", "bar", ""], ...cells];
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function figure(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value.toFixed(3);
}

// The SDK warns of Node 20 on every start.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
process.exitCode = await main(process.argv.slice(2));
