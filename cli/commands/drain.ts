import type { Command } from "commander";
import { CommandAnswer, DrainAnswer } from "../../functions/admin/schemas.ts";
import type { AdminClient } from "../client.ts";
import type { Bind, Context } from "../context.ts";
import { CliError, type ExitCode, exitCodes, usageError } from "../exit.ts";
import { type HostPlaceName, hostPlace } from "../places.ts";
import { age, duration } from "../text.ts";
import { showCommand, type WhyOptions, whyOption, withWhy } from "./command-text.ts";

const pollMs = 1_000;

type Options = WhyOptions & { readonly wait: boolean; readonly timeout: string };

/** `pointsman drain LINK/LOCATION/HOST`. */
export function addDrain(program: Command, bind: Bind): void {
  const command = program
    .command("drain")
    .summary("take a host out of service without losing traffic")
    .description(
      "Takes a host out of service: makes another one active, verifies the routes, and only then releases it. Waits for that.",
    )
    .argument("<link/location/host>", "which host")
    .option("--no-wait", "return at once; `pointsman explain` shows how far it is")
    .option("--timeout <time>", "how long to wait, such as 90s or 5m", "5m")
    .option(...whyOption)
    .addHelpText(
      "after",
      `
Examples:
  pointsman drain backbone/us-east/a1 --why "kernel update"   then, when it is released, reboot it
  pointsman undrain backbone/us-east/a1`,
    );
  bind<Options>(command, (context, options, [where = ""]) => drain(context, options, hostPlace(where)));
}

async function drain(context: Context, options: Options, place: HostPlaceName): Promise<ExitCode> {
  const timeoutMs = duration(options.timeout);
  if (timeoutMs === undefined)
    throw usageError(`"${options.timeout}" is not a length of time`, "give one such as 90s or 5m");
  const client = await context.client();
  const { link, location, host } = place;
  const begun = await client.post(["drain", link, location], { host, ...withWhy(options) }, DrainAnswer);
  const end = options.wait ? await waitForRelease(context, client, place, begun, timeoutMs) : begun;
  context.show(end, () => end.message);
  return exitCodes.ok;
}

async function waitForRelease(
  context: Context,
  client: AdminClient,
  { link, location, host }: HostPlaceName,
  begun: DrainAnswer,
  timeoutMs: number,
): Promise<DrainAnswer> {
  const { clock } = context.world;
  const interrupted = context.io.interrupted();
  const startMs = clock.monotonicMs();
  let told = "";
  let now = begun;
  while (now.state === "draining" && !interrupted.aborted) {
    const waitedMs = clock.monotonicMs() - startMs;
    if (waitedMs >= timeoutMs) {
      throw new CliError(
        exitCodes.failed,
        "not-released",
        `${link}/${location}/${host} is not released after ${age(waitedMs)}: ${now.message}`,
        {
          next: `the drain goes on; look with \`pointsman explain ${link}/${location}\`, or end it with \`pointsman undrain ${link}/${location}/${host}\``,
        },
      );
    }
    const line = `draining ${link}/${location}/${host}: ${now.message}`;
    if (!context.json && context.io.isTty) context.io.redraw(`${line} (${age(waitedMs)})`);
    else if (!context.json && line !== told) context.io.err(line);
    told = line;
    await clock.sleep(pollMs, interrupted);
    if (!interrupted.aborted) now = await client.get(["drain", link, location, host], DrainAnswer);
  }
  return now;
}

/** `pointsman undrain LINK/LOCATION/HOST`. */
export function addUndrain(program: Command, bind: Bind): void {
  const command = program
    .command("undrain")
    .summary("put a drained host back into service")
    .description("Puts a drained host back into service. It takes over again when it is due by priority.")
    .argument("<link/location/host>", "which host")
    .option(...whyOption)
    .addHelpText("after", "\nExamples:\n  pointsman undrain backbone/us-east/a1");
  bind<WhyOptions>(command, async (context, options, [where = ""]) => {
    const { link, location, host } = hostPlace(where);
    const client = await context.client();
    showCommand(context, await client.post(["undrain", link, location], { host, ...withWhy(options) }, CommandAnswer));
    return exitCodes.ok;
  });
}
