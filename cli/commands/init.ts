import { type Command, InvalidArgumentError } from "commander";
import type { Bind, Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { fileSecrets } from "../secret-store/files.ts";
import { newMasterKey, newToken, type SecretStore } from "../secret-store/secret-store.ts";
import { pairs } from "../table.ts";

export type StoreOptions = { readonly stage?: string; readonly region?: string };

/** Checks `--stage`: a part of a parameter's name. */
export function stageName(text: string): string {
  if (/^[a-z][a-z0-9-]{0,31}$/.test(text)) return text;
  throw new InvalidArgumentError("a stage is 1 to 32 lower-case letters, digits and '-', and begins with a letter");
}

/** Checks `--region`: a part of a host name. */
export function regionName(text: string): string {
  if (/^[a-z][a-z0-9-]{0,62}$/.test(text)) return text;
  throw new InvalidArgumentError("a region is lower-case letters, digits and '-', such as eu-central-1");
}

/** The secret store of a stage on AWS, or of the local data folder without a stage. The AWS SDK is loaded only for AWS. */
export async function openSecretStore(context: Context, options: StoreOptions): Promise<SecretStore> {
  if (options.stage === undefined) return fileSecrets(context.global.data);
  const { openSsmSecrets } = await import("../secret-store/ssm.ts");
  return openSsmSecrets(options.stage, options.region);
}

/** `pointsman init`: the secrets that a deployment needs, made once. */
export function addInit(program: Command, bind: Bind): void {
  const command = program
    .command("init")
    .summary("make the secrets of a deployment")
    .description(
      "Makes the master key and the admin token of a deployment, with the cloud's own credentials. Keeps what is there already.",
    )
    .option("--stage <stage>", "the stage of an AWS deployment; without it, the local data folder", stageName)
    .option("--region <region>", "AWS region (default: AWS_REGION)", regionName)
    .addHelpText(
      "after",
      `
Examples:
  pointsman init --stage prod --region eu-central-1   before the first deploy
  pointsman init --data /var/lib/pointsman            for a local server`,
    );
  bind<StoreOptions>(command, init);
}

async function init(context: Context, options: StoreOptions): Promise<ExitCode> {
  const store = await openSecretStore(context, options);
  const token = newToken(context.world.random);
  const isKeyNew = await store.putMasterKey(newMasterKey(context.world.random));
  const isTokenNew = await store.putToken(token);
  const result = {
    masterKey: { place: store.masterKeyPlace, made: isKeyNew },
    adminToken: { place: store.tokenPlace, made: isTokenNew, ...(isTokenNew ? { token } : {}) },
  };
  context.show(result, () =>
    [
      pairs([
        ["master key", `${isKeyNew ? "made" : "kept"}: ${store.masterKeyPlace}`],
        ["admin token", `${isTokenNew ? "made" : "kept"}: ${store.tokenPlace}`],
      ]),
      "",
      isTokenNew
        ? `The admin token, shown this once: ${token}\nKeep it where you keep passwords, and give it as POINTSMAN_TOKEN.`
        : "The admin token is the one from before; `pointsman rotate token` makes a new one.",
    ].join("\n"),
  );
  return exitCodes.ok;
}
