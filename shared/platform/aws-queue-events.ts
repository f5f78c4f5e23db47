import type { SQSBatchResponse } from "aws-lambda";
import * as z from "zod/mini";
import type { Log } from "../ports/log.ts";
import { errorFields } from "./json-log.ts";
import { readMessage } from "./queue-messages.ts";

const QueueEvent = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });

/** Whether a Lambda event comes from a queue. */
export function isQueueEvent(event: unknown): boolean {
  return z.safeParse(QueueEvent, event).success;
}

/**
 * Makes a Lambda handler (ReportBatchItemFailures) of a function that takes one message. Messages run at the same
 * time: where order counts, the mapping's batch size is 1. One that fails is logged as an error and named in the answer,
 * so that it alone comes again; one that is not as `schema` says is logged and dropped, since it would fail for ever and,
 * on a FIFO queue, hold up its location. Throws a ZodError for an event that is no queue event.
 */
export function lambdaQueue<M>(
  schema: z.ZodMiniType<M>,
  take: (message: M) => Promise<void>,
  log: Log,
): (event: unknown) => Promise<SQSBatchResponse> {
  return async (event) => {
    const { Records } = z.parse(QueueEvent, event);
    const failures = await Promise.all(
      Records.map(async ({ messageId, body }) => {
        const message = readMessage(schema, body);
        if (message === undefined) {
          log.error("dropped a message that is not understood", { messageId, bytes: body.length });
          return [];
        }
        try {
          await take(message);
          return [];
        } catch (error) {
          log.error("a message was not worked off and comes again", { messageId, ...errorFields(error) });
          return [{ itemIdentifier: messageId }];
        }
      }),
    );
    return { batchItemFailures: failures.flat() };
  };
}
