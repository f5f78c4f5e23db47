import middy from "@middy/core";
import { awsParts, awsRegion } from "../../shared/compose/aws.ts";
import { awsCloudParts } from "../../shared/compose/aws-clouds.ts";
import { logErrors } from "../../shared/platform/aws-middleware.ts";
import { lambdaQueue } from "../../shared/platform/aws-queue-events.ts";
import { SwapMessage } from "../../shared/platform/queue-messages.ts";
import type { Examine } from "../../shared/ports/examinations.ts";
import type { Wake } from "../../shared/ports/queues.ts";
import { createProviderRegistry } from "../../shared/providers/registry.ts";
import { createSwapper } from "./swap.ts";

const parts = { ...awsParts, ...awsCloudParts(awsRegion, awsParts.clock) };
const openProvider = createProviderRegistry(parts);
const swap = createSwapper({ ...awsParts, openProvider });

let examiner: Promise<(request: Examine) => Promise<void>> | undefined;

async function examine(request: Examine): Promise<void> {
  examiner ??= import("./aws-examine.ts").then((module) => module.awsExaminer(parts, openProvider));
  await (await examiner)(request);
}

const take = (message: Wake | Examine) => ("kind" in message ? examine(message) : swap(message));

export const handler = middy(lambdaQueue(SwapMessage, take, awsParts.log)).use(logErrors(awsParts.log));
