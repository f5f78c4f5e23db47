import { Command, CommanderError } from "commander";
import { addAdopt } from "./commands/adopt.ts";
import { addApply, addPlan } from "./commands/apply.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addDrain, addUndrain } from "./commands/drain.ts";
import { addEvents } from "./commands/events.ts";
import { addExplain } from "./commands/explain.ts";
import { addExport } from "./commands/export.ts";
import { addHost } from "./commands/host.ts";
import { addInit } from "./commands/init.ts";
import { addOrphans } from "./commands/orphans.ts";
import { addPause, addResume } from "./commands/pause.ts";
import { addPin, addUnpin } from "./commands/pin.ts";
import { addRotate } from "./commands/rotate.ts";
import { addServe } from "./commands/serve.ts";
import { addStatus } from "./commands/status.ts";
import { addSwitchover } from "./commands/switchover.ts";
import { addValidate } from "./commands/validate.ts";
import { type Bind, createContext, type GlobalOptions, showError } from "./context.ts";
import { CliError, exitCodes, exitHelp, usageError } from "./exit.ts";
import { styleFor } from "./style.ts";
import { systemWorld, type World } from "./world.ts";

const commands = [
  addInit,
  addValidate,
  addPlan,
  addApply,
  addStatus,
  addExplain,
  addDoctor,
  addEvents,
  addHost,
  addExport,
  addSwitchover,
  addPin,
  addUnpin,
  addDrain,
  addUndrain,
  addPause,
  addResume,
  addRotate,
  addAdopt,
  addOrphans,
  addServe,
];

/**
 * Runs one command line (without `node` and the script) and returns its exit code. Never throws for what a user, a
 * file or a server does wrong.
 */
export async function main(argv: readonly string[], world: World = systemWorld()): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const bind: Bind = (command, action) =>
    command.action(async () => {
      const global = command.optsWithGlobals<GlobalOptions>();
      exitCode = await action(createContext(world, global), command.opts(), command.args);
    });
  const program = createProgram(world);
  for (const add of commands) add(program, bind);
  for (const command of withChildren(program)) prepare(command, world);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    return failure(error, argv, world);
  }
}

function createProgram(world: World): Command {
  return new Command("pointsman")
    .description("Operates Pointsman: which host of each site carries the traffic of its links, and why.")
    .option("--url <url>", "the admin API (or POINTSMAN_URL)")
    .option("--token <token>", "the admin token (or POINTSMAN_TOKEN, which keeps it out of the shell's history)")
    .option(
      "--data <dir>",
      "data folder of a local server, used when no URL is given",
      world.env["POINTSMAN_DATA"] || ".pointsman",
    )
    .option("--insecure", "do not check the server's certificate")
    .option("--as <name>", "who acts, for the record (or POINTSMAN_OPERATOR; default: your user name)")
    .option("--json", "print the data as JSON")
    .addHelpText(
      "after",
      `
The four questions, each answered by one command:
  Is a link down, and why?           pointsman status
  Why are routes not updated?        pointsman explain LOCATION
  Why is there no traffic?           pointsman explain LOCATION
  Why does it not fail over?         pointsman explain LOCATION
And before an incident:
  Would it fail over?                pointsman doctor`,
    );
}

function withChildren(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withChildren)];
}

function prepare(command: Command, world: World): void {
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => world.io.out(text.trimEnd()),
      writeErr: (text) => world.io.err(text.trimEnd()),
      getOutHasColors: () => world.io.hasColour,
      getErrHasColors: () => world.io.hasColour,
    })
    .showHelpAfterError("see `pointsman --help`, or --help after a command")
    .addHelpText("after", exitHelp);
}

function failure(error: unknown, argv: readonly string[], world: World): number {
  const isJson = argv.includes("--json");
  const style = styleFor(world.io.hasColour);
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.ok;
    // Commander has said so on standard error already.
    if (isJson)
      showError(
        world.io,
        style,
        true,
        usageError(error.code === "commander.help" ? "a command is missing" : error.message, "see --help"),
      );
    return exitCodes.usage;
  }
  const known =
    error instanceof CliError
      ? error
      : new CliError(exitCodes.failed, "internal", error instanceof Error ? error.message : String(error), {
          next: "this is a fault of pointsman: report it with this line and the command",
          cause: error,
        });
  showError(world.io, style, isJson, known);
  return known.exitCode;
}
