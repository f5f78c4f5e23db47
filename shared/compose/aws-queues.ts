import { SQSClient } from "@aws-sdk/client-sqs";
import { systemClock } from "../platform/clock.ts";
import { systemRandom } from "../platform/random.ts";
import { sqsSwapQueue, sqsTickQueue } from "../platform/sqs-queues.ts";
import type { SwapQueue, TickQueue } from "../ports/queues.ts";
import { awsCalls } from "./aws-calls.ts";
import type { AwsConfig } from "./config.ts";

/** Both queues over one client. In a file of its own, so that a heartbeat without news never loads it. */
export function openQueues(config: AwsConfig): { readonly swap: SwapQueue; readonly tick: TickQueue } {
  const client = new SQSClient(awsCalls);
  const deps = { clock: systemClock, random: systemRandom };
  return {
    swap: sqsSwapQueue(client, config.swapQueueUrl, deps),
    tick: sqsTickQueue(client, config.tickQueueUrl, deps),
  };
}
