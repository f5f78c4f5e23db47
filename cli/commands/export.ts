import type { Command } from "commander";
import { DeviceDescription, RoutesDescription } from "../../shared/export/description.ts";
import { ExportError } from "../../shared/export/export-error.ts";
import { deviceFormats } from "../../shared/export/formats.ts";
import { terraform } from "../../shared/export/terraform.ts";
import type { Bind, Context } from "../context.ts";
import { CliError, type ExitCode, exitCodes, usageError } from "../exit.ts";
import { hostPlace, locationPlace } from "../places.ts";
import { writePrivately } from "../private-file.ts";

type Options = { readonly format: string; readonly secrets?: boolean; readonly out?: string };

const formats = [...deviceFormats.keys(), "terraform"];

/** `pointsman export LINK/LOCATION/HOST --format FORMAT`. */
export function addExport(program: Command, bind: Bind): void {
  const command = program
    .command("export")
    .summary("configuration for a fixed device, or for Terraform")
    .description(
      "Prints the whole configuration of a static host's tunnels in the language of its device; or, with terraform, which routes of a location are Pointsman's. Pre-shared keys are left out without --secrets; that they were printed is recorded.",
    )
    .argument("<link/location/host>", "which static host; for terraform LINK/LOCATION is enough")
    .requiredOption("--format <format>", `one of ${formats.join(", ")}`)
    .option("--secrets", "with the pre-shared keys")
    .option("--out <file>", "write to a file that only you can read, in the place of standard output")
    .addHelpText(
      "after",
      `
Examples:
  pointsman export backbone/office/router --format vyos
  pointsman export backbone/office/router --format swanctl --secrets --out pointsman.conf
  pointsman export backbone/us-east --format terraform --out pointsman.tf`,
    );
  bind<Options>(command, exportDevice);
}

async function exportDevice(context: Context, options: Options, [where = ""]: readonly string[]): Promise<ExitCode> {
  const { format, out } = options;
  if (!formats.includes(format)) {
    throw usageError(`there is no format "${format}"`, `the formats are: ${formats.join(", ")}`);
  }
  const text =
    format === "terraform" ? await terraformText(context, options, where) : await deviceText(context, options, where);
  if (out === undefined) {
    context.show({ format, text }, () => text.trimEnd());
    return exitCodes.ok;
  }
  await writePrivately(out, text);
  context.show({ format, file: out }, () => `written to ${out}`);
  return exitCodes.ok;
}

async function deviceText(context: Context, { format, secrets }: Options, where: string): Promise<string> {
  const { link, location, host } = hostPlace(where);
  const client = await context.client();
  const query = { secrets: secrets === true ? "true" : undefined };
  const device = await client.get(["device", link, location, host], DeviceDescription, query);
  try {
    return deviceFormats.get(format)?.(device) ?? "";
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    throw new CliError(exitCodes.failed, error.code, error.message, { next: error.next, cause: error });
  }
}

async function terraformText(context: Context, { secrets }: Options, where: string): Promise<string> {
  if (secrets === true) throw usageError("the format terraform holds no keys", "leave --secrets out");
  const isHost = where.split("/").length === 3;
  const { link, location } = isHost ? hostPlace(where) : locationPlace(where);
  const client = await context.client();
  return terraform(await client.get(["routes", link, location], RoutesDescription));
}
