import { ManagedIdentityCredential } from "@azure/identity";
import { QueueServiceClient } from "@azure/storage-queue";
import { azureExamineQueue, azureSwapQueue, azureTickQueue } from "../platform/azure-queues.ts";
import { systemClock } from "../platform/clock.ts";
import type { ExamineQueue } from "../ports/examinations.ts";
import type { SwapQueue, TickQueue } from "../ports/queues.ts";
import { azureQueueNames } from "./azure-queue-names.ts";

type Queues = { readonly swap: SwapQueue; readonly tick: TickQueue; readonly examine: ExamineQueue };

/** Two more tries, with a back-off of the client's own: as the other platforms' queues are called. */
const retryOptions = { maxTries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 400 };

/**
 * All queues over one client, entered by the managed identity; by an address that has a query, as it is. In a file of its
 * own, so that a heartbeat without news never loads it.
 */
export function openQueues(queueUrl: string, clientId: string | undefined): Queues {
  const service = new QueueServiceClient(queueUrl, credentialFor(queueUrl, clientId), { retryOptions });
  const swaps = service.getQueueClient(azureQueueNames.swaps);
  return {
    swap: azureSwapQueue(swaps),
    tick: azureTickQueue(service.getQueueClient(azureQueueNames.ticks), systemClock),
    examine: azureExamineQueue(swaps),
  };
}

function credentialFor(queueUrl: string, clientId: string | undefined): ManagedIdentityCredential | undefined {
  if (new URL(queueUrl).search !== "") return undefined;
  return clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId });
}
