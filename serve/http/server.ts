import { createServer, type IncomingMessage, type ServerOptions, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { errorFields } from "../../shared/platform/json-log.ts";
import type { Log } from "../../shared/ports/log.ts";
import { serveLimits } from "../limits.ts";
import type { Certificate } from "./certificate.ts";

/** What serves a path, and the longest body that it takes. */
export type Service = { readonly handle: (request: Request) => Promise<Response>; readonly maxBodyBytes: number };

export type HttpServer = {
  readonly port: number;
  /** Shows another certificate to whoever connects from now on. */
  renew(certificate: Certificate): void;
  /** Takes no new connection, lets what is under way end for `limitMs`, then closes what is still open. */
  stop(limitMs?: number): Promise<void>;
};

export type HttpServerOptions = {
  /** Undefined for all addresses of the machine. */
  readonly host: string | undefined;
  readonly port: number;
  /** Undefined for plain HTTP. */
  readonly certificate: Certificate | undefined;
  readonly log: Log;
  /** What serves a path; undefined where nothing does. */
  readonly route: (path: string) => Service | undefined;
};

const STOP_MS = 2_000;

const bounds: ServerOptions = {
  keepAliveTimeout: serveLimits.keepAliveMs,
  headersTimeout: serveLimits.requestMs,
  requestTimeout: serveLimits.requestMs,
  connectionsCheckingInterval: serveLimits.requestMs / 3,
};

/**
 * Serves web-standard handlers over HTTPS, or HTTP, as the cloud's function URLs do: 413 for a body that is too long without
 * asking the handler, 500 with an empty object when the handler throws, 404 where nothing is served.
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { certificate } = options;
  const sockets = new Set<Socket>();
  // A client that goes away closes its connection, but not what was begun for it.
  const underWay = new Set<Promise<void>>();
  let isStopping = false;
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const task = answer(options, incoming, outgoing, () => isStopping).catch((error: unknown) => {
      if (!incoming.destroyed) options.log.error("http: no answer could be given", errorFields(error));
      outgoing.destroy();
    });
    underWay.add(task);
    void task.finally(() => underWay.delete(task));
  };
  const tls =
    certificate === undefined
      ? undefined
      : createTlsServer(
          { ...bounds, handshakeTimeout: serveLimits.handshakeMs, key: certificate.key, cert: certificate.cert },
          onRequest,
        );
  const server = tls ?? createServer(bounds, onRequest);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: options.port, ...(options.host === undefined ? {} : { host: options.host }) }, resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    renew: ({ key, cert }) => tls?.setSecureContext({ key, cert }),
    async stop(limitMs = STOP_MS) {
      isStopping = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const late = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, limitMs);
      await closed;
      clearTimeout(late);
      await Promise.all([...underWay]);
    },
  };
}

async function answer(
  options: HttpServerOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  isStopping: () => boolean,
): Promise<void> {
  const response = await respond(options, incoming);
  const body = Buffer.from(await response.arrayBuffer());
  if (!incoming.complete || isStopping()) outgoing.setHeader("Connection", "close");
  outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(body);
}

async function respond(options: HttpServerOptions, incoming: IncomingMessage): Promise<Response> {
  const url = urlOf(incoming);
  if (url === undefined) return emptyAnswer(400);
  const service = options.route(url.pathname);
  if (service === undefined) return emptyAnswer(404);
  const body = await readBody(incoming, service.maxBodyBytes);
  if (body === undefined) return emptyAnswer(413);
  const request = toRequest(incoming, url, body);
  if (request === undefined) return emptyAnswer(400);
  try {
    return await service.handle(request);
  } catch (error) {
    options.log.error(`http: ${url.pathname} failed`, errorFields(error));
    return emptyAnswer(500);
  }
}

/** What a request line may hold is more than a URL takes. */
function urlOf(incoming: IncomingMessage): URL | undefined {
  const target = incoming.url ?? "/";
  const text = `https://localhost${target.startsWith("/") ? target : "/"}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

function emptyAnswer(status: number): Response {
  return Response.json({}, { status, headers: { "Cache-Control": "no-store" } });
}

/** Undefined for what no Request can hold, such as a body of a GET or a method that is forbidden. */
function toRequest(incoming: IncomingMessage, url: URL, body: Buffer<ArrayBuffer>): Request | undefined {
  const headers = new Headers();
  try {
    for (const [name, value] of Object.entries(incoming.headers)) {
      for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one);
    }
    return new Request(url, {
      method: incoming.method ?? "GET",
      headers,
      ...(body.length === 0 ? {} : { body }),
    });
  } catch {
    return undefined;
  }
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
