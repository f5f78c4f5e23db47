import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SendMessageBatchResult,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { doctorLimits } from "../domain/limits.ts";
import { tickDelayS } from "../domain/tick-delay.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { ExamineQueue } from "../ports/examinations.ts";
import type { SwapQueue, TickQueue } from "../ports/queues.ts";

type Client = Pick<SQSClient, "send">;
type Deps = { readonly clock: Clock; readonly random: Random };
type Entry = Omit<SendMessageBatchRequestEntry, "Id">;

/** SQS takes this many messages in one request, and delays a message for this long at most. */
const batchSize = 10;
const maxDelayS = 900;
/** Requests for one batch, and the pause before the second; it doubles. ms */
const attempts = 3;
const pauseMs = 100;

/**
 * Wakes over a FIFO queue. The group is the location, so that one location is worked on once at a time and no other waits
 * for it. Every send has a fresh deduplication id, since SQS swallows an id that it has seen for five minutes, and
 * a wake that says the same as the one before is still a new one. Throws when the queue cannot be reached.
 */
export function sqsSwapQueue(client: Client, queueUrl: string, deps: Deps): SwapQueue {
  return {
    wake: (wakes) =>
      sendAll(
        client,
        queueUrl,
        wakes.map((wake) => ({
          MessageBody: JSON.stringify(wake),
          MessageGroupId: wake.locationId,
          MessageDeduplicationId: Buffer.from(deps.random.bytes(16)).toString("hex"),
        })),
        deps.clock,
      ),
  };
}

/**
 * Requests for examinations over the same FIFO queue, in a few groups of their own: they hold no wake of a location up,
 * and take no more of the function's runs at a time than there are groups. Throws when the queue cannot be reached.
 */
export function sqsExamineQueue(client: Client, queueUrl: string, deps: Deps): ExamineQueue {
  return {
    examine: (requests) =>
      sendAll(
        client,
        queueUrl,
        requests.map((request, at) => ({
          MessageBody: JSON.stringify(request),
          MessageGroupId: `examine-${at % doctorLimits.lanes}`,
          MessageDeduplicationId: Buffer.from(deps.random.bytes(16)).toString("hex"),
        })),
        deps.clock,
      ),
  };
}

/**
 * Ticks over a standard queue. A delay is in whole seconds, as `tickDelayS` rounds it; a tick that is due in more than
 * 15 minutes comes after 15. Throws when the queue cannot be reached.
 */
export function sqsTickQueue(client: Client, queueUrl: string, deps: Deps): TickQueue {
  return {
    send: (ticks) => {
      const nowMs = deps.clock.nowMs();
      const entries = ticks.map((tick) => ({
        MessageBody: JSON.stringify(tick),
        DelaySeconds: Math.min(maxDelayS, tickDelayS(tick.kind, tick.dueMs - nowMs)),
      }));
      return sendAll(client, queueUrl, entries, deps.clock);
    },
  };
}

async function sendAll(client: Client, queueUrl: string, entries: readonly Entry[], clock: Clock): Promise<void> {
  for (let start = 0; start < entries.length; start += batchSize) {
    await sendBatch(client, queueUrl, entries.slice(start, start + batchSize), clock);
  }
}

/** Sends until no entry is refused; the entries keep their deduplication ids, so that none arrives twice. */
async function sendBatch(client: Client, queueUrl: string, entries: readonly Entry[], clock: Clock): Promise<void> {
  let left = entries.map((entry, at) => ({ ...entry, Id: String(at) }));
  let refused: SendMessageBatchResult["Failed"] = [];
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await clock.sleep(pauseMs * 2 ** (attempt - 1));
    const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: left }));
    refused = answer.Failed ?? [];
    const again = new Set(refused.map(({ Id }) => Id));
    left = left.filter(({ Id }) => again.has(Id));
    if (left.length === 0) return;
  }
  const codes = [...new Set(refused.map(({ Code }) => Code ?? "unknown"))].join(", ");
  throw new Error(`sqs: ${left.length} of ${entries.length} messages refused (${codes}) by ${queueUrl}`);
}
