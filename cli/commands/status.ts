import type { Command } from "commander";
import { StatusAnswer } from "../../functions/admin/status-schemas.ts";
import type { Bind, Context } from "../context.ts";
import { CliError, type ExitCode, exitCodes, usageError } from "../exit.ts";
import { statusText } from "../status-text.ts";

const redrawMs = 1_000;

type Options = { readonly watch?: boolean };

/** `pointsman status [--watch]`. */
export function addStatus(program: Command, bind: Bind): void {
  const command = program
    .command("status")
    .summary("who is active, who is heard, what needs a look")
    .description(
      "Shows every link, location and host: who is active, who is heard, whether routes are in place, and what needs a look.",
    )
    .option("-w, --watch", "show it anew each second until Ctrl-C")
    .addHelpText(
      "after",
      "\nExamples:\n  pointsman status\n  pointsman status --watch\n  pointsman status --json | jq .problems",
    );
  bind<Options>(command, (context, options) => (options.watch === true ? watch(context) : once(context)));
}

async function once(context: Context): Promise<ExitCode> {
  const client = await context.client();
  const status = await client.get(["status"], StatusAnswer);
  context.show(status, () => statusText(status, context.style));
  return exitCodes.ok;
}

async function watch(context: Context): Promise<ExitCode> {
  if (context.json)
    throw usageError(
      "--watch and --json do not go together",
      "use `pointsman status --json` in a loop, or `events --follow --json`",
    );
  if (!context.io.isTty)
    throw usageError("--watch needs a terminal", "leave it out, or use `pointsman events --follow`");
  const client = await context.client();
  const interrupted = context.io.interrupted();
  let shown = "";
  while (!interrupted.aborted) {
    try {
      shown = statusText(await client.get(["status"], StatusAnswer), context.style);
      context.io.redraw(shown);
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode !== exitCodes.unreachable) throw error;
      context.io.redraw(`${context.style.bad(error.message)}; trying on\n${shown}`);
    }
    await context.world.clock.sleep(redrawMs, interrupted);
  }
  return exitCodes.ok;
}
