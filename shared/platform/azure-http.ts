import type { HttpHandler, HttpMethod, HttpRequest, HttpResponseInit } from "@azure/functions";
import type { Log } from "../ports/log.ts";
import { errorFields } from "./json-log.ts";
import { type PlainHandler, readBody, readBytes } from "./plain-http.ts";

type Options = {
  readonly maxBodyBytes: number;
  readonly log: Log;
  /**
   * What stands before the path that the core knows, such as `/pointsman`: the host keeps every path that begins with
   * `/admin` to itself. A request whose path does not begin with it is handed on as it is.
   */
  readonly below?: string;
};

/** What a function is asked with: all but what no Request can be. Which of them are refused is for the core to say. */
export const azureMethods: HttpMethod[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** What is answered for the core when it cannot be asked; the agent and the CLI look at the status alone. */
function emptyAnswer(status: number): HttpResponseInit {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
    body: "{}",
  };
}

/**
 * Makes an Azure function of a plain core. A body of more than `maxBodyBytes` is not decoded: the core sees none. What
 * the core throws is logged and answered with 500 and an empty JSON object: never a stack.
 */
export function azurePlain(handle: PlainHandler, { maxBodyBytes, log, below = "" }: Options): HttpHandler {
  return (request) =>
    answered(log, async () => {
      const answer = await handle({
        method: request.method,
        path: urlBelow(request, below).pathname,
        headers: request.headers,
        body: await readBody(request, maxBodyBytes),
      });
      return { status: answer.status, headers: { ...answer.headers }, body: answer.body };
    });
}

/**
 * Makes an Azure function of a core from web Request to web Response. Answers 413 for a body of more than `maxBodyBytes`
 * without decoding it, 400 for what no Request can hold, and 500 with an empty JSON object for what the core throws,
 * which is logged.
 */
export function azureHttp(
  receive: (request: Request) => Promise<Response>,
  { maxBodyBytes, log, below = "" }: Options,
): HttpHandler {
  return (incoming) =>
    answered(log, async () => {
      const body = await readBytes(incoming, maxBodyBytes);
      if (body === undefined) return emptyAnswer(413);
      const request = toRequest(incoming, body, below);
      if (request === undefined) return emptyAnswer(400);
      const response = await receive(request);
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: Buffer.from(await response.arrayBuffer()),
      };
    });
}

async function answered(log: Log, answer: () => Promise<HttpResponseInit>): Promise<HttpResponseInit> {
  try {
    return await answer();
  } catch (error) {
    log.error("the function failed", errorFields(error));
    return emptyAnswer(500);
  }
}

function urlBelow(request: HttpRequest, below: string): URL {
  const url = new URL(request.url);
  if (below !== "" && url.pathname.startsWith(`${below}/`)) url.pathname = url.pathname.slice(below.length);
  return url;
}

function toRequest(incoming: HttpRequest, body: Buffer<ArrayBuffer>, below: string): Request | undefined {
  const { method } = incoming;
  const hasBody = body.length > 0 && method !== "GET" && method !== "HEAD";
  try {
    return new Request(urlBelow(incoming, below), {
      method,
      headers: Object.fromEntries(incoming.headers),
      ...(hasBody ? { body } : {}),
    });
  } catch {
    return undefined;
  }
}
