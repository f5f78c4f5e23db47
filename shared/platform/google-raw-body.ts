import { subscribe } from "node:diagnostics_channel";
import { IncomingMessage } from "node:http";

type Hidden = { readonly type: string | undefined; readonly encoding: string | undefined };

const hidden = new WeakMap<IncomingMessage, Hidden>();

/** Where the endpoints are whose bodies are not the framework's to read. */
const ours = /^\/(?:link|admin|executor)\//;

let isKept = false;

/**
 * Keeps the framework from reading bodies of the HTTP endpoints itself. It would parse whatever calls itself JSON, and
 * refuse with an HTML page what is none before our function sees it; and it would inflate a compressed body of any size.
 * Under another content type it keeps the bytes as they came, in `rawBody`. Node publishes a request on this channel
 * before its server's listeners see it. Source: Node.js, "Diagnostics Channel", `http.server.request.start`.
 */
export function keepBodiesRaw(): void {
  if (isKept) return;
  isKept = true;
  subscribe("http.server.request.start", (message) => {
    const request = requestOf(message);
    if (request === undefined || !ours.test(request.url ?? "")) return;
    const { "content-type": type, "content-encoding": encoding } = request.headers;
    hidden.set(request, { type, encoding });
    request.headers["content-type"] = "application/octet-stream";
    delete request.headers["content-encoding"];
  });
}

/** Gives a request the headers back that `keepBodiesRaw` hid. */
export function restoreHeaders(request: IncomingMessage): void {
  const known = hidden.get(request);
  if (known === undefined) return;
  hidden.delete(request);
  delete request.headers["content-type"];
  if (known.type !== undefined) request.headers["content-type"] = known.type;
  if (known.encoding !== undefined) request.headers["content-encoding"] = known.encoding;
}

function requestOf(message: unknown): IncomingMessage | undefined {
  if (typeof message !== "object" || message === null || !("request" in message)) return undefined;
  return message.request instanceof IncomingMessage ? message.request : undefined;
}
