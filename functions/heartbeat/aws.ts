import middy from "@middy/core";
import { awsParts, awsSecrets } from "../../shared/compose/aws.ts";
import { limits } from "../../shared/domain/limits.ts";
import { lambdaHttp } from "../../shared/platform/aws-lambda.ts";
import { answerErrors } from "../../shared/platform/aws-middleware.ts";
import { createReceiver } from "./receive.ts";

const receive = createReceiver({ ...awsParts, secrets: awsSecrets() });

export const handler = middy(lambdaHttp(receive, { maxBodyBytes: limits.bodyBytes })).use(answerErrors(awsParts.log));
