import type { Command } from "commander";
import { AdoptAnswer } from "../../functions/admin/schemas.ts";
import type { Bind, Context } from "../context.ts";
import { exitCodes } from "../exit.ts";
import { locationPlace } from "../places.ts";
import { table } from "../table.ts";
import { count } from "../text.ts";
import { type WhyOptions, whyOption, withWhy } from "./command-text.ts";

type Options = WhyOptions & { readonly table?: string; readonly destination?: string; readonly yes?: boolean };

/** `pointsman adopt LINK/LOCATION`. */
export function addAdopt(program: Command, bind: Bind): void {
  const command = program
    .command("adopt")
    .summary("take over routes that somebody else made")
    .description(
      "Takes over the routes that stand where the location's routes belong, but were made by somebody else. From then on they point at its active host.",
    )
    .argument("<link/location>", "where")
    .option("--table <id>", "only routes of this table")
    .option("--destination <cidr>", "only routes of this destination")
    .option("--yes", "do not ask")
    .option(...whyOption)
    .addHelpText(
      "after",
      `
Examples:
  pointsman adopt backbone/us-east --why "made by hand before Pointsman"
  pointsman adopt backbone/us-east --table rtb-0a1 --destination 10.1.0.0/16`,
    );
  bind<Options>(command, async (context, options, [where = ""]) => {
    const { link, location } = locationPlace(where);
    const client = await context.client();
    await context.confirm(
      `Adopt the foreign routes of ${where}? They will be pointed at its active host.`,
      options.yes,
    );
    const { table: id, destination } = options;
    const filter = {
      ...(id === undefined ? {} : { table: id }),
      ...(destination === undefined ? {} : { destination }),
    };
    const answer = await client.post(["adopt", link, location], { ...filter, ...withWhy(options) }, AdoptAnswer);
    context.show(answer, () => adoptText(context, answer));
    return answer.refused.length > 0 ? exitCodes.failed : exitCodes.ok;
  });
}

function adoptText(context: Context, answer: AdoptAnswer): string {
  const rows = [
    ...answer.adopted.map((route) => [
      route.table,
      route.destination,
      context.style.good("adopted"),
      `was ${route.was}`,
    ]),
    ...answer.refused.map((route) => [route.table, route.destination, context.style.bad("refused"), route.reason]),
  ];
  const head = `${answer.location}: ${count(answer.adopted.length, "route")} adopted`;
  return rows.length === 0 ? head : `${head}\n\n${table(["TABLE", "DESTINATION", "RESULT", ""], rows)}`;
}
