import type { InvocationContext, StorageQueueHandler, TimerHandler } from "@azure/functions";
import * as z from "zod/mini";
import type { Log } from "../ports/log.ts";
import { hideSecrets } from "./hide-secrets.ts";
import { errorFields } from "./json-log.ts";

/** What the host tells of a message beside its text. */
const Metadata = z.object({ id: z._default(z.string(), ""), dequeueCount: z._default(z.number(), 0) });

/**
 * Makes a storage queue's function of one that takes a message. One that fails is logged as an error and comes again, and
 * after `maxDequeueCount` of host.json is moved to the queue that ends in `-poison`; one that is not as `schema` says is
 * logged and dropped, since it would fail each time. The host hands a text that is JSON on as what it says.
 */
export function azureQueue<M>(
  schema: z.ZodMiniType<M>,
  take: (message: M) => Promise<void>,
  log: Log,
): StorageQueueHandler {
  return async (entry, context) => {
    const { id: messageId, dequeueCount } = metadataOf(context);
    const message = z.safeParse(schema, entry);
    if (!message.success) {
      log.error("dropped a message that is not understood", { messageId, type: typeof entry });
      return;
    }
    try {
      await take(message.data);
    } catch (error) {
      log.error("a message was not worked off and comes again", { messageId, dequeueCount, ...errorFields(error) });
      hideSecrets(error);
      throw error;
    }
  };
}

/** Makes a timer's function: what fails is logged, and fails, so that the platform counts it. */
export function azureTimer(run: () => Promise<void>, log: Log): TimerHandler {
  return async () => {
    try {
      await run();
    } catch (error) {
      log.error("the function failed", errorFields(error));
      hideSecrets(error);
      throw error;
    }
  };
}

function metadataOf(context: InvocationContext): z.infer<typeof Metadata> {
  const found = z.safeParse(Metadata, context.triggerMetadata ?? {});
  return found.success ? found.data : { id: "", dequeueCount: 0 };
}
