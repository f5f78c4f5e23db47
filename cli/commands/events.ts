import type { Command } from "commander";
import { type EventLine, EventsAnswer } from "../../functions/admin/schemas.ts";
import type { AdminClient } from "../client.ts";
import type { Bind, Context } from "../context.ts";
import { CliError, type ExitCode, exitCodes, usageError } from "../exit.ts";
import { pastMoment } from "../text.ts";

const pollMs = 1_000;
/** How far an event can come into the log behind newer ones. ms */
const lateMs = 10_000;

type Options = { readonly follow?: boolean; readonly since: string };

/** `pointsman events [--follow] [--since TIME]`. */
export function addEvents(program: Command, bind: Bind): void {
  const command = program
    .command("events")
    .summary("what happened, and who did it")
    .description("Shows what happened: decisions, swaps, holds, operators' commands, and what went wrong.")
    .option("-f, --follow", "go on showing new events until Ctrl-C")
    .option("--since <time>", "from when: 30s, 5m, 2h, 7d back, or a time such as 2026-01-31T12:00:00Z", "1h")
    .addHelpText(
      "after",
      `
With --json: one object, or with --follow one event a line.

Examples:
  pointsman events --since 24h
  pointsman events --follow --json | jq 'select(.severity != "info")'`,
    );
  bind<Options>(command, events);
}

async function events(context: Context, options: Options): Promise<ExitCode> {
  const sinceMs = pastMoment(options.since, context.world.clock.nowMs());
  if (sinceMs === undefined) {
    throw usageError(`"${options.since}" is not a time`, "give one such as 30m, 24h or 2026-01-31T12:00:00Z");
  }
  const client = await context.client();
  if (options.follow === true) return follow(context, client, sinceMs);
  const all = await readAll(client, sinceMs);
  context.show({ events: all }, () =>
    all.length === 0 ? "nothing happened in this time" : all.map((event) => eventText(context, event)).join("\n"),
  );
  return exitCodes.ok;
}

/**
 * Events are told by several functions, each with its own clock, and some a moment late: every look goes back over the
 * last seconds, and what was shown is not shown again.
 */
async function follow(context: Context, client: AdminClient, sinceMs: number): Promise<ExitCode> {
  const interrupted = context.io.interrupted();
  const shown = new Map<string, number>();
  let fromMs = sinceMs;
  let isLost = false;
  while (!interrupted.aborted) {
    try {
      const fresh = await readAll(client, fromMs);
      for (const event of fresh) {
        const line = JSON.stringify(event);
        if (shown.has(line)) continue;
        shown.set(line, event.atMs);
        context.io.out(context.json ? line : eventText(context, event));
      }
      fromMs = Math.max(fromMs, ...fresh.map((event) => event.atMs - lateMs));
      for (const [line, atMs] of shown) if (atMs < fromMs) shown.delete(line);
      isLost = false;
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode !== exitCodes.unreachable) throw error;
      if (!isLost) context.io.err(`${context.style.warn("pointsman:")} ${error.message}; trying on`);
      isLost = true;
    }
    await context.world.clock.sleep(pollMs, interrupted);
  }
  return exitCodes.ok;
}

async function readAll(client: AdminClient, sinceMs: number): Promise<readonly EventLine[]> {
  const all: EventLine[] = [];
  let page = await client.get(["events"], EventsAnswer, { since: String(sinceMs) });
  while (page.events.length > 0) {
    all.push(...page.events);
    page = await client.get(["events"], EventsAnswer, { cursor: page.cursor });
  }
  return all;
}

/** One event as one line. */
function eventText(context: Context, event: EventLine): string {
  const { style } = context;
  const paint = { info: (text: string) => text, warning: style.warn, error: style.bad }[event.severity];
  const where = [event.link, event.location, event.host].filter((name) => name !== null).join("/");
  const time = new Date(event.atMs).toISOString();
  const by = style.dim(`(${event.by})`);
  const place = [event.link, event.location].filter((name) => name !== null).join("/");
  const isPlaceTold = event.message.includes(place);
  return `${style.dim(time)}  ${paint(event.kind.padEnd(22))}  ${isPlaceTold ? "" : `${where}: `}${event.message} ${by}`;
}
