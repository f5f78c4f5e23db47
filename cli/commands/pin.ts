import type { Command } from "commander";
import { CommandAnswer } from "../../functions/admin/schemas.ts";
import type { Bind } from "../context.ts";
import { exitCodes } from "../exit.ts";
import { hostPlace, locationPlace } from "../places.ts";
import { showCommand, type WhyOptions, whyOption, withWhy } from "./command-text.ts";

/** `pointsman pin LINK/LOCATION/HOST`. */
export function addPin(program: Command, bind: Bind): void {
  const command = program
    .command("pin")
    .summary("keep a host active while it is available")
    .description("Keeps a host active for as long as it is available, whatever the priorities say.")
    .argument("<link/location/host>", "which host")
    .option(...whyOption)
    .addHelpText(
      "after",
      `
Examples:
  pointsman pin backbone/us-east/a2 --why "a1 drops packets"
  pointsman unpin backbone/us-east`,
    );
  bind<WhyOptions>(command, async (context, options, [where = ""]) => {
    const { link, location, host } = hostPlace(where);
    const client = await context.client();
    showCommand(context, await client.post(["pin", link, location], { host, ...withWhy(options) }, CommandAnswer));
    return exitCodes.ok;
  });
}

/** `pointsman unpin LINK/LOCATION`. */
export function addUnpin(program: Command, bind: Bind): void {
  const command = program
    .command("unpin")
    .summary("end a pin")
    .description("Ends a pin: priorities decide again.")
    .argument("<link/location>", "where")
    .option(...whyOption)
    .addHelpText("after", "\nExamples:\n  pointsman unpin backbone/us-east");
  bind<WhyOptions>(command, async (context, options, [where = ""]) => {
    const { link, location } = locationPlace(where);
    const client = await context.client();
    showCommand(context, await client.post(["unpin", link, location], withWhy(options), CommandAnswer));
    return exitCodes.ok;
  });
}
