import { app } from "@azure/functions";
import {
  azureEndpoints,
  azureExaminations,
  azureExamineQueue,
  azureParts,
  azureSecrets,
  azureTableCare,
} from "../../shared/compose/azure.ts";
import { limits } from "../../shared/domain/limits.ts";
import { azureHttp, azureMethods } from "../../shared/platform/azure-http.ts";
import { createAdmin } from "./admin.ts";

const admin = createAdmin({
  ...azureParts,
  secrets: azureSecrets,
  endpoints: azureEndpoints,
  doctor: { examinations: azureExaminations, queue: azureExamineQueue },
  tableCare: azureTableCare,
});

// The host keeps every path that begins with /admin to itself: the API is at /pointsman/admin/v1.
app.http("admin", {
  route: "pointsman/admin/{*path}",
  methods: azureMethods,
  authLevel: "anonymous",
  handler: azureHttp(admin, { maxBodyBytes: limits.adminBodyBytes, log: azureParts.log, below: "/pointsman" }),
});
