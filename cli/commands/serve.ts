import { type Command, InvalidArgumentError } from "commander";
import { serveLimits } from "../../serve/limits.ts";
import type { ServeOptions } from "../../serve/settings.ts";
import { durationMs, durationPattern } from "../../shared/network-file/duration.ts";
import type { Bind, Context } from "../context.ts";
import { CliError, type ExitCode, exitCodes } from "../exit.ts";
import { regionName, stageName } from "./init.ts";

const examples = `
Examples:
  pointsman serve --data /var/lib/pointsman --endpoint pm.example.com:8443
      one server with everything in one folder: database, secrets, self-signed certificate
  pointsman serve --table pointsman-prod --region eu-central-1 --stage prod --endpoint a.example.com,b.example.com \\
      --port 443 --tls-cert /etc/pointsman/fullchain.pem --tls-key /etc/pointsman/privkey.pem
      one of several servers over one DynamoDB table, secrets from SSM and Secrets Manager
  pointsman serve --database-url http://10.0.0.5:8000 --secrets /etc/pointsman/secrets --http
      a DynamoDB-compatible database, secrets from files, behind a proxy on this machine
  curl -k 'https://localhost:8443/healthz?verbose'

Log: JSON lines on standard output. SIGTERM or SIGINT stops: what is under way ends within 10 s; a second one ends at once.

Exit codes of serve:
  0  stopped
  1  it cannot be started: a port, a folder, a certificate or a secret; the message says what to do
  2  the command line is wrong
  3  the database cannot be reached`;

/** \`pointsman serve\`: the functions as one process, for whoever has a machine and no functions. */
export function addServe(program: Command, bind: Bind): void {
  const command = program
    .command("serve")
    .summary("run everything in one process on a machine of your own")
    .description(
      "Runs heartbeats, fail-over, routes and the admin API in one process, with the schedule and the queues in it. " +
        "With --data alone the database is embedded, for a single server; over one DynamoDB table any number run side by side.",
    )
    .option("--table <name>", "DynamoDB table, entered with the AWS credentials of this machine")
    .option(
      "--database-url <url>",
      "another DynamoDB-compatible endpoint; makes its table when it is not there",
      databaseUrl,
    )
    .option("--region <region>", "AWS region of table and secrets (default: AWS_REGION)", regionName)
    .option("--stage <stage>", "master key and admin token from SSM parameters /pointsman/STAGE/…", stageName)
    .option(
      "--secrets <dir>",
      "files of secrets: master-key, admin-token-hash or admin-token, and those of clouds by name",
    )
    .option("--host <address>", "address to listen on (default: all; 127.0.0.1 with --http)", address)
    .option("--port <n>", "port to listen on (default: 8443; 8080 with --http)", port)
    .option("--http", "plain HTTP on a loopback address, for a proxy on this machine")
    .option("--tls-cert <file>", "certificate with its chain, PEM; read again when it changes")
    .option("--tls-key <file>", "key of the certificate, PEM")
    .option(
      "--endpoint <host>",
      "host or host:port of all servers as link hosts reach them, with commas (or POINTSMAN_ENDPOINTS; default: this machine's name)",
      endpoints,
    )
    .option("--drain <duration>", "on SIGTERM serve on for so long with /healthz at 503, for load balancers", drain)
    .addHelpText("after", examples);
  const isDataGiven = () => (program.getOptionValueSource("data") ?? "default") !== "default";
  bind<ServeOptions>(command, (context, options) =>
    serve(context, {
      ...options,
      ...(isDataGiven() || isSet(context.world.env["POINTSMAN_DATA"]) ? { data: context.global.data } : {}),
    }),
  );
}

async function serve(context: Context, options: ServeOptions): Promise<ExitCode> {
  const { world } = context;
  const { runUntilStopped } = await import("../serving.ts");
  const { ServeError } = await import("../../serve/error.ts");
  try {
    return await runUntilStopped(options, world);
  } catch (error) {
    if (error instanceof ServeError) throw new CliError(codes[error.kind], error.kind, error.message, error);
    throw refusalOf(error, options);
  }
}

const codes = { usage: exitCodes.usage, failed: exitCodes.failed, unreachable: exitCodes.unreachable } as const;

function refusalOf(error: unknown, { port: number, host, data }: ServeOptions): unknown {
  if (!(error instanceof Error)) return error;
  const code = (error as NodeJS.ErrnoException).code;
  const failed = (message: string, next: string) =>
    new CliError(exitCodes.failed, "cannot-serve", message, { next, cause: error });
  if (error.name === "FolderError") return failed(error.message, "the message above says it");
  if (code === "EADDRINUSE")
    return failed(`port ${number ?? ""} is taken`, "stop what uses it, or give another --port");
  if (code === "EADDRNOTAVAIL") return failed(`--host ${host} is no address of this machine`, "give one that is");
  if (code === "EACCES") {
    const next = "for a port below 1024 grant CAP_NET_BIND_SERVICE; a folder must be yours to write";
    return failed(`not permitted: ${error.message}`, next);
  }
  if (code !== undefined && (error as NodeJS.ErrnoException).syscall === "mkdir") {
    return failed(
      `--data ${data} cannot be a folder: ${error.message}`,
      "give one that can be made, and is yours to write",
    );
  }
  return error;
}

function databaseUrl(text: string): string {
  if (/^https?:\/\/[^/?#@\s]+\/?$/.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("the address of a database is like http://127.0.0.1:8000");
}

function address(text: string): string {
  if (/^(?:[\d.]+|[\da-fA-F:.]*:[\da-fA-F:.]*|[A-Za-z0-9.-]+)$/.test(text)) return text;
  throw new InvalidArgumentError("give an IP address or a name of this machine, such as 10.0.0.5");
}

function port(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= 1 && number <= 65_535) return number;
  throw new InvalidArgumentError("a port is a number from 1 to 65535");
}

function endpoints(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(",").map((one) => one.trim())];
}

function drain(text: string): number {
  const ms = durationPattern.test(text) ? durationMs(text) : Number.NaN;
  if (ms >= 0 && ms <= serveLimits.drainMs) return ms;
  throw new InvalidArgumentError("a duration up to 5m, such as 15s");
}

function isSet(text: string | undefined): boolean {
  return text !== undefined && text !== "";
}
