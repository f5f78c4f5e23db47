import { app } from "@azure/functions";
import { azureCloudParts, azureParts } from "../../shared/compose/azure.ts";
import { azureQueueConnection, azureQueueNames } from "../../shared/compose/azure-queue-names.ts";
import { azureQueue } from "../../shared/platform/azure-triggers.ts";
import { SwapMessage } from "../../shared/platform/queue-messages.ts";
import type { Examine } from "../../shared/ports/examinations.ts";
import type { Wake } from "../../shared/ports/queues.ts";
import { createProviderRegistry } from "../../shared/providers/registry.ts";
import { createSwapper } from "./swap.ts";

const parts = { ...azureParts, ...azureCloudParts() };
const openProvider = createProviderRegistry(parts);
const swap = createSwapper({ ...azureParts, openProvider });

let examiner: Promise<(request: Examine) => Promise<void>> | undefined;

async function examine(request: Examine): Promise<void> {
  examiner ??= import("./azure-examine.ts").then((module) => module.azureExaminer(parts, openProvider));
  await (await examiner)(request);
}

const take = (message: Wake | Examine) => ("kind" in message ? examine(message) : swap(message));

app.storageQueue("routes", {
  queueName: azureQueueNames.swaps,
  connection: azureQueueConnection,
  handler: azureQueue(SwapMessage, take, azureParts.log),
});
