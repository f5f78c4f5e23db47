import { openAzure } from "./azure.ts";
import { conformance } from "./suite.ts";

conformance(
  "Azure Functions",
  openAzure(() => import("../../functions/azure.ts")),
);
