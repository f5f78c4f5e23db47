import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type FakeAnswer = { readonly status: number; readonly body: string; readonly headers?: Record<string, string> };
export type FakeRequest = { readonly body: string; readonly headers: Readonly<Record<string, unknown>> };

/** A server that gives prepared answers, for calls that no emulator knows. */
export async function fakeAws(answer: (request: FakeRequest) => FakeAnswer) {
  const requests: FakeRequest[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += String(part);
    const seen = { body, headers: request.headers };
    requests.push(seen);
    const { status, body: text, headers = {} } = answer(seen);
    response.writeHead(status, headers).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const settings = {
    region: "eu-central-1",
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  };
  return {
    settings,
    requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
