import type { Command } from "commander";
import { ExplainAnswer, StatusAnswer } from "../../functions/admin/status-schemas.ts";
import type { AdminClient } from "../client.ts";
import type { Bind } from "../context.ts";
import { CliError, exitCodes } from "../exit.ts";
import { explainText } from "../explain-text.ts";
import { type LocationPlace, locationPlace } from "../places.ts";

/** `pointsman explain LINK/LOCATION`. */
export function addExplain(program: Command, bind: Bind): void {
  const command = program
    .command("explain")
    .summary("why a location is as it is, and what would change it")
    .description(
      "Shows who is active in a location, since when and why, what would change it, and what each host was last heard to say.",
    )
    .argument("<[link/]location>", "where; a location's name alone will do where only one link has it")
    .addHelpText("after", "\nExamples:\n  pointsman explain us-east\n  pointsman explain backbone/us-east --json");
  bind<object>(command, async (context, _options, [where = ""]) => {
    const client = await context.client();
    const place = where.includes("/") ? locationPlace(where) : await onlyPlace(client, where);
    const answer = await client.get(["explain", place.link, place.location], ExplainAnswer);
    context.show(answer, () => explainText(answer, context.style));
    return exitCodes.ok;
  });
}

async function onlyPlace(client: AdminClient, location: string): Promise<LocationPlace> {
  const status = await client.get(["status"], StatusAnswer);
  const all = status.links.flatMap((link) => link.locations.map((one) => ({ link: link.name, location: one.name })));
  const found = all.filter((place) => place.location === location);
  const [place] = found;
  if (place !== undefined && found.length === 1) return place;
  const names = (found.length > 1 ? found : all).slice(0, 20).map((one) => `${one.link}/${one.location}`);
  if (found.length > 1) {
    throw new CliError(exitCodes.failed, "ambiguous", `${found.length} links have a location "${location}"`, {
      next: `give one of: ${names.join(", ")}`,
    });
  }
  throw new CliError(exitCodes.failed, "unknown-location", `there is no location "${location}"`, {
    next: names.length === 0 ? "apply a network file first" : `the locations are: ${names.join(", ")}`,
  });
}
