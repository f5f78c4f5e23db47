import * as z from "zod/mini";
import { limits } from "../domain/limits.ts";
import { redacted } from "../domain/redact.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { GoogleHandler } from "./google-http.ts";
import { errorFields } from "./json-log.ts";
import { jsonAnswer } from "./plain-http.ts";
import { readMessage } from "./queue-messages.ts";

/**
 * Makes an HTTP function of a function that takes one message, for tasks of Cloud Tasks. One that fails is logged as an error
 * and answered 500, so that it comes again; one that is not as `schema` says is logged and answered 200, which drops
 * it, since it would fail for ever. Cloud Tasks has no dead letters: the queue's settings say after how many tries a task is
 * dropped, and each failed try is in the log. Who may call is the platform's to check: the function must not be public.
 */
export function googleTask<M>(schema: z.ZodMiniType<M>, take: (message: M) => Promise<void>, log: Log): GoogleHandler {
  return async (request, response) => {
    const status = await taken();
    const { headers, body } = jsonAnswer(status, {});
    response.writeHead(status, headers).end(body);

    async function taken(): Promise<number> {
      if (request.method !== "POST") return 405;
      const text = request.rawBody?.toString("utf8") ?? "";
      const messageId = String(request.headers["x-cloudtasks-taskname"] ?? "");
      const message = readMessage(schema, text);
      if (message === undefined) {
        log.error("dropped a message that is not understood", { messageId, bytes: text.length });
        return 200;
      }
      try {
        await take(message);
        return 200;
      } catch (error) {
        log.error("a message was not worked off and comes again", { messageId, ...errorFields(error) });
        return 500;
      }
    }
  };
}

const Event = z.object({ time: z.optional(z.string()) });

/**
 * Makes a CloudEvent function of the run of the schedule. An event that is older than the time between two of them is dropped: Pub/Sub
 * keeps what it could not deliver, and a pile of them would each send all ticks. What `run` throws is logged and thrown on,
 * without what could be a secret, so that the platform counts it.
 */
export function googleSchedule(
  run: () => Promise<void>,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): (event: unknown) => Promise<void> {
  return async (event) => {
    const ageMs = clock.nowMs() - Date.parse(z.safeParse(Event, event).data?.time ?? "");
    if (ageMs > limits.sweepMs) {
      log.warn("dropped a run of the schedule that comes too late", { ageMs });
      return;
    }
    try {
      await run();
    } catch (error) {
      log.error("the function failed", errorFields(error));
      throw new Error(redacted(error instanceof Error ? error.message : String(error)));
    }
  };
}
