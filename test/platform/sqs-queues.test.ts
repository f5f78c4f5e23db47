import type { SendMessageBatchCommandInput, SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import { testClock } from "../../dev/test-clock.ts";
import { sqsExamineQueue, sqsSwapQueue, sqsTickQueue } from "../../shared/platform/sqs-queues.ts";
import type { Clock, Random } from "../../shared/ports/clock.ts";
import type { Wake } from "../../shared/ports/queues.ts";

const url = "https://sqs.us-east-1.amazonaws.com/1/q";

/** A queue's client that notes what it is asked and refuses the ids that `refuse` names for each request. */
function fakeSqs(refuse: readonly (readonly string[])[] = []) {
  const requests: SendMessageBatchCommandInput[] = [];
  const send = async (command: { readonly input: SendMessageBatchCommandInput }) => {
    const refused = refuse[requests.length] ?? [];
    requests.push(command.input);
    return { Failed: refused.map((Id) => ({ Id, SenderFault: false, Code: "InternalError" })) };
  };
  return { client: { send } as unknown as Pick<SQSClient, "send">, requests };
}

function countingRandom(): Random {
  let count = 0;
  return { bytes: (length) => new Uint8Array(length).fill(count++) };
}

/** Time that does not pass and sleeps that end at once. */
const atMs = (nowMs: number): Clock => ({ nowMs: () => nowMs, monotonicMs: () => 0, sleep: async () => {} });

const wakeOf = (locationId: string): Wake => ({ linkId: "l1", locationId, cause: "decision", round: 0 });

describe("the swap queue", () => {
  it("groups by location and gives every send a fresh deduplication id, even of equal wakes", async () => {
    const { client, requests } = fakeSqs();
    const queue = sqsSwapQueue(client, url, { clock: testClock(), random: countingRandom() });

    await queue.wake([wakeOf("a"), wakeOf("b")]);
    await queue.wake([wakeOf("a")]);

    const entries = requests.flatMap((request) => request.Entries ?? []);
    expect(requests[0]?.QueueUrl).toBe(url);
    expect(entries.map((entry) => entry.MessageGroupId)).toEqual(["a", "b", "a"]);
    expect(new Set(entries.map((entry) => entry.MessageDeduplicationId)).size).toBe(3);
    expect(entries.map((entry) => JSON.parse(entry.MessageBody ?? ""))).toEqual([
      wakeOf("a"),
      wakeOf("b"),
      wakeOf("a"),
    ]);
  });

  it("takes examinations in two groups of their own, so that none holds a wake up, nor takes all runs of the function", async () => {
    const { client, requests } = fakeSqs();
    const queue = sqsExamineQueue(client, url, { clock: testClock(), random: countingRandom() });
    const request = { kind: "examine", linkId: "l1", locationId: "a", examinationId: "e1", untilMs: 60_000 } as const;

    await queue.examine(["a", "b", "c"].map((locationId) => ({ ...request, locationId })));

    const entries = requests.flatMap((sent) => sent.Entries ?? []);
    expect(entries.map((entry) => entry.MessageGroupId)).toEqual(["examine-0", "examine-1", "examine-0"]);
    expect(JSON.parse(entries[0]?.MessageBody ?? "")).toEqual(request);
  });

  it("sends ten at a time, all of them", async () => {
    const { client, requests } = fakeSqs();
    const queue = sqsSwapQueue(client, url, { clock: testClock(), random: countingRandom() });

    await queue.wake(Array.from({ length: 23 }, (_, n) => wakeOf(`a${n}`)));

    expect(requests.map((request) => request.Entries?.length)).toEqual([10, 10, 3]);
  });

  it("sends nothing when there is nothing to send", async () => {
    const { client, requests } = fakeSqs();

    await sqsSwapQueue(client, url, { clock: testClock(), random: countingRandom() }).wake([]);

    expect(requests).toEqual([]);
  });

  it("sends again only what was refused, under the same deduplication id", async () => {
    const { client, requests } = fakeSqs([["1"]]);
    const queue = sqsSwapQueue(client, url, { clock: atMs(0), random: countingRandom() });

    await queue.wake([wakeOf("a"), wakeOf("b")]);

    expect(requests).toHaveLength(2);
    expect(requests[1]?.Entries).toEqual([requests[0]?.Entries?.[1]]);
  });

  it("throws when some stay refused, and says how many and why", async () => {
    const { client, requests } = fakeSqs([["0"], ["0"], ["0"], ["0"]]);
    const queue = sqsSwapQueue(client, url, { clock: atMs(0), random: countingRandom() });

    await expect(queue.wake([wakeOf("a"), wakeOf("b")])).rejects.toThrow("1 of 2 messages refused (InternalError)");
    expect(requests).toHaveLength(3);
  });
});

describe("the tick queue", () => {
  const moment = { kind: "moment", linkId: "l", locationId: "a" } as const;
  const wakeTick = { kind: "wake", linkId: "l", locationId: "a", cause: "verify", round: 0 } as const;

  it.each([
    ["sweep that is due in five seconds", { kind: "sweep" }, 5_000, 5],
    ["sweep that is due in just under five seconds: rounded, it is in no hurry", { kind: "sweep" }, 4_990, 5],
    ["moment that is due in five seconds: so that it has arrived by then", moment, 5_000, 4],
    ["moment that is due in 5.6 seconds", moment, 5_600, 5],
    ["moment that is due at once", moment, 300, 0],
    ["wake that is due in 4.2 seconds: never before it is due", wakeTick, 4_200, 5],
    ["sweep that is due now", { kind: "sweep" }, 0, 0],
    ["sweep that was due before", { kind: "sweep" }, -3_000, 0],
    ["sweep that is due in an hour: the longest that there is", { kind: "sweep" }, 3_600_000, 900],
  ] as const)("delays a %s", async (_name, what, inMs, delayS) => {
    const { client, requests } = fakeSqs();
    const queue = sqsTickQueue(client, url, { clock: atMs(1_000_000), random: countingRandom() });

    const tick = { ...what, dueMs: 1_000_000 + inMs };

    await queue.send([tick]);

    expect(requests[0]?.Entries).toEqual([{ Id: "0", MessageBody: JSON.stringify(tick), DelaySeconds: delayS }]);
  });
});
