import type { QueueClient } from "@azure/storage-queue";
import { tickDelayS } from "../domain/tick-delay.ts";
import type { Clock } from "../ports/clock.ts";
import type { ExamineQueue } from "../ports/examinations.ts";
import type { SwapQueue, TickQueue } from "../ports/queues.ts";
import { inParallel } from "./parallel.ts";

type Client = Pick<QueueClient, "name" | "sendMessage">;
type Entry = { readonly message: object; readonly delayS: number };

/** A storage queue takes one message in a request: so many are under way at the same time. */
const sendWidth = 16;
/** One message with the client's tries. The client itself would wait for ever. ms */
const sendMs = 5_000;
/** As on the other platforms: a tick that is due later comes early, and is sent on from there. s */
const maxDelayS = 900;
/** What nobody took for this long beyond its delay is forgotten: by then the schedule has done its work. s */
const keepS = 3_600;

/**
 * Wakes over a storage queue. It keeps no order and no groups: that one location is worked on once at a time is the
 * lease's to see to, and a wake says nothing that could be out of date. Throws when messages cannot be sent.
 */
export function azureSwapQueue(client: Client): SwapQueue {
  return { wake: (wakes) => sendAll(client, wakes.map(now)) };
}

/** Requests for examinations over the same queue as wakes. Throws when messages cannot be sent. */
export function azureExamineQueue(client: Client): ExamineQueue {
  return { examine: (requests) => sendAll(client, requests.map(now)) };
}

/**
 * Ticks over a storage queue, which hides a message until it is due. A delay is in whole seconds, as `tickDelayS` rounds it; a
 * tick that is due in more than 15 minutes comes after 15. Throws when messages cannot be sent.
 */
export function azureTickQueue(client: Client, clock: Clock): TickQueue {
  return {
    send: (ticks) => {
      const nowMs = clock.nowMs();
      const entries = ticks.map((tick) => ({
        message: tick,
        delayS: Math.min(maxDelayS, tickDelayS(tick.kind, tick.dueMs - nowMs)),
      }));
      return sendAll(client, entries);
    },
  };
}

const now = (message: object): Entry => ({ message, delayS: 0 });

/** Sends every message, also when one before it was refused; tries again are the client's. */
async function sendAll(client: Client, entries: readonly Entry[]): Promise<void> {
  const refused: unknown[] = [];
  await inParallel(entries, sendWidth, async ({ message, delayS }) => {
    // The host takes messages as base64 unless told otherwise, and moves what is none to the poison queue.
    const text = Buffer.from(JSON.stringify(message)).toString("base64");
    try {
      const abortSignal = AbortSignal.timeout(sendMs);
      await client.sendMessage(text, { visibilityTimeout: delayS, messageTimeToLive: delayS + keepS, abortSignal });
    } catch (error) {
      refused.push(error);
    }
  });
  if (refused.length === 0) return;
  const codes = [...new Set(refused.map(codeOf))].join(", ");
  throw new Error(
    `azure: ${refused.length} of ${entries.length} messages refused (${codes}) by the queue ${client.name}`,
  );
}

/** The service's code of an error, such as `QueueNotFound`, or else what kind of error it is. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
