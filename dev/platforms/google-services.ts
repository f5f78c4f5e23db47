import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { PlatformSettings } from "./types.ts";

/** The framework's servers of the functions, by name; they are reached through doors like those of Cloud Run. */
export type FunctionServers = ReadonlyMap<string, Server>;

/** Functions that Cloud Run lets nobody invoke but whom its IAM knows: here, whoever shows a token for the function's address. */
const guarded = new Set(["ticks", "routes"]);

/** Serves each function at `/NAME` for whoever delivers events and tasks. */
export async function serveInside(
  servers: FunctionServers,
): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    const name = /^\/([a-z]+)/.exec(request.url ?? "")?.[1] ?? "";
    const isLetIn = !guarded.has(name) || audienceOf(request) === `http://${request.headers.host}/${name}`;
    hand(isLetIn ? servers.get(name) : undefined, request, response, isLetIn ? 404 : 403);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** Serves the public functions over HTTPS at the paths that agents and operators know. */
export async function serveOutside(servers: FunctionServers, { port, certificate }: PlatformSettings): Promise<Server> {
  const server = createHttpsServer({ key: certificate.key, cert: certificate.cert }, (request, response) => {
    const path = (request.url ?? "").replace(/\?.*$/s, "");
    const name = path === "/link/state" ? "heartbeat" : path.startsWith("/admin/v1/") ? "admin" : "";
    hand(servers.get(name), request, response, 404);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function hand(server: Server | undefined, request: IncomingMessage, response: ServerResponse, otherwise: number): void {
  if (server !== undefined) server.emit("request", request, response);
  else response.writeHead(otherwise, { "content-type": "application/json" }).end("{}");
}

/** Whom the token of a request is for. */
function audienceOf(request: IncomingMessage): unknown {
  const claims = /^Bearer [^.]*\.([^.]+)\./.exec(request.headers.authorization ?? "")?.[1] ?? "";
  try {
    const value: unknown = JSON.parse(Buffer.from(claims, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? Reflect.get(value, "aud") : undefined;
  } catch {
    return undefined;
  }
}
