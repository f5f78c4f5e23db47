import type { Command } from "commander";
import { RotateAnswer } from "../../functions/admin/schemas.ts";
import type { Bind, Context } from "../context.ts";
import { type ExitCode, exitCodes, usageError } from "../exit.ts";
import { hostPlace } from "../places.ts";
import { newToken } from "../secret-store/secret-store.ts";
import { duration, moment } from "../text.ts";
import { type WhyOptions, whyOption, withWhy } from "./command-text.ts";
import { openSecretStore, regionName, type StoreOptions, stageName } from "./init.ts";

type HostOptions = WhyOptions & { readonly grace: string; readonly force?: boolean };
type LinkOptions = WhyOptions & { readonly yes?: boolean };
type TokenOptions = StoreOptions & { readonly yes?: boolean };

/** `pointsman rotate host|link|token`. */
export function addRotate(program: Command, bind: Bind): void {
  const group = program
    .command("rotate")
    .summary("new secrets: of a host, a link, or the admin token")
    .description("Makes a new generation of a secret.");
  addRotateHost(group, bind);
  addRotateLink(group, bind);
  addRotateToken(group, bind);
}

function addRotateHost(group: Command, bind: Bind): void {
  const command = group
    .command("host")
    .summary("new secret for a host, with a grace time")
    .description(
      "Gives a host a new secret. The one before is taken for a grace time, in which you give the host its new URI.",
    )
    .argument("<link/location/host>", "which host")
    .option(
      "--grace <time>",
      "how long the secret before is taken, such as 1h or 2d; 0s cuts the host off at once",
      "24h",
    )
    .option("--force", "also while the grace time of the rotation before still runs")
    .option(...whyOption)
    .addHelpText(
      "after",
      `
Examples:
  pointsman rotate host backbone/us-east/a1
  pointsman rotate host backbone/us-east/a1 --grace 0s --why "secret leaked"`,
    );
  bind<HostOptions>(command, (context, options, [where = ""]) => rotateHost(context, options, where));
}

async function rotateHost(context: Context, options: HostOptions, where: string): Promise<ExitCode> {
  const { link, location, host } = hostPlace(where);
  const graceMs = duration(options.grace);
  if (graceMs === undefined)
    throw usageError(`"${options.grace}" is not a length of time`, "give one such as 24h, or 0s");
  const client = await context.client();
  const body = { graceMs, force: options.force === true, ...withWhy(options) };
  const answer = await client.post(["rotate", "host", link, location, host], body, RotateAnswer);
  const grace =
    answer.graceUntilMs === 0
      ? "The secret before is not taken any more."
      : `The secret before is taken until ${moment(answer.graceUntilMs)}.`;
  context.show(answer, () =>
    [
      `${where} has a new secret (generation ${answer.generation}). ${grace}`,
      `Give the host its new URI: pointsman host uri ${where}`,
    ].join("\n"),
  );
  return exitCodes.ok;
}

function addRotateLink(group: Command, bind: Bind): void {
  const command = group
    .command("link")
    .summary("new pre-shared keys for a link")
    .description("Gives every pair of locations of a link a new pre-shared key. All its tunnels are set up anew.")
    .argument("<link>", "which link")
    .option("--yes", "do not ask")
    .option(...whyOption)
    .addHelpText("after", "\nExamples:\n  pointsman rotate link backbone --yes");
  bind<LinkOptions>(command, async (context, options, [link = ""]) => {
    const client = await context.client();
    await context.confirm(
      `Rotate the keys of ${link}? Its tunnels drop for some seconds; static hosts need the new keys by hand.`,
      options.yes,
    );
    const answer = await client.post(["rotate", "link", link], withWhy(options), RotateAnswer);
    context.show(
      answer,
      () => `${link} has new keys (generation ${answer.generation}). Agents take them with their next heartbeats.`,
    );
    return exitCodes.ok;
  });
}

function addRotateToken(group: Command, bind: Bind): void {
  const command = group
    .command("token")
    .summary("new admin token")
    .description(
      "Makes a new admin token, with the cloud's own credentials and never through the API. The one before ends.",
    )
    .option("--stage <stage>", "the stage of an AWS deployment; without it, the local data folder", stageName)
    .option("--region <region>", "AWS region (default: AWS_REGION)", regionName)
    .option("--yes", "do not ask")
    .addHelpText(
      "after",
      "\nExamples:\n  pointsman rotate token --stage prod\n  pointsman rotate token --data .pointsman",
    );
  bind<TokenOptions>(command, async (context, options) => {
    const store = await openSecretStore(context, options);
    await context.confirm("Make a new admin token? The one before ends for everybody who uses it.", options.yes);
    const token = newToken(context.world.random);
    await store.replaceToken(token);
    context.show({ adminToken: { place: store.tokenPlace, token } }, () =>
      [
        `The new admin token, shown this once: ${token}`,
        `Written to ${store.tokenPlace}.`,
        options.stage === undefined
          ? "A server that runs on the folder takes it at once."
          : "Functions that run take it within five minutes, and the one before until then.",
      ].join("\n"),
    );
    return exitCodes.ok;
  });
}
