import type { Command } from "commander";
import { HostUriAnswer } from "../../functions/admin/schemas.ts";
import type { Bind } from "../context.ts";
import { exitCodes } from "../exit.ts";
import { hostPlace } from "../places.ts";

/** `pointsman host uri LINK/LOCATION/HOST`. */
export function addHost(program: Command, bind: Bind): void {
  const group = program
    .command("host")
    .summary("what concerns a single link host")
    .description("What concerns a single link host.");
  const command = group
    .command("uri")
    .summary("print the URI that a host's agent is given")
    .description(
      "Prints the URI that the agent on a host is given. It holds the host's secret; that it was read is recorded.",
    )
    .argument("<link/location/host>", "which host")
    .addHelpText(
      "after",
      `
Examples:
  pointsman host uri backbone/us-east/a1
  sudo pritunl-link add "$(pointsman host uri backbone/us-east/a1)"`,
    );
  bind<object>(command, async (context, _options, [where = ""]) => {
    const { link, location, host } = hostPlace(where);
    const client = await context.client();
    const answer = await client.get(["host-uri", link, location, host], HostUriAnswer);
    context.show(answer, () => answer.uri);
    return exitCodes.ok;
  });
}
