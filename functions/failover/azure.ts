import { app } from "@azure/functions";
import { azureParts, azureTableCare } from "../../shared/compose/azure.ts";
import { azureQueueConnection, azureQueueNames } from "../../shared/compose/azure-queue-names.ts";
import { azureQueue, azureTimer } from "../../shared/platform/azure-triggers.ts";
import { TickMessage } from "../../shared/platform/queue-messages.ts";
import { createFailover } from "./failover.ts";

const failover = createFailover({ ...azureParts, tableCare: azureTableCare });

app.timer("failover", {
  schedule: "0 * * * * *",
  handler: azureTimer(failover.scheduled, azureParts.log),
});

app.storageQueue("ticks", {
  queueName: azureQueueNames.ticks,
  connection: azureQueueConnection,
  handler: azureQueue(TickMessage, failover.tick, azureParts.log),
});
