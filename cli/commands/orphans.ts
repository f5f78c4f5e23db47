import type { Command } from "commander";
import { ForgetAnswer, OrphansAnswer } from "../../functions/admin/schemas.ts";
import type { AdminClient } from "../client.ts";
import type { Bind, Context } from "../context.ts";
import { type ExitCode, exitCodes, usageError } from "../exit.ts";
import { table } from "../table.ts";
import { age, count, moment } from "../text.ts";
import { type WhyOptions, whyOption, withWhy } from "./command-text.ts";

type Options = WhyOptions & {
  readonly link?: string;
  readonly table?: string;
  readonly forget?: boolean;
  readonly yes?: boolean;
};
type Filter = { readonly link?: string; readonly table?: string };

/** `pointsman orphans [--forget]`. */
export function addOrphans(program: Command, bind: Bind): void {
  const command = program
    .command("orphans")
    .summary("routes that were left over; forget them")
    .description(
      "Lists orphans: routes that were Pointsman's, are not desired any more, and were left in place. With --forget they leave the list: Pointsman never touches them again.",
    )
    .option("--link <name>", "only those of this link, which may be gone")
    .option("--table <id>", "only those in this table")
    .option("--forget", "forget them; remove the routes in the cloud first if they are not wanted")
    .option("--yes", "do not ask")
    .option(...whyOption)
    .addHelpText(
      "after",
      `
Examples:
  pointsman orphans
  pointsman orphans --json | jq -r '.orphans[] | [.table, .destination] | @tsv'
  pointsman orphans --table rtb-0a1 --forget --why "removed by hand"`,
    );
  bind<Options>(command, orphans);
}

async function orphans(context: Context, options: Options): Promise<ExitCode> {
  if (options.forget !== true && (options.yes === true || options.why !== undefined)) {
    throw usageError("--yes and --why go with --forget", "add --forget, or leave them out");
  }
  const filter: Filter = {
    ...(options.link === undefined ? {} : { link: options.link }),
    ...(options.table === undefined ? {} : { table: options.table }),
  };
  const client = await context.client();
  const found = await client.get(["orphans"], OrphansAnswer, filter);
  if (options.forget === true) return forget(context, client, filter, found, options);
  context.show(found, () => listText(context, found));
  return exitCodes.ok;
}

async function forget(
  context: Context,
  client: AdminClient,
  filter: Filter,
  found: OrphansAnswer,
  options: Options,
): Promise<ExitCode> {
  const total = found.orphans.length + found.more;
  if (total === 0) {
    context.show({ forgotten: [], changed: [], left: 0 } satisfies ForgetAnswer, () => listText(context, found));
    return exitCodes.ok;
  }
  if (!context.json) context.io.out(`${listText(context, found)}\n`);
  await context.confirm(
    `Forget ${count(total, "orphan")}? Pointsman never touches them again; remove the routes in the cloud first if they are not wanted.`,
    options.yes,
  );
  // Only what was there when the list was made, by whichever of the two clocks is ahead.
  const untilMs = Math.max(found.nowMs, ...found.orphans.map((orphan) => orphan.sinceMs));
  const answer = await forgetAll(client, { ...filter, untilMs, ...withWhy(options) });
  context.show(answer, () => forgottenText(context, answer));
  return answer.changed.length + answer.left > 0 ? exitCodes.failed : exitCodes.ok;
}

/** One call forgets so many at most: goes on until none is left, or a call forgot nothing. */
async function forgetAll(client: AdminClient, body: object): Promise<ForgetAnswer> {
  const all: ForgetAnswer = { forgotten: [], changed: [], left: 0 };
  for (;;) {
    const answer = await client.post(["orphans", "forget"], body, ForgetAnswer);
    all.forgotten.push(...answer.forgotten);
    all.changed.push(...answer.changed);
    all.left = answer.left;
    if (answer.left === 0 || answer.forgotten.length === 0) return all;
  }
}

function listText({ style }: Context, { nowMs, orphans: some, more }: OrphansAnswer): string {
  if (some.length === 0) return "no orphans";
  const rows = some.map(({ table: id, destination, location, sinceMs, seen }) => [
    id,
    destination,
    location,
    `${moment(sinceMs)} (${age(nowMs - sinceMs)} ago)`,
    seen === "" ? "-" : seen,
  ]);
  const rest = more === 0 ? "" : `\n… and ${more} more`;
  const next =
    "remove in the cloud those that are not wanted; then `pointsman orphans --forget` takes them off this list";
  const list = table(["TABLE", "DESTINATION", "WHOSE", "SINCE", "POINTED AT"], rows);
  return `${list}${rest}\n\n${style.dim("what to do:")} ${next}`;
}

function forgottenText({ style }: Context, { forgotten, changed, left }: ForgetAnswer): string {
  const lines = [`${count(forgotten.length, "orphan")} forgotten`];
  for (const one of changed) {
    lines.push(`${style.warn("kept:")} ${one.destination} in ${one.table} has just changed: look again`);
  }
  if (left > 0) lines.push(`${style.warn("kept:")} ${left} more: try again`);
  return lines.join("\n");
}
