import { describe, expect, it } from "vitest";
import { isQueueEvent, lambdaQueue } from "../../shared/platform/aws-queue-events.ts";
import { SwapMessage, TickMessage, WakeMessage } from "../../shared/platform/queue-messages.ts";
import type { Tick, Wake } from "../../shared/ports/queues.ts";
import { recordingLog } from "./recording-log.ts";

const wake: Wake = { linkId: "l1", locationId: "a", cause: "decision", round: 0 };

const record = (messageId: string, body: unknown) => ({
  messageId,
  receiptHandle: "r",
  body: typeof body === "string" ? body : JSON.stringify(body),
  attributes: { MessageGroupId: "a" },
  eventSource: "aws:sqs",
});

describe("messages of a queue", () => {
  it.each<Tick>([
    { kind: "sweep", dueMs: 1_000 },
    { kind: "moment", dueMs: 1_000, linkId: "l1", locationId: "a" },
    { kind: "wake", dueMs: 1_000, linkId: "l1", locationId: "a", cause: "verify", round: 3 },
  ])("reach the function as what was sent: $kind", async (tick) => {
    const taken: Tick[] = [];
    const handler = lambdaQueue(TickMessage, async (message) => void taken.push(message), recordingLog());

    const result = await handler({ Records: [record("m1", tick)] });

    expect(taken).toEqual([tick]);
    expect(result).toEqual({ batchItemFailures: [] });
  });

  it("of the swap queue are wakes, just as they were, or ask for an examination; nothing else is taken", async () => {
    const log = recordingLog();
    const taken: unknown[] = [];
    const handler = lambdaQueue(SwapMessage, async (message) => void taken.push(message), log);
    const examine = { kind: "examine", linkId: "l1", locationId: "a", examinationId: "e1", untilMs: 60_000 };
    const strange = [
      { ...examine, kind: "fix" },
      { ...examine, more: 1 },
      { ...wake, kind: "examine" },
    ];

    await handler({ Records: [wake, examine, ...strange].map((body, at) => record(`m${at}`, body)) });

    expect(taken).toEqual([wake, examine]);
    expect(log.lines).toHaveLength(strange.length);
  });

  it("that fail come again alone, and are logged", async () => {
    const log = recordingLog();
    const handler = lambdaQueue(
      WakeMessage,
      async (message) => {
        if (message.locationId === "b") throw new Error("EC2 is away");
      },
      log,
    );

    const records = [record("m1", wake), record("m2", { ...wake, locationId: "b" }), record("m3", wake)];
    const result = await handler({ Records: records });

    expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: "m2" }] });
    expect(log.lines).toMatchObject([{ level: "error", messageId: "m2", error: "Error: EC2 is away" }]);
  });

  it.each([
    ["no JSON", "{"],
    ["another kind", { kind: "nap", dueMs: 1 }],
    ["a field missing", { linkId: "l1", locationId: "a", cause: "decision" }],
    ["a field too many", { ...wake, secret: "x" }],
    ["an id that is none", { ...wake, locationId: "a/b" }],
    ["a round below zero", { ...wake, round: -1 }],
  ])("that are not understood (%s) are logged and dropped, so that they block nobody", async (_name, body) => {
    const log = recordingLog();
    const taken: Wake[] = [];
    const handler = lambdaQueue(WakeMessage, async (message) => void taken.push(message), log);

    const result = await handler({ Records: [record("m1", body)] });

    expect(result).toEqual({ batchItemFailures: [] });
    expect(taken).toEqual([]);
    expect(log.lines).toMatchObject([{ level: "error", messageId: "m1" }]);
  });

  it("are told apart from the schedule's event", () => {
    expect(isQueueEvent({ Records: [record("m1", wake)] })).toBe(true);
    expect(isQueueEvent({ scheduled: "sweep" })).toBe(false);
  });
});
