import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Sent } from "./platform.ts";
import { textOf } from "./stand-in.ts";

type Batch = {
  readonly QueueUrl: string;
  readonly Entries: readonly { readonly Id: string; readonly MessageBody: string; readonly DelaySeconds?: number }[];
};

/** What the functions on AWS ask of SQS: to take a batch of messages. */
export async function startSqsStandIn() {
  const sent: Sent[] = [];
  const server = createServer(async (request, response) => {
    const answer = takeBatch(JSON.parse(await textOf(request)) as Batch, sent);
    response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(answer));
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

function takeBatch({ QueueUrl, Entries }: Batch, sent: Sent[]): object {
  const queue = QueueUrl.includes("swaps") ? "swaps" : "ticks";
  for (const { MessageBody, DelaySeconds = 0 } of Entries) {
    sent.push({ queue, message: JSON.parse(MessageBody), delayS: DelaySeconds });
  }
  return {
    Successful: Entries.map(({ Id, MessageBody }) => ({
      Id,
      MessageId: Id,
      MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex"),
    })),
    Failed: [],
  };
}
