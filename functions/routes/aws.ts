import middy from "@middy/core";
import { awsParts, awsRegion } from "../../shared/compose/aws.ts";
import { awsCloudParts } from "../../shared/compose/aws-clouds.ts";
import { logErrors } from "../../shared/platform/aws-middleware.ts";
import { lambdaQueue, WakeMessage } from "../../shared/platform/aws-queue-events.ts";
import { createProviderRegistry } from "../../shared/providers/registry.ts";
import { createSwapper } from "./swap.ts";

const swap = createSwapper({ ...awsParts, openProvider: createProviderRegistry({ ...awsParts, ...awsCloudParts(awsRegion, awsParts.clock) }) });

export const handler = middy(lambdaQueue(WakeMessage, swap, awsParts.log)).use(logErrors(awsParts.log));
