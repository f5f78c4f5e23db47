import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { CliError, exitCodes, usageError } from "./exit.ts";
import type { Trust } from "./http.ts";

/** What the command line and the environment say about the server. */
export type ConnectionOptions = {
  readonly url?: string;
  readonly token?: string;
  readonly data: string;
  readonly insecure?: boolean;
};

/** `origin` may have a path, below which the API is. */
export type Connection = { readonly origin: URL; readonly token: string; readonly trust: Trust };

/** `running.json` in the data folder of a local server: written at its start, removed at its end. */
const Running = z.object({ url: z.string(), adminUrl: z.string(), pid: z.int(), certificate: z.string() });

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Finds server and token: `--url`/`--token`, else POINTSMAN_URL/POINTSMAN_TOKEN, else a local server's data folder.
 * The folder's token is only ever sent to the folder's server. Throws `CliError`.
 */
export async function findConnection(options: ConnectionOptions, env: Environment): Promise<Connection> {
  const url = options.url ?? nonEmpty(env["POINTSMAN_URL"]);
  const token = options.token ?? nonEmpty(env["POINTSMAN_TOKEN"]);
  if (url === undefined) return fromDataFolder(options, token);
  if (token === undefined) {
    throw new CliError(exitCodes.unauthorised, "unauthorised", `no token for ${url}`, {
      next: "give --token, or set POINTSMAN_TOKEN to what `pointsman init` printed",
    });
  }
  const trust: Trust = { kind: options.insecure ? "none" : "system" };
  return { origin: originOf(url, options.insecure), token: tokenOf(token), trust };
}

async function fromDataFolder(options: ConnectionOptions, token: string | undefined): Promise<Connection> {
  const running = await readRunning(options.data);
  const trust: Trust = options.insecure
    ? { kind: "none" }
    : { kind: "pem", pem: await readFileOf(options.data, running.certificate) };
  const found = token ?? (await readFileOf(options.data, join(options.data, "admin-token"))).trim();
  return { origin: originOf(running.adminUrl, options.insecure), token: tokenOf(found), trust };
}

/** A token that the header of a request can hold. */
function tokenOf(text: string): string {
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new CliError(exitCodes.unauthorised, "unauthorised", "the token is empty, or holds what no token does", {
    next: "give --token, or set POINTSMAN_TOKEN, exactly as `pointsman init` printed it",
  });
}

async function readRunning(data: string): Promise<z.infer<typeof Running>> {
  const path = join(data, "running.json");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new CliError(
      exitCodes.unreachable,
      "no-server",
      `no server is given, and none runs on the data folder ${data}`,
      {
        next: "give --url and --token (or POINTSMAN_URL and POINTSMAN_TOKEN), or start a local server with `npm start`",
        cause,
      },
    );
  }
  const running = Running.safeParse(parseJson(text));
  if (running.success) return running.data;
  throw new CliError(exitCodes.unreachable, "no-server", `${path} is not what a running server writes`, {
    next: "start the local server again, or give --url and --token",
  });
}

async function readFileOf(data: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new CliError(
      exitCodes.unreachable,
      "no-server",
      `the data folder ${data} is not complete: ${path} cannot be read`,
      {
        next: "run as the user that runs the server, or start the local server again",
        cause,
      },
    );
  }
}

function originOf(text: string, insecure: boolean | undefined): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw usageError(`${text} is not a URL`, "give one such as https://abc123.lambda-url.eu-central-1.on.aws");
  }
  const isLoopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw usageError(`${text} is not an https URL`, "give an https URL");
  if (url.protocol === "http:" && !isLoopback && !insecure) {
    throw usageError(`${text} would send the token in the clear`, "use https, or --insecure if you must");
  }
  return url;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : text;
}
