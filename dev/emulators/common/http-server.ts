import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as an emulator sees it: header names in lower case, the body as it came. `path` holds the query too. */
export type HttpRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
};

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type EmulatorServer = { readonly url: string; readonly port: number; close(): Promise<void> };

/** Longest request that is read, bytes. */
const BODY_BYTES = 1024 * 1024;

/**
 * Serves an emulator on 127.0.0.1; port 0 is any free one. An answer `dropped` closes the connection without one.
 * Rejects when the port is taken.
 */
export async function serveEmulator(
  handle: (request: HttpRequest) => Promise<HttpAnswer | "dropped">,
  port = 0,
): Promise<EmulatorServer> {
  const server = createServer((request, response) => {
    serve(handle, request, response).catch(() => request.socket.destroy());
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(
  handle: (request: HttpRequest) => Promise<HttpAnswer | "dropped">,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES) throw new Error("request too long");
    chunks.push(chunk);
  }
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name] = Array.isArray(value) ? value[0] : value;
  const { method = "GET", url: path = "/" } = request;
  const answer = await handle({ method, path, headers, body: Buffer.concat(chunks).toString("utf8") });
  if (answer === "dropped") {
    request.socket.destroy();
    return;
  }
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, { ...answer.headers, "content-length": body.length });
  response.end(body);
}
