import { http } from "@google-cloud/functions-framework";
import { googleParts, googleSecrets } from "../../shared/compose/google.ts";
import { limits } from "../../shared/domain/limits.ts";
import { googlePlain } from "../../shared/platform/google-http.ts";
import { createHeartbeat } from "./heartbeat.ts";

const heartbeat = createHeartbeat({ ...googleParts, secrets: googleSecrets() });

/** Public (invoker `allUsers`): every request proves itself by a host's signature. */
http("heartbeat", googlePlain(heartbeat, { maxBodyBytes: limits.bodyBytes, log: googleParts.log }));
