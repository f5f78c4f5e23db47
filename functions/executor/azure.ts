import { app } from "@azure/functions";
import { executorBodyBytes, executorParts } from "../../shared/compose/executor.ts";
import { createExecutor } from "../../shared/executor/server.ts";
import { azureMethods, azurePlain } from "../../shared/platform/azure-http.ts";
import { createProviderRegistry } from "../../shared/providers/registry.ts";

const executor = createExecutor({
  ...executorParts,
  serves: ["azure"],
  openProvider: createProviderRegistry({ clock: executorParts.clock, home: "azure" }),
  renews: true,
});

/** Open to everybody: every request proves itself by its signature. */
app.http("executor", {
  route: "executor/v1/{operation}",
  methods: azureMethods,
  authLevel: "anonymous",
  handler: azurePlain(executor, { maxBodyBytes: executorBodyBytes, log: executorParts.log }),
});
