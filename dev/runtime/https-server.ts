import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { limits } from "../../shared/domain/limits.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { Certificate } from "./certificate.ts";

export type Handler = (request: Request) => Promise<Response>;

export type HttpsServer = {
  readonly port: number;
  /** Takes no new connection, lets answers under way end, then closes what is left. */
  stop(): Promise<void>;
};

export type HttpsServerOptions = {
  readonly host: string;
  readonly port: number;
  readonly certificate: Certificate;
  readonly log: Log;
  /** The handler of a path, or undefined where nothing is served. */
  readonly route: (path: string) => Handler | undefined;
};

/**
 * Serves web-standard handlers over HTTPS. A body over `limits.bodyBytes` still reaches its handler, cut right behind
 * the limit, so that the handler's own refusal is what a client sees, as it is in the cloud.
 */
export async function startHttpsServer(options: HttpsServerOptions): Promise<HttpsServer> {
  const sockets = new Set<Socket>();
  const server = createServer(
    { key: options.certificate.key, cert: options.certificate.cert },
    (incoming, outgoing) => {
      answer(options, incoming, outgoing).catch((error: unknown) => {
        options.log.error("https: request failed", { reason: error instanceof Error ? error.message : String(error) });
        outgoing.destroy();
      });
    },
  );
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const late = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, STOP_MS);
      await closed;
      clearTimeout(late);
    },
  };
}

const STOP_MS = 2_000;

async function answer(options: HttpsServerOptions, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const url = new URL(incoming.url ?? "/", `https://${incoming.headers.host ?? "localhost"}`);
  const handle = options.route(url.pathname);
  const response = handle === undefined ? notFound() : await handle(await toRequest(incoming, url));
  const body = Buffer.from(await response.arrayBuffer());
  if (!incoming.complete) outgoing.setHeader("Connection", "close");
  outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(body);
}

function notFound(): Response {
  return Response.json({ error: "not-found" }, { status: 404 });
}

async function toRequest(incoming: IncomingMessage, url: URL): Promise<Request> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one);
  }
  const method = incoming.method ?? "GET";
  const body = await readBody(incoming, limits.bodyBytes + 1);
  return new Request(url, { method, headers, ...(method === "GET" || method === "HEAD" ? {} : { body }) });
}

async function readBody(incoming: IncomingMessage, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes >= mostBytes) break;
  }
  incoming.resume();
  return Buffer.concat(chunks).subarray(0, mostBytes);
}
