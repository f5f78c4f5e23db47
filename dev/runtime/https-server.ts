import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { errorFields } from "../../shared/platform/json-log.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { Certificate } from "./certificate.ts";

/** What serves a path, and the longest body that it takes. */
export type Service = { readonly handle: (request: Request) => Promise<Response>; readonly maxBodyBytes: number };

export type HttpsServer = {
  readonly port: number;
  /** Takes no new connection, lets what is under way end, closes connections that stay open. */
  stop(): Promise<void>;
};

export type HttpsServerOptions = {
  readonly host: string;
  readonly port: number;
  readonly certificate: Certificate;
  readonly log: Log;
  /** What serves a path; undefined where nothing does. */
  readonly route: (path: string) => Service | undefined;
};

/**
 * Serves web-standard handlers over HTTPS as the cloud's function URLs do: 413 for a body that is too long without
 * asking the handler, 500 with an empty object when the handler throws, 404 where nothing is served.
 */
export async function startHttpsServer(options: HttpsServerOptions): Promise<HttpsServer> {
  const sockets = new Set<Socket>();
  // A client that goes away closes its connection, but not what was begun for it.
  const underWay = new Set<Promise<void>>();
  const { key, cert } = options.certificate;
  const server = createServer({ key, cert }, (incoming, outgoing) => {
    const task = answer(options, incoming, outgoing).catch((error: unknown) => {
      if (!incoming.destroyed) options.log.error("https: no answer could be given", errorFields(error));
      outgoing.destroy();
    });
    underWay.add(task);
    void task.finally(() => underWay.delete(task));
  });
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
      await Promise.all([...underWay]);
    },
  };
}

const STOP_MS = 2_000;

async function answer(options: HttpsServerOptions, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const response = await respond(options, incoming);
  const body = Buffer.from(await response.arrayBuffer());
  if (!incoming.complete) outgoing.setHeader("Connection", "close");
  outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(body);
}

async function respond(options: HttpsServerOptions, incoming: IncomingMessage): Promise<Response> {
  const url = new URL(incoming.url ?? "/", "https://localhost");
  const service = options.route(url.pathname);
  if (service === undefined) return emptyAnswer(404);
  const body = await readBody(incoming, service.maxBodyBytes);
  if (body === undefined) return emptyAnswer(413);
  try {
    return await service.handle(toRequest(incoming, url, body));
  } catch (error) {
    options.log.error(`https: ${url.pathname} failed`, errorFields(error));
    return emptyAnswer(500);
  }
}

function emptyAnswer(status: number): Response {
  return Response.json({}, { status, headers: { "Cache-Control": "no-store" } });
}

function toRequest(incoming: IncomingMessage, url: URL, body: Buffer<ArrayBuffer>): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one);
  }
  return new Request(url, {
    method: incoming.method ?? "GET",
    headers,
    ...(body.length === 0 ? {} : { body }),
  });
}

/** The whole body, or undefined when it is longer than allowed; what comes behind is read away. */
async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer<ArrayBuffer> | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > maxBytes) {
      incoming.resume();
      return undefined;
    }
  }
  return Buffer.concat(chunks);
}
