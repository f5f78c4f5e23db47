import type { QueueClient, QueueSendMessageOptions, QueueSendMessageResponse } from "@azure/storage-queue";
import { describe, expect, it } from "vitest";
import { azureExamineQueue, azureSwapQueue, azureTickQueue } from "../../shared/platform/azure-queues.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Wake } from "../../shared/ports/queues.ts";

type Sent = { readonly message: unknown; readonly delayS: number | undefined; readonly keptS: number | undefined };

/** A queue's client that notes what it is asked, and how much of it at a time, and refuses the messages that `refuse` picks. */
function fakeQueue(refuse: (message: unknown) => Error | undefined = () => undefined) {
  const sent: Sent[] = [];
  const width = { now: 0, most: 0 };
  const client: Pick<QueueClient, "name" | "sendMessage"> = {
    name: "pointsman-swaps",
    async sendMessage(text: string, options: QueueSendMessageOptions = {}): Promise<QueueSendMessageResponse> {
      width.most = Math.max(width.most, ++width.now);
      await Promise.resolve();
      width.now--;
      const message: unknown = JSON.parse(Buffer.from(text, "base64").toString("utf8"));
      const error = refuse(message);
      if (error !== undefined) throw error;
      sent.push({ message, delayS: options.visibilityTimeout, keptS: options.messageTimeToLive });
      return {} as QueueSendMessageResponse;
    },
  };
  return { client, sent, width };
}

const atMs = (nowMs: number): Clock => ({ nowMs: () => nowMs, monotonicMs: () => 0, sleep: async () => {} });
const wakeOf = (locationId: string): Wake => ({ linkId: "l1", locationId, cause: "decision", round: 0 });

describe("the swap queue of Azure", () => {
  it("sends every wake at once, as base64, some at a time", async () => {
    const { client, sent, width } = fakeQueue();
    const wakes = Array.from({ length: 40 }, (_, at) => wakeOf(`a${at}`));

    await azureSwapQueue(client).wake(wakes);

    expect(sent.map(({ message }) => message)).toEqual(wakes);
    expect(sent[0]).toMatchObject({ delayS: 0, keptS: 3_600 });
    expect(width.most).toBeGreaterThan(1);
    expect(width.most).toBeLessThanOrEqual(16);
  });

  it("sends nothing when there is nothing to send", async () => {
    const { client, sent } = fakeQueue();

    await azureSwapQueue(client).wake([]);

    expect(sent).toEqual([]);
  });

  it("sends the others when some are refused, and then says how many were, why and by which queue", async () => {
    const { client, sent } = fakeQueue((message) =>
      (message as Wake).locationId === "b" ? Object.assign(new Error("gone"), { code: "QueueNotFound" }) : undefined,
    );

    const sending = azureSwapQueue(client).wake(["a", "b", "c", "b"].map(wakeOf));

    await expect(sending).rejects.toThrow("2 of 4 messages refused (QueueNotFound) by the queue pointsman-swaps");
    expect(sent.map(({ message }) => message)).toEqual([wakeOf("a"), wakeOf("c")]);
  });

  it("says nothing of a refusal but its code or kind", async () => {
    const { client } = fakeQueue(() => new TypeError("https://a.net/?sig=s3cret"));

    const sending = azureSwapQueue(client).wake([wakeOf("a")]);

    await expect(sending).rejects.toThrow("1 of 1 messages refused (TypeError)");
    await expect(sending).rejects.not.toThrow("s3cret");
  });

  it("takes requests for examinations beside the wakes", async () => {
    const { client, sent } = fakeQueue();
    const request = {
      kind: "examine",
      linkId: "l1",
      locationId: "a",
      examinationId: "e1",
      untilMs: 60_000,
    } as const;

    await azureExamineQueue(client).examine([request]);

    expect(sent).toEqual([{ message: request, delayS: 0, keptS: 3_600 }]);
  });
});

describe("the tick queue of Azure", () => {
  const place = { linkId: "l", locationId: "a" };

  it.each([
    ["sweep that is due in five seconds", { kind: "sweep" }, 4_990, 5],
    ["moment that is due in five seconds: so that it has arrived by then", { kind: "moment", ...place }, 5_000, 4],
    ["wake: never before it is due", { kind: "wake", ...place, cause: "verify", round: 0 }, 4_200, 5],
    ["sweep that was due before", { kind: "sweep" }, -3_000, 0],
    ["sweep that is due in an hour: as long as elsewhere", { kind: "sweep" }, 3_600_000, 900],
  ] as const)("hides a %s", async (_name, what, inMs, delayS) => {
    const { client, sent } = fakeQueue();
    const tick = { ...what, dueMs: 1_000_000 + inMs };

    await azureTickQueue(client, atMs(1_000_000)).send([tick]);

    expect(sent).toEqual([{ message: tick, delayS, keptS: delayS + 3_600 }]);
  });
});
