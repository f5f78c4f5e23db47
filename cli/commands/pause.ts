import type { Command } from "commander";
import { PauseAnswer } from "../../functions/admin/schemas.ts";
import type { Bind } from "../context.ts";
import { exitCodes } from "../exit.ts";
import { type WhyOptions, whyOption, withWhy } from "./command-text.ts";

/** `pointsman pause [LINK]`. */
export function addPause(program: Command, bind: Bind): void {
  const description = "Stops all decisions, of one link or of all: nothing fails over, everything is still reported.";
  addSwitch(program, bind, "pause", "stop all decisions, of one link or of all", description);
}

/** `pointsman resume [LINK]`. */
export function addResume(program: Command, bind: Bind): void {
  addSwitch(
    program,
    bind,
    "resume",
    "let decisions be made again",
    "Lets decisions be made again, and makes those that are due at once.",
  );
}

function addSwitch(program: Command, bind: Bind, name: "pause" | "resume", summary: string, description: string): void {
  const command = program
    .command(name)
    .summary(summary)
    .description(description)
    .argument("[link]", "which link (default: all)")
    .option(...whyOption)
    .addHelpText("after", `\nExamples:\n  pointsman ${name}\n  pointsman ${name} backbone --why "maintenance"`);
  bind<WhyOptions>(command, async (context, options, [link]) => {
    const client = await context.client();
    const body = { ...(link === undefined ? {} : { link }), ...withWhy(options) };
    const answer = await client.post([name], body, PauseAnswer);
    context.show(answer, () => answer.message);
    return exitCodes.ok;
  });
}
