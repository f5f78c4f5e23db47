import { availableParallelism } from "node:os";
import { InvalidArgumentError, Option } from "commander";
import { type Asked, type Io, parsed, quiet, whole } from "../run/options.ts";
import { mutants } from "./all.ts";
import type { Mutant } from "./mutant.ts";

export type MutantOptions = {
  readonly only: readonly Mutant[];
  readonly workers: number;
  readonly json: boolean;
  readonly list: boolean;
};

const examples = `
Examples:
  npm run sim:mutants                              all of them, as a table
  npm run sim:mutants -- --only no-hold            one
  npm run sim:mutants -- --only no-hold,no-fence   some
  npm run sim:mutants -- --list                    their names, and what each does
  npm run sim:mutants --silent -- --json           the table as JSON

Exit codes:
  0  every one was found
  1  one was not found, or a world that found one breaks a promise without it too
  2  the command line is wrong`;

/** Reads the command line of the hunt for mutants (without node and script). */
export function readMutantOptions(argv: readonly string[], io: Io): Asked<MutantOptions> {
  const command = quiet("npm run sim:mutants --", io)
    .description(
      "Puts bugs into the simulated Pointsman, one at a time, and shows in which of the CI's worlds each is found.",
    )
    .addOption(new Option("--only <names>", "these alone").default(mutants, "all").argParser(named))
    .addOption(
      new Option("--workers <n>", "mutants at the same time")
        .default(availableParallelism(), "cores")
        .argParser(whole("a number of workers", 1, 256)),
    )
    .option("--list", "say what there is", false)
    .option("--json", "print the table as JSON on standard output", false)
    .addHelpText("after", examples);
  return parsed(command, argv, () => command.opts<MutantOptions>());
}

function named(text: string): readonly Mutant[] {
  return text.split(",").map((name) => {
    const mutant = mutants.find((one) => one.name === name);
    if (mutant !== undefined) return mutant;
    throw new InvalidArgumentError(`there is no ${JSON.stringify(name)}; --list says what there is`);
  });
}
