import type { Command } from "commander";
import { CommandAnswer } from "../../functions/admin/schemas.ts";
import type { Bind } from "../context.ts";
import { exitCodes } from "../exit.ts";
import { locationPlace } from "../places.ts";
import { showCommand, type WhyOptions, whyOption, withWhy } from "./command-text.ts";

type Options = WhyOptions & { readonly to?: string };

/** `pointsman switchover LINK/LOCATION [--to HOST]`. */
export function addSwitchover(program: Command, bind: Bind): void {
  const command = program
    .command("switchover")
    .summary("make another host active now")
    .description(
      "Makes another host active now. It holds only until a host with a higher priority pre-empts; `pin` holds longer.",
    )
    .argument("<link/location>", "where")
    .option("--to <host>", "the host to make active (default: the best of the others)")
    .option(...whyOption)
    .addHelpText(
      "after",
      `
Examples:
  pointsman switchover backbone/us-east
  pointsman switchover backbone/us-east --to a2 --why "kernel update on a1"`,
    );
  bind<Options>(command, async (context, options, [where = ""]) => {
    const { link, location } = locationPlace(where);
    const client = await context.client();
    const body = { ...(options.to === undefined ? {} : { host: options.to }), ...withWhy(options) };
    showCommand(context, await client.post(["switchover", link, location], body, CommandAnswer));
    return exitCodes.ok;
  });
}
