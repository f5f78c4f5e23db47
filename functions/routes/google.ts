import { http } from "@google-cloud/functions-framework";
import { googleCloudParts, googleParts } from "../../shared/compose/google.ts";
import { googleTask } from "../../shared/platform/google-events.ts";
import { SwapMessage } from "../../shared/platform/queue-messages.ts";
import type { Examine } from "../../shared/ports/examinations.ts";
import type { Wake } from "../../shared/ports/queues.ts";
import { createProviderRegistry } from "../../shared/providers/registry.ts";
import { createSwapper } from "./swap.ts";

const parts = googleCloudParts();
const openProvider = createProviderRegistry(parts);
const swap = createSwapper({ ...googleParts, openProvider });

let examiner: Promise<(request: Examine) => Promise<void>> | undefined;

async function examine(request: Examine): Promise<void> {
  examiner ??= import("./google-examine.ts").then((module) => module.googleExaminer(parts, openProvider));
  await (await examiner)(request);
}

const take = (message: Wake | Examine) => ("kind" in message ? examine(message) : swap(message));

/** Not public: the service account of the tasks alone may invoke it, by its OIDC token, which Google checks. */
http("routes", googleTask(SwapMessage, take, googleParts.log));
