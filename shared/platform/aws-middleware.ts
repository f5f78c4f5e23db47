import type { MiddlewareObj } from "@middy/core";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { Log } from "../ports/log.ts";
import { emptyAnswer } from "./aws-lambda.ts";
import { hideSecrets } from "./hide-secrets.ts";
import { errorFields } from "./json-log.ts";

/**
 * Logs what a handler throws and lets it fail, so that the platform counts it and its queue or schedule knows. The
 * platform writes the error into its own log, too, so what could be a secret is taken out of it.
 */
export function logErrors(log: Log): MiddlewareObj {
  return {
    onError: ({ error }) => {
      log.error("the function failed", errorFields(error));
      hideSecrets(error);
    },
  };
}

/** Logs what an HTTP handler throws and answers 500 with an empty JSON object: never a stack. */
export function answerErrors(log: Log): MiddlewareObj<unknown, APIGatewayProxyStructuredResultV2> {
  return {
    onError: (request) => {
      log.error("the function failed", errorFields(request.error));
      request.response = emptyAnswer(500);
    },
  };
}
