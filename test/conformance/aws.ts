import type { Context } from "aws-lambda";
import type { ConformanceAnswer, ConformanceRequest, Delivery, OpenPlatform, Platform } from "./platform.ts";
import { startSqsStandIn } from "./sqs.ts";

/** What answers a request: a function URL, or an HTTP API. Both have payload format 2.0, and differ in what they make of it. */
export type Front = {
  readonly kind: "function URL" | "HTTP API";
  /** Whether bodies come as base64, as they do when their type is none of text. */
  readonly isBase64: boolean;
};

type Handler = (event: unknown, context: Context) => Promise<unknown>;
type Result = { readonly statusCode: number; readonly headers?: Record<string, string>; readonly body?: string } & {
  readonly isBase64Encoded?: boolean;
};

/** Our Lambda handlers with their middleware, asked as a front asks them, over a stand-in for SQS. */
export function openAws(front: Front): OpenPlatform {
  return async () => {
    const sqs = await startSqsStandIn();
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_ENDPOINT_URL_SQS: sqs.endpoint,
      POINTSMAN_SWAP_QUEUE_URL: `${sqs.endpoint}/1/swaps.fifo`,
      POINTSMAN_TICK_QUEUE_URL: `${sqs.endpoint}/1/ticks`,
    });
    const heartbeat = await import("../../functions/heartbeat/aws.ts");
    const admin = await import("../../functions/admin/aws.ts");
    const failover = await import("../../functions/failover/aws.ts");
    const routes = await import("../../functions/routes/aws.ts");
    return {
      heartbeat: (request) => ask(heartbeat.handler as Handler, httpEvent(front, request)),
      admin: (request) => ask(admin.handler as Handler, httpEvent(front, request)),
      schedule: () => runOf(failover.handler as Handler, { scheduled: "sweep" }),
      tick: (message) => deliver(failover.handler as Handler, message),
      swap: (message) => deliver(routes.handler as Handler, message),
      sent: sqs.sent,
      stop: sqs.stop,
    } satisfies Platform;
  };
}

const context = { getRemainingTimeInMillis: () => 10_000 } as Context;

async function ask(handler: Handler, event: unknown): Promise<ConformanceAnswer> {
  const { statusCode, headers = {}, body = "", isBase64Encoded = false } = (await handler(event, context)) as Result;
  return {
    status: statusCode,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body,
  };
}

async function runOf(handler: Handler, event: unknown): Promise<Delivery> {
  try {
    await handler(event, context);
    return "done";
  } catch {
    return "again";
  }
}

async function deliver(handler: Handler, body: string): Promise<Delivery> {
  const record = { messageId: "m1", receiptHandle: "r1", body, attributes: {}, eventSource: "aws:sqs" };
  const result = (await handler({ Records: [record] }, context)) as { batchItemFailures: readonly unknown[] };
  return result.batchItemFailures.length === 0 ? "done" : "again";
}

function httpEvent({ kind, isBase64 }: Front, request: ConformanceRequest) {
  const { method, path, query = "", headers, body } = request;
  const domainName = kind === "HTTP API" ? "a1.execute-api.us-east-1.amazonaws.com" : "a1.lambda-url.us-east-1.on.aws";
  // A function URL hands the path on as it came; an HTTP API decodes it.
  const rawPath = kind === "HTTP API" ? decodeURIComponent(path) : path;
  const bytes = Buffer.from(body ?? "");
  const isText = typeof body === "string" && !isBase64;
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString: query,
    headers: {
      host: domainName,
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
      ...(body === undefined ? {} : { "content-length": String(bytes.length) }),
    },
    requestContext: { domainName, http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "192.0.2.1" } },
    ...(body === undefined ? {} : { body: isText ? body : bytes.toString("base64") }),
    isBase64Encoded: body !== undefined && !isText,
  };
}
