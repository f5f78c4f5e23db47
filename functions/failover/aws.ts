import middy from "@middy/core";
import type { SQSBatchResponse } from "aws-lambda";
import { awsParts } from "../../shared/compose/aws.ts";
import { awsTableCare } from "../../shared/compose/aws-table-care.ts";
import { logErrors } from "../../shared/platform/aws-middleware.ts";
import { isQueueEvent, lambdaQueue } from "../../shared/platform/aws-queue-events.ts";
import { TickMessage } from "../../shared/platform/queue-messages.ts";
import { createFailover } from "./failover.ts";

const failover = createFailover({ ...awsParts, tableCare: awsTableCare });
const takeTicks = lambdaQueue(TickMessage, failover.tick, awsParts.log);

/** Ticks come from the queue; what does not is the schedule. */
async function handle(event: unknown): Promise<SQSBatchResponse | undefined> {
  if (isQueueEvent(event)) return takeTicks(event);
  await failover.scheduled();
  return undefined;
}

export const handler = middy(handle).use(logErrors(awsParts.log));
