import { Command, CommanderError, InvalidArgumentError } from "commander";
import type { ProviderName } from "../../shared/domain/clouds/cloud.ts";
import { networkFileLimits } from "../../shared/domain/limits.ts";
import { durationMs, durationPattern, durationText } from "../../shared/network-file/duration.ts";
import { type PlatformName, platformNames } from "./platform-names.ts";
import { sampleClouds } from "./sample-network.ts";

export type StartOptions = {
  readonly data: string;
  readonly once: boolean;
  readonly json: boolean;
  readonly network: string | undefined;
  readonly demo: boolean;
  readonly port: number | undefined;
  readonly databaseUrl: string | undefined;
  readonly timeoutMs: number | undefined;
  /** The clouds of the sample network; undefined for all, or for what is in force. */
  readonly clouds: readonly ProviderName[] | undefined;
  /** Platforms that the functions run on, the first of which is lost in the demonstration where there are two. */
  readonly platforms: readonly PlatformName[];
};

/** What the command line asks for, or how the process is to end at once. */
export type Asked =
  | { readonly kind: "run"; readonly options: StartOptions }
  | { readonly kind: "end"; readonly exitCode: 0 | 2 };

/** As commander gives it: what was not asked for is absent. */
type Parsed = {
  readonly data: string;
  readonly demo: boolean;
  readonly once?: true;
  readonly json?: true;
  readonly network?: string;
  readonly port?: number;
  readonly database?: string;
  readonly timeout?: number;
  readonly clouds?: readonly ProviderName[];
  readonly platforms?: readonly PlatformName[];
};

const examples = `
Examples:
  npm start                                 run the sample network, show a failover, go on serving
  npm start -- --once                       show a failover and end: status 0 if every route points at the new host
  npm start --silent -- --once --json       the same as one JSON report on standard output
  npm start -- --clouds aws,azure           the sample network with these clouds alone
  npm start -- --platforms aws,gcp          the functions on two platforms, one of which is lost: nothing fails over
  npm start -- --network my.yaml            run your own network file, with simulated hosts
  npm start -- --no-demo --network my.yaml  only serve, for real agents and the CLI
  npm start -- --timeout 30s --data /tmp/p  another time-out, another data folder
  npm start -- --database http://127.0.0.1:8000
                                            use a DynamoDB that runs already, such as that of dev/database.ts
  node bin/pointsman.mjs status             (in a second terminal) what runs, once it serves

Exit codes:
  0  done, or stopped with Ctrl-C
  1  a route does not point at the new host, or something could not be started: the message says what to do
  2  the command line is wrong
  130  stopped with Ctrl-C before the demonstration of --once had ended`;

/** Reads the command line (without node and script). Help and mistakes are written through `out` and `err`. */
export function readOptions(argv: readonly string[], io: { out(text: string): void; err(text: string): void }): Asked {
  const command = new Command("npm start --")
    .description(
      "Runs Pointsman on this machine: database, functions, emulators of five clouds and simulated link hosts.",
    )
    .option("--data <dir>", "folder that database, secrets and emulated routes are kept in", ".pointsman")
    .option("--once", "end after the demonstration")
    .option(
      "--json",
      "print one JSON report of the demonstration on standard output; all else on standard error",
      false,
    )
    .option("--network <file>", "run this network file instead of the sample")
    .option("--no-demo", "only serve: no simulated hosts, no scripted failover")
    .option("--port <n>", "HTTPS port (default: 8443, or a free one when it is taken)", readPort)
    .option(
      "--database <url>",
      "DynamoDB-compatible endpoint on this machine that runs already (default: an embedded one)",
      readDatabaseUrl,
    )
    .option(
      "--timeout <duration>",
      "time-out of all hosts, such as 10s (default: 10s, or what the file says)",
      readTimeout,
    )
    .option("--clouds <names>", `clouds of the sample network, of ${sampleClouds.join(",")} (default: all)`, readClouds)
    .option("--platforms <names>", "platforms that the functions run on: aws, or aws,gcp (default: aws)", readPlatforms)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
    .showHelpAfterError("see `npm start -- --help`")
    .addHelpText("after", examples);
  try {
    command.parse([...argv], { from: "user" });
    const { data, demo, once = false, json = false, network, port, database, timeout, clouds } = command.opts<Parsed>();
    const { platforms = ["aws"] } = command.opts<Parsed>();
    const options: StartOptions = {
      data,
      demo,
      once,
      json,
      network,
      port,
      databaseUrl: database,
      timeoutMs: timeout,
      clouds,
      platforms,
    };
    if (!options.demo && (options.once || options.json)) {
      command.error("error: --once and --json are about the demonstration: they do not go with --no-demo");
    }
    if (options.network !== undefined && options.clouds !== undefined) {
      command.error("error: --clouds is about the sample network: it does not go with --network");
    }
    return { kind: "run", options };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: "end", exitCode: error.exitCode === 0 ? 0 : 2 };
  }
}

/** An HTTPS or HTTP port of a command line. Throws `InvalidArgumentError`. */
export function readPort(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= 1 && number <= 65_535)) throw new InvalidArgumentError("a port is a number from 1 to 65535");
  return number;
}

function readClouds(text: string): readonly ProviderName[] {
  const names = text.split(",");
  const known = sampleClouds.filter((name) => names.includes(name));
  if (known.length !== names.length) throw new InvalidArgumentError(`names of ${sampleClouds.join(", ")}, with commas`);
  return known;
}

function readPlatforms(text: string): readonly PlatformName[] {
  const names = text.split(",");
  const known = platformNames.filter((name) => names.includes(name));
  if (known.length !== names.length || known[0] !== "aws") {
    throw new InvalidArgumentError("aws, or aws,gcp: the host of Azure's functions cannot be had from npm");
  }
  return known;
}

function readDatabaseUrl(text: string): string {
  const isUrl = /^https?:\/\/[^/?#@\s]+\/?$/.test(text) && URL.canParse(text);
  if (!isUrl) throw new InvalidArgumentError("the address of a database is like http://127.0.0.1:8000");
  return text;
}

function readTimeout(text: string): number {
  const { timeoutMs: leastMs, longestTimeoutMs: mostMs } = networkFileLimits;
  const bounds = `from ${durationText(leastMs)} to ${durationText(mostMs)}`;
  const ms = durationPattern.test(text) ? durationMs(text) : Number.NaN;
  if (!(ms >= leastMs && ms <= mostMs))
    throw new InvalidArgumentError(`a time-out is a duration ${bounds}, such as 10s`);
  return ms;
}
