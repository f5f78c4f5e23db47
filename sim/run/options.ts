import { availableParallelism } from "node:os";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { type FaultKind, faultKinds } from "../faults/kinds.ts";
import type { FaultLevel } from "../faults/plan.ts";

export type SimOptions = {
  readonly seeds: number;
  readonly firstSeed: number;
  readonly hours: number;
  readonly faults: FaultLevel;
  readonly workers: number;
  readonly json: boolean;
  /** Whether worlds of violations are cut down. */
  readonly shrink: boolean;
  /** One world alone, with its trace. */
  readonly seed: number | undefined;
  readonly only: readonly number[] | undefined;
  readonly without: readonly FaultKind[] | undefined;
  readonly untilMs: number | undefined;
};

/** What the command line asks for, or how the process is to end at once. */
export type Asked<T> =
  | { readonly kind: "run"; readonly options: T }
  | { readonly kind: "end"; readonly exitCode: 0 | 2 };

/** Where help and mistakes are written. */
export type Io = { out(text: string): void; err(text: string): void };

type Parsed = Omit<SimOptions, "seed" | "only" | "without" | "untilMs"> & {
  readonly seed?: number;
  readonly only?: readonly number[];
  readonly without?: readonly FaultKind[];
  readonly until?: number;
};

const levels: readonly FaultLevel[] = ["none", "light", "heavy"];
const most = { seeds: 1_000_000, seed: 2 ** 32 - 1, hours: 10_000, workers: 256 } as const;

const examples = `
Examples:
  npm run sim                                           a few worlds, as a try: about a minute
  npm run sim -- --seeds 1000 --hours 24                a long run
  npm run sim -- --seeds 100 --hours 1 --faults none    nothing goes wrong: nothing may fail over
  npm run sim -- --first-seed 5000 --json               other worlds; the summary as JSON on standard output
  npm run sim -- --seed 17 --hours 1                    one world, with everything that happens in it
  npm run sim -- --seed 17 --hours 1 --only 3,17 --until 812.4
                                                        the same world with two of its incidents, up to a time
  npm run sim -- --seed 17 --hours 1 --without host-clock,replay
                                                        the same world without some kinds of faults

Exit codes:
  0  no promise was broken
  1  a promise was broken, or the simulator broke: the message says in which world
  2  the command line is wrong`;

/** Reads the command line of the simulator (without node and script). Help and mistakes are written through `io`. */
export function readSimOptions(argv: readonly string[], io: Io): Asked<SimOptions> {
  const command = quiet("npm run sim --", io)
    .description(
      "Runs seeded worlds in virtual time, in which everything goes wrong that can, and judges each promise.",
    )
    .addOption(new Option("--seeds <n>", "worlds").default(20).argParser(whole("a number of worlds", 1, most.seeds)))
    .addOption(
      new Option("--first-seed <n>", "seed of the first world").default(1).argParser(whole("a seed", 0, most.seed)),
    )
    .addOption(
      new Option("--hours <n>", "simulated hours of each world, such as 24 or 0.5").default(1).argParser(hours),
    )
    .addOption(new Option("--faults <level>", "how much goes wrong").choices(levels).default("heavy"))
    .addOption(
      new Option("--workers <n>", "worlds at the same time")
        .default(availableParallelism(), "cores")
        .argParser(whole("a number of workers", 1, most.workers)),
    )
    .option("--json", "print the summary as JSON on standard output; all else on standard error", false)
    .option("--no-shrink", "only say in which world a promise was broken: do not look for a smaller one")
    .addOption(new Option("--seed <n>", "one world, with its trace").argParser(whole("a seed", 0, most.seed)))
    .addOption(new Option("--until <seconds>", "end of that world, after its beginning").argParser(seconds))
    .addOption(new Option("--only <numbers>", "keep these incidents of that world alone").argParser(numbers))
    .addOption(new Option("--without <kinds>", "leave out these kinds of faults").argParser(kinds))
    .addHelpText("after", examples);
  return parsed(command, argv, () => {
    const { until, seed, only, without, ...rest } = command.opts<Parsed>();
    if (seed === undefined && (until !== undefined || only !== undefined)) {
      command.error("error: --until and --only are about one world: they go with --seed");
    }
    return { ...rest, seed, only, without, untilMs: until === undefined ? undefined : Math.round(until * 1_000) };
  });
}

/** A command that throws instead of ending the process, and writes through `io`. */
export function quiet(name: string, io: Io): Command {
  return new Command(name)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
    .showHelpAfterError(`see \`${name} --help\``);
}

/** Parses, and answers what `read` makes of it. */
export function parsed<T>(command: Command, argv: readonly string[], read: () => T): Asked<T> {
  try {
    command.parse([...argv], { from: "user" });
    return { kind: "run", options: read() };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: "end", exitCode: error.exitCode === 0 ? 0 : 2 };
  }
}

/** A parser of whole numbers within bounds. */
export function whole(what: string, leastNumber: number, mostNumber: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= leastNumber && number <= mostNumber) return number;
    throw new InvalidArgumentError(`${what} is a whole number from ${leastNumber} to ${mostNumber}`);
  };
}

function decimal(text: string): number {
  return /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
}

function hours(text: string): number {
  const number = decimal(text);
  if (number > 0 && number <= most.hours) return number;
  throw new InvalidArgumentError(`hours are a number above 0, at most ${most.hours}, such as 24 or 0.5`);
}

function seconds(text: string): number {
  const number = decimal(text);
  if (number > 0) return number;
  throw new InvalidArgumentError("a time is a number of seconds, such as 812.4");
}

function numbers(text: string): readonly number[] {
  if (text === "none") return [];
  if (/^\d{1,7}(,\d{1,7})*$/.test(text)) return text.split(",").map(Number);
  throw new InvalidArgumentError("incidents are numbers with commas in between, such as 3,17, or none");
}

function kinds(text: string): readonly FaultKind[] {
  const named = text.split(",");
  const known = faultKinds.filter((kind) => named.includes(kind));
  const unknown = named.find((name) => !known.some((kind) => kind === name));
  if (unknown === undefined) return known;
  throw new InvalidArgumentError(`there is no fault ${JSON.stringify(unknown)}; there are: ${faultKinds.join(", ")}`);
}
