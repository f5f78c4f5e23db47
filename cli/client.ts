import * as z from "zod/mini";
import { ErrorBody, type MistakeBody } from "../functions/admin/schemas.ts";
import type { Mistake } from "../shared/domain/errors.ts";
import type { Connection } from "./connection.ts";
import { CliError, type ExitCode, exitCodes } from "./exit.ts";
import { sendHttp } from "./http.ts";

type Query = Readonly<Record<string, string | undefined>>;

/** The admin API with its answers checked. Every method throws `CliError` for a refusal. */
export interface AdminClient {
  get<S extends z.ZodMiniType>(path: readonly string[], schema: S, query?: Query): Promise<z.output<S>>;
  post<S extends z.ZodMiniType>(path: readonly string[], body: object, schema: S): Promise<z.output<S>>;
}

/** A client that signs itself as `operator` on the record. Parts of a path are escaped here. */
export function adminClient(connection: Connection, operator: string): AdminClient {
  // Where Azure runs the functions, the API is below a path.
  const below = connection.origin.pathname.replace(/\/+$/, "");
  const send = async <S extends z.ZodMiniType>(
    method: "GET" | "POST",
    path: readonly string[],
    schema: S,
    query: Query,
    body: object | undefined,
  ): Promise<z.output<S>> => {
    const url = new URL(`${below}/admin/v1/${path.map(escaped).join("/")}`, connection.origin);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await sendHttp({
      url,
      method,
      trust: connection.trust,
      body: text,
      headers: {
        authorization: `Bearer ${connection.token}`,
        "pointsman-operator": operator,
        ...(text === undefined
          ? {}
          : { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) }),
      },
    });
    const value = parseJson(answer.body);
    if (answer.status >= 200 && answer.status < 300) return understood(schema, value, url);
    throw refused(answer.status, value, url);
  };
  return {
    get: (path, schema, query = {}) => send("GET", path, schema, query, undefined),
    post: (path, body, schema) => send("POST", path, schema, {}, body),
  };
}

/** A part of a path. Half a surrogate pair, which no server could be sent, becomes U+FFFD. */
function escaped(part: string): string {
  return encodeURIComponent(Buffer.from(part).toString());
}

function understood<S extends z.ZodMiniType>(schema: S, value: unknown, url: URL): z.output<S> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const first = result.error.issues[0];
  const where = first === undefined ? "" : ` (${first.path.join(".") || "the whole answer"}: ${first.message})`;
  throw new CliError(exitCodes.failed, "not-understood", `the answer of ${url.origin} is not as expected${where}`, {
    next: "check that the URL is that of the admin API, and that server and command are of the same version",
  });
}

function refused(status: number, value: unknown, url: URL): CliError {
  const body = z.safeParse(ErrorBody, value);
  if (!body.success) {
    return new CliError(
      exitOf(status),
      "not-understood",
      `${url.origin} answered ${status}, not as the admin API does`,
      {
        next: "check that the URL is that of the admin API: the deployment's output AdminUrl",
      },
    );
  }
  const { code, message, next, mistakes } = body.data.error;
  return new CliError(exitOf(status), code, message, { next, mistakes: mistakes?.map(mistakeOf) });
}

function exitOf(status: number): ExitCode {
  if (status === 401 || status === 403 || status === 429) return exitCodes.unauthorised;
  return status === 502 || status === 503 || status === 504 ? exitCodes.unreachable : exitCodes.failed;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function mistakeOf({ line, ...mistake }: z.infer<typeof MistakeBody>): Mistake {
  return line === undefined ? mistake : { ...mistake, line };
}
