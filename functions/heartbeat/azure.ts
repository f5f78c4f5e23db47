import { app } from "@azure/functions";
import { azureParts, azureSecrets } from "../../shared/compose/azure.ts";
import { limits } from "../../shared/domain/limits.ts";
import { azureMethods, azurePlain } from "../../shared/platform/azure-http.ts";
import { createHeartbeat } from "./heartbeat.ts";

const heartbeat = createHeartbeat({ ...azureParts, secrets: azureSecrets });

app.http("heartbeat", {
  route: "link/state",
  methods: azureMethods,
  authLevel: "anonymous",
  handler: azurePlain(heartbeat, { maxBodyBytes: limits.bodyBytes, log: azureParts.log }),
});
