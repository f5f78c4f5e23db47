import { http } from "@google-cloud/functions-framework";
import {
  googleEndpoints,
  googleExaminations,
  googleExamineQueue,
  googleParts,
  googleSecrets,
  googleTableCare,
} from "../../shared/compose/google.ts";
import { limits } from "../../shared/domain/limits.ts";
import { googleWeb } from "../../shared/platform/google-http.ts";
import { createAdmin } from "./admin.ts";

const admin = createAdmin({
  ...googleParts,
  secrets: googleSecrets(),
  endpoints: googleEndpoints,
  doctor: { examinations: googleExaminations, queue: googleExamineQueue },
  tableCare: googleTableCare,
});

/** Public (invoker `allUsers`): every request proves itself by the admin token. */
http("admin", googleWeb(admin, { maxBodyBytes: limits.adminBodyBytes, log: googleParts.log }));
