import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Ec2Emulator } from "./emulator.ts";

export type Ec2Server = { readonly url: string; readonly port: number; close(): Promise<void> };

/** Longest request that is read, bytes. */
const BODY_BYTES = 1024 * 1024;

/** Serves an emulator on 127.0.0.1; port 0 is any free one. Rejects when the port is taken. */
export async function serveEc2(emulator: Ec2Emulator, port = 0): Promise<Ec2Server> {
  const server = createServer((request, response) => {
    serve(emulator, request, response).catch(() => request.socket.destroy());
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

async function serve(emulator: Ec2Emulator, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES) throw new Error("request too long");
    chunks.push(chunk);
  }
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name] = Array.isArray(value) ? value[0] : value;
  const answer = await emulator.handle({ headers, body: Buffer.concat(chunks).toString("utf8") });
  if (answer === "dropped") {
    request.socket.destroy();
    return;
  }
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, {
    "content-type": "text/xml;charset=UTF-8",
    "content-length": body.length,
    "x-amzn-requestid": answer.requestId,
  });
  response.end(body);
}
