import {
  type EmulatorServer,
  type HttpAnswer,
  type HttpRequest,
  serveEmulator,
} from "../../../dev/emulators/common/http-server.ts";
import type { HetznerEmulator } from "../../../dev/emulators/hetzner/emulator.ts";

/** A server that takes whatever a vendor's command line sends, and notes it down as `METHOD path`. */
export type NoteTaker = EmulatorServer & { readonly taken: string[] };

const json = (status: number, body: unknown): HttpAnswer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

async function serve(answer: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>): Promise<NoteTaker> {
  const taken: string[] = [];
  const server = await serveEmulator(async (request) => {
    taken.push(`${request.method} ${request.path}`);
    return answer(request);
  }, 0);
  return { ...server, taken };
}

/** In the place of OCI: lists are empty, and what is made has an id. */
export function serveAsOci(): Promise<NoteTaker> {
  return serve(({ method }) => json(200, method === "GET" ? [] : { id: "ocid1.x.oc1..1", fingerprint: "00:11" }));
}

/** In the place of Google's APIs: nothing is there, which ends every command after its first request. */
export function serveAsGoogle(): Promise<NoteTaker> {
  const error = { code: 404, message: "noted", errors: [{ reason: "notFound" }], status: "NOT_FOUND" };
  return serve(() => json(404, { error }));
}

/** In front of an emulator of Hetzner Cloud, which answers what is read; changes that it does not know are noted alone. */
export async function serveAsHetzner(emulator: HetznerEmulator): Promise<NoteTaker> {
  const action = {
    id: 1,
    status: "success",
    command: "noted",
    progress: 100,
    started: "2024-01-01T00:00:00Z",
    resources: [],
    error: null,
  };
  const server = await serve(async (request) => {
    if (request.method !== "GET") return json(201, { action, network: { id: 4711 }, server: { id: 11 } });
    if (request.path.includes("/actions")) return json(200, { action, actions: [action] });
    const answer = await emulator.handle(request);
    if (answer === "dropped") throw new Error("no such fault is set");
    return answer;
  });
  return { ...server, url: `${server.url}/v1` };
}
