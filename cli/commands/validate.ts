import type { Command } from "commander";
import { InputError } from "../../shared/domain/errors.ts";
import { emptyNetwork, hostIndex, type Network } from "../../shared/domain/network.ts";
import { compileNetwork } from "../../shared/network-file/compile.ts";
import { diffNetworks } from "../../shared/network-file/diff.ts";
import { parseNetworkFile } from "../../shared/network-file/parse.ts";
import type { Bind, Context } from "../context.ts";
import { CliError, type ExitCode, exitCodes } from "../exit.ts";
import { readNetworkFile } from "../network-file.ts";
import { count } from "../text.ts";

/** `pointsman validate FILE`: offline, no server is asked. */
export function addValidate(program: Command, bind: Bind): void {
  const command = program
    .command("validate")
    .summary("check a network file, without a server")
    .description("Checks a network file and lists every mistake in it. Needs no server.")
    .argument("<file>", "the network file (YAML)")
    .addHelpText("after", "\nExamples:\n  pointsman validate network.yaml\n  pointsman validate network.yaml --json");
  bind<object>(command, (context, _options, [path = ""]) => validate(context, path));
}

async function validate(context: Context, path: string): Promise<ExitCode> {
  const network = compiled(path, await readNetworkFile(path));
  const { warnings } = diffNetworks(emptyNetwork, network);
  const locations = network.links.flatMap((link) => link.locations);
  const counts = { links: network.links.length, locations: locations.length, hosts: hostIndex(network).size };
  context.show({ valid: true, ...counts, warnings }, () =>
    [
      `${path} is valid: ${count(counts.links, "link")}, ${count(counts.locations, "location")}, ${count(counts.hosts, "host")}`,
      ...warnings.map(({ message }) => `${context.style.warn("warning:")} ${message}`),
    ].join("\n"),
  );
  return exitCodes.ok;
}

function compiled(path: string, text: string): Network {
  try {
    let last = 0;
    return compileNetwork(parseNetworkFile(text), emptyNetwork, () => `new${++last}`);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { mistakes } = error;
    throw new CliError(exitCodes.failed, "invalid-network", `${path} has ${count(mistakes.length, "mistake")}`, {
      mistakes,
      next: "correct them, then validate again",
    });
  }
}
