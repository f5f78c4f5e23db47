import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Sent } from "./platform.ts";
import { textOf } from "./stand-in.ts";

/** What the functions ask of Azure: its queue service, and the managed identity's local endpoint. */
export async function startAzureStandIn() {
  const sent: Sent[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const body = await textOf(request);
    if (url.pathname === "/token") {
      const isOurs =
        request.headers["x-identity-header"] === "proof" && url.searchParams.get("resource") === "api://aws";
      response.writeHead(isOurs ? 200 : 400, { "content-type": "application/json" });
      response.end(JSON.stringify(isOurs ? { access_token: "identity-token of Azure", expires_on: "4102444800" } : {}));
      return;
    }
    const queue = url.pathname === "/account/pointsman-swaps/messages" ? "swaps" : "ticks";
    const text = /<MessageText>([^<]*)<\/MessageText>/.exec(body)?.[1] ?? "";
    const delayS = Number(url.searchParams.get("visibilitytimeout") ?? 0);
    sent.push({ queue, message: JSON.parse(Buffer.from(text, "base64").toString("utf8")), delayS });
    response.writeHead(201, { "content-type": "application/xml" }).end(enqueued);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: (): readonly Sent[] => sent.splice(0),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const time = "Fri, 01 Jan 2100 00:00:00 GMT";
const enqueued = `<?xml version="1.0" encoding="utf-8"?><QueueMessagesList><QueueMessage><MessageId>1</MessageId>
<InsertionTime>${time}</InsertionTime><ExpirationTime>${time}</ExpirationTime><PopReceipt>1</PopReceipt>
<TimeNextVisible>${time}</TimeNextVisible></QueueMessage></QueueMessagesList>`;
