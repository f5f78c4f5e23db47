import middy from "@middy/core";
import { executorBodyBytes, executorParts } from "../../shared/compose/executor.ts";
import { createExecutor } from "../../shared/executor/server.ts";
import { lambdaPlain } from "../../shared/platform/aws-lambda.ts";
import { answerErrors } from "../../shared/platform/aws-middleware.ts";
import { createProviderRegistry } from "../../shared/providers/registry.ts";

/** A container takes one request at a time: a permit cannot reach a write that is under way. */
const executor = createExecutor({
  ...executorParts,
  serves: ["aws"],
  openProvider: createProviderRegistry({ clock: executorParts.clock }),
  renews: false,
});

export const handler = middy(lambdaPlain(executor, { maxBodyBytes: executorBodyBytes })).use(
  answerErrors(executorParts.log),
);
