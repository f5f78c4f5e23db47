import middy from "@middy/core";
import { awsParts, awsSecrets } from "../../shared/compose/aws.ts";
import { limits } from "../../shared/domain/limits.ts";
import { lambdaPlain } from "../../shared/platform/aws-lambda.ts";
import { answerErrors } from "../../shared/platform/aws-middleware.ts";
import { createHeartbeat } from "./heartbeat.ts";

const heartbeat = createHeartbeat({ ...awsParts, secrets: awsSecrets() });

export const handler = middy(lambdaPlain(heartbeat, { maxBodyBytes: limits.bodyBytes })).use(
  answerErrors(awsParts.log),
);
