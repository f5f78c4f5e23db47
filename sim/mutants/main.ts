import { ciWorlds } from "../run/ci-worlds.ts";
import { type Hunted, hunt, unsound } from "./hunt.ts";
import type { Mutant } from "./mutant.ts";
import { readMutantOptions } from "./options.ts";
import { huntTable, mutantList } from "./table.ts";

const out = (text: string): void => void process.stdout.write(`${text}\n`);
const err = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(argv: readonly string[]): Promise<number> {
  const asked = readMutantOptions(argv, { out, err });
  if (asked.kind === "end") return asked.exitCode;
  const { only, workers, json, list } = asked.options;
  if (list) {
    out(mutantList(only));
    return 0;
  }
  const hunted = await huntAll(only, workers);
  const seeds = new Set(hunted.map(({ found }) => found?.seed));
  const bad = await unsound(
    ciWorlds.filter((world) => seeds.has(world.seed)),
    workers,
  );
  out(json ? JSON.stringify(hunted, undefined, 2) : huntTable(hunted));
  const missing = hunted.filter(({ found }) => found === undefined).map(({ mutant }) => mutant);
  if (missing.length > 0) err(`NOT FOUND: ${missing.join(", ")}`);
  if (bad.length > 0) err(`these seeds break a promise without any mutant, and prove nothing: ${bad.join(", ")}`);
  err(`${hunted.length - missing.length} of ${hunted.length} mutants found`);
  return missing.length > 0 || bad.length > 0 ? 1 : 0;
}

/** Hunts some at the same time; answers in the order in which they were given. */
async function huntAll(mutants: readonly Mutant[], workers: number): Promise<readonly Hunted[]> {
  const results = new Map<Mutant, Hunted>();
  const rest = mutants.values();
  const work = async (): Promise<void> => {
    for (const mutant of rest) {
      const hunted = await hunt(mutant, ciWorlds);
      results.set(mutant, hunted);
      const { found, wallS } = hunted;
      const how = found === undefined ? "NOT FOUND" : `seed ${found.seed}, ${found.check}: ${found.message}`;
      err(`${mutant.name}: ${how.split("\n", 1)[0]} (${wallS.toFixed(1)} s)`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, mutants.length) }, work));
  return mutants.flatMap((mutant) => results.get(mutant) ?? []);
}

// The SDK warns of Node 20 on every start.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
process.exitCode = await main(process.argv.slice(2));
