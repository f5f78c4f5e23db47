import { Command, CommanderError, InvalidArgumentError } from "commander";
import { soakBounds } from "./bounds.ts";

export type SoakOptions = {
  readonly hosts: number;
  readonly locations: number;
  readonly minutes: number;
  readonly seed: number;
  readonly serverKills: number;
  readonly databaseKills: number;
  /** How long an agent sleeps between two heartbeats; undefined to measure what this machine carries. ms */
  readonly sleepMs: number | undefined;
  readonly json: boolean;
  readonly keep: boolean;
};

/** What the command line asks for, or how the process is to end at once. */
export type Asked =
  | { readonly kind: "run"; readonly options: SoakOptions }
  | { readonly kind: "end"; readonly exitCode: 0 | 2 };

type Parsed = Omit<SoakOptions, "sleepMs" | "keep"> & { readonly sleep?: number; readonly keep?: true };

const examples = `
Hosts stop without a word, leave and come back; the server and its database are killed with SIGKILL and started again,
one at a time. Afterwards every decision, event and route is held against what the hosts themselves were answered.

Examples:
  npm run soak                                        500 hosts in 100 locations for 3 minutes
  npm run soak -- --hosts 50 --locations 10 --minutes 1 --server-kills 1 --database-kills 1
  npm run soak --silent -- --seed 7 --json            other faults; the report as JSON on standard output
  npm run soak -- --sleep 1                           as installed agents do, whatever the machine carries

Exit codes:
  0  every promise was kept
  1  a promise is broken, or something could not be started: the message says what
  2  the command line is wrong
  130  stopped with Ctrl-C`;

/** Reads the command line (without node and script). Help and mistakes are written through `out` and `err`. */
export function readSoakOptions(
  argv: readonly string[],
  io: { out(text: string): void; err(text: string): void },
): Asked {
  const { mostHosts, mostLocations, mostMinutes, mostKills, leastHostsPerLocation } = soakBounds;
  const command = new Command("npm run soak --")
    .description(
      "Runs `npm start -- --no-demo` under load over real HTTPS, with kills, and checks that nothing is lost.",
    )
    .option("--hosts <n>", "hosts that heartbeat", count(2, mostHosts), 500)
    .option("--locations <n>", "locations that they are spread over", count(2, mostLocations), 100)
    .option("--minutes <n>", "how long things go wrong; start and the quiet end come on top", minutes, 3)
    .option("--seed <n>", "what goes wrong when", count(0, 2 ** 32 - 1), 1)
    .option("--server-kills <n>", "how often the server is killed", count(0, mostKills), 3)
    .option("--database-kills <n>", "how often the database is killed", count(0, mostKills), 3)
    .option("--sleep <seconds>", "an agent's sleep between heartbeats (default: by what this machine carries)", sleep)
    .option("--json", "print the report as JSON on standard output; all else on standard error", false)
    .option("--keep", "keep the folder with database, logs and network file")
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
    .showHelpAfterError("see `npm run soak -- --help`")
    .addHelpText("after", examples);
  try {
    command.parse([...argv], { from: "user" });
    const { sleep: sleepMs, keep = false, ...rest } = command.opts<Parsed>();
    const perLocation = Math.floor(rest.hosts / rest.locations);
    if (perLocation < leastHostsPerLocation || rest.hosts > 32 * rest.locations) {
      command.error(`error: a location takes from ${leastHostsPerLocation} to 32 hosts: change --hosts or --locations`);
    }
    return { kind: "run", options: { ...rest, sleepMs, keep } };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: "end", exitCode: error.exitCode === 0 ? 0 : 2 };
  }

  function minutes(text: string): number {
    const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= 0.2 && value <= mostMinutes)) throw new InvalidArgumentError(`from 0.2 to ${mostMinutes}`);
    return value;
  }
}

function count(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) throw new InvalidArgumentError(`a number from ${least} to ${most}`);
    return value;
  };
}

function sleep(text: string): number {
  const { shortestSleepMs, longestSleepMs } = soakBounds;
  const ms = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : Number.NaN;
  if (ms >= shortestSleepMs && ms <= longestSleepMs) return ms;
  throw new InvalidArgumentError(`from ${shortestSleepMs / 1000} to ${longestSleepMs / 1000} seconds`);
}
