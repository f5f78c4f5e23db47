import { createServer, get, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export type Listening = { readonly host: string; readonly port: number };

/**
 * What a host shows to the host checks of others. `open` answers 200; `silent` takes the connection and never
 * answers, as a host that vanished from the network; `shut` refuses the connection, as a machine without the process.
 */
type DoorState = "open" | "silent" | "shut";

export type CheckDoor = {
  readonly listening: Listening;
  set(state: DoorState): Promise<void>;
};

/** Serves `GET /check` on a loopback address, on the same port whenever it is open again. Port 0 takes any free one. */
export async function openCheckDoor(host: string, wantedPort = 0): Promise<CheckDoor> {
  let state: DoorState = "open";
  let server: Server | undefined;
  const sockets = new Set<Socket>();

  const listen = async (port: number): Promise<number> => {
    const fresh = createServer({ keepAlive: false }, (request, response) => {
      if (state === "silent") return;
      response.writeHead(request.method === "GET" && request.url === "/check" ? 200 : 404).end();
    });
    fresh.on("connection", (socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      fresh.once("error", reject);
      fresh.listen(port, host, resolve);
    });
    server = fresh;
    return (fresh.address() as AddressInfo).port;
  };

  const close = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    for (const socket of sockets) socket.destroy();
    if (closing !== undefined) await new Promise<void>((resolve) => closing.close(() => resolve()));
  };

  const port = await listen(wantedPort);
  return {
    listening: { host, port },
    async set(next) {
      state = next;
      if (next === "shut") await close();
      else if (server === undefined) await listen(port);
    },
  };
}

/** An agent's host check: `GET /check` must answer 200 within the time-out. Never rejects. */
export function checkOverHttp(at: Listening, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(() => outgoing.destroy(new Error("late")), timeoutMs);
    const outgoing = get({ host: at.host, port: at.port, path: "/check", agent: false, signal }, (incoming) => {
      incoming.resume();
      incoming.on("error", () => resolve(false));
      incoming.on("end", () => resolve(incoming.statusCode === 200));
    });
    outgoing.on("error", () => resolve(false));
    outgoing.on("close", () => {
      clearTimeout(late);
      resolve(false);
    });
  });
}
