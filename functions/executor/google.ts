import { http } from "@google-cloud/functions-framework";
import { executorBodyBytes, executorParts } from "../../shared/compose/executor.ts";
import { createExecutor } from "../../shared/executor/server.ts";
import { googlePlain } from "../../shared/platform/google-http.ts";
import { createProviderRegistry } from "../../shared/providers/registry.ts";

const executor = createExecutor({
  ...executorParts,
  serves: ["gcp"],
  openProvider: createProviderRegistry({ clock: executorParts.clock, home: "gcp" }),
  renews: true,
});

/** Public (invoker `allUsers`): every request proves itself by its signature. */
http("executor", googlePlain(executor, { maxBodyBytes: executorBodyBytes, log: executorParts.log }));
