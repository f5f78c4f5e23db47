import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../ports/log.ts";
import { keepBodiesRaw, restoreHeaders } from "./google-raw-body.ts";
import { errorFields } from "./json-log.ts";
import { jsonAnswer, type PlainAnswer, type PlainHandler } from "./plain-http.ts";

/** The part of the framework's (Express's) request and response that is used. */
export type GoogleRequest = IncomingMessage & { readonly originalUrl: string; readonly rawBody?: Buffer };
export type GoogleHandler = (request: GoogleRequest, response: ServerResponse) => Promise<void>;

type Options = {
  readonly maxBodyBytes: number;
  readonly log: Log;
};

/** What is answered for the core when its function cannot be asked; the agent and the CLI look at the status alone. */
const emptyAnswer = (status: number): PlainAnswer => jsonAnswer(status, {});

/**
 * Makes an HTTP function of a plain core: nothing is made of the request that the core does not ask for. A body of more
 * than `maxBodyBytes` is not decoded: the core sees none. What the core throws is logged, and answered 500 with an empty object.
 */
export function googlePlain(handle: PlainHandler, options: Options): GoogleHandler {
  keepBodiesRaw();
  return answering(options.log, (request) => {
    const bytes = request.rawBody ?? Buffer.alloc(0);
    return handle({
      method: request.method ?? "GET",
      path: request.originalUrl.replace(/[?#].*$/s, ""),
      headers: { get: (name) => headerOf(request.headers, name) },
      body: bytes.length > options.maxBodyBytes ? undefined : bytes.toString("utf8"),
    });
  });
}

/**
 * Makes an HTTP function of a function from web Request to web Response. Answers 413 for a body of more than
 * `maxBodyBytes` without asking it, 400 for what no Request can hold, and 500 with an empty object when it throws, which is logged.
 */
export function googleWeb(receive: (request: Request) => Promise<Response>, options: Options): GoogleHandler {
  keepBodiesRaw();
  return answering(options.log, async (request) => {
    if ((request.rawBody?.length ?? 0) > options.maxBodyBytes) return emptyAnswer(413);
    const asked = toRequest(request);
    return asked === undefined ? emptyAnswer(400) : toAnswer(await receive(asked));
  });
}

type ByteAnswer = Omit<PlainAnswer, "body"> & { readonly body: string | Uint8Array };

/** Writes with Node's own response: what Express adds to an answer is not what the core said. */
function answering(log: Log, answer: (request: GoogleRequest) => Promise<ByteAnswer>): GoogleHandler {
  return async (request, response) => {
    restoreHeaders(request);
    const { status, headers, body } = await answer(request).catch((error: unknown) => {
      log.error("the function failed", errorFields(error));
      return emptyAnswer(500);
    });
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
  };
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

function toRequest(incoming: GoogleRequest): Request | undefined {
  const method = incoming.method ?? "GET";
  const body = incoming.rawBody ?? Buffer.alloc(0);
  const hasBody = body.length > 0 && method !== "GET" && method !== "HEAD";
  try {
    const headers = new Headers();
    for (const name of Object.keys(incoming.headers)) headers.append(name, headerOf(incoming.headers, name) ?? "");
    return new Request(new URL(`https://${incoming.headers.host ?? "localhost"}${incoming.originalUrl}`), {
      method,
      headers,
      ...(hasBody ? { body: new Uint8Array(body) } : {}),
    });
  } catch {
    return undefined;
  }
}

async function toAnswer(response: Response): Promise<ByteAnswer> {
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: new Uint8Array(await response.arrayBuffer()),
  };
}
