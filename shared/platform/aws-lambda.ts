import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import * as z from "zod/mini";
import type { PlainHandler } from "./plain-http.ts";

/** The part of a function URL's or an HTTP API's event (payload format 2.0) that is used. Cookies are not. */
const HttpEvent = z.object({
  rawPath: z.string(),
  rawQueryString: z.optional(z.string()),
  headers: z.optional(z.record(z.string(), z.string())),
  requestContext: z.object({
    domainName: z.optional(z.string()),
    http: z.object({ method: z.string() }),
  }),
  body: z.optional(z.string()),
  isBase64Encoded: z.optional(z.boolean()),
});
type HttpEvent = z.infer<typeof HttpEvent>;

type HttpResult = APIGatewayProxyStructuredResultV2;

/** What is answered for the core when its function cannot be asked; the agent and the CLI look at the status alone. */
export function emptyAnswer(statusCode: number): HttpResult {
  return {
    statusCode,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
    body: "{}",
    isBase64Encoded: false,
  };
}

/**
 * Makes a Lambda handler of a function from web Request to web Response, for function URLs and HTTP APIs alike.
 * Answers 413 for a body of more than `maxBodyBytes` without decoding it, and 400 for what no Request can hold
 * (a header with characters beyond Latin-1, a method that is forbidden). What `receive` throws is thrown on.
 */
export function lambdaHttp(
  receive: (request: Request) => Promise<Response>,
  options: { readonly maxBodyBytes: number },
): (event: unknown) => Promise<HttpResult> {
  return async (event) => {
    const parsed = z.safeParse(HttpEvent, event);
    if (!parsed.success) return emptyAnswer(400);
    if (bodyBytes(parsed.data) > options.maxBodyBytes) return emptyAnswer(413);
    const request = toRequest(parsed.data);
    if (request === undefined) return emptyAnswer(400);
    return toResult(await receive(request));
  };
}

/**
 * Makes a Lambda handler of a plain core, for function URLs and HTTP APIs alike: nothing is made of the event that the
 * core does not ask for. A body of more than `maxBodyBytes` is not decoded: the core sees none.
 */
export function lambdaPlain(
  handle: PlainHandler,
  options: { readonly maxBodyBytes: number },
): (event: unknown) => Promise<HttpResult> {
  return async (event) => {
    const parsed = z.safeParse(HttpEvent, event);
    if (!parsed.success) return emptyAnswer(400);
    const { rawPath, requestContext, headers } = parsed.data;
    const answer = await handle({
      method: requestContext.http.method,
      path: rawPath,
      headers: { get: (name) => headers?.[name] ?? headerOfAnyCase(headers, name) },
      body: bodyBytes(parsed.data) > options.maxBodyBytes ? undefined : textBody(parsed.data),
    });
    return { statusCode: answer.status, headers: answer.headers, body: answer.body, isBase64Encoded: false };
  };
}

/** Both kinds of endpoint hand header names on in lower case; a proxy before them may not. */
function headerOfAnyCase(headers: HttpEvent["headers"], name: string): string | undefined {
  return Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
}

function textBody(event: HttpEvent): string {
  return event.isBase64Encoded === true ? decodeBody(event).toString("utf8") : (event.body ?? "");
}

/** Length of the body once it is decoded, without decoding it. */
function bodyBytes(event: HttpEvent): number {
  const body = event.body ?? "";
  return event.isBase64Encoded === true ? Buffer.byteLength(body, "base64") : Buffer.byteLength(body, "utf8");
}

function toRequest(event: HttpEvent): Request | undefined {
  const method = event.requestContext.http.method;
  // An HTTP API hands the path on decoded: what would end a path is encoded again.
  const path = event.rawPath.replaceAll("?", "%3F").replaceAll("#", "%23");
  const query = event.rawQueryString ? `?${event.rawQueryString}` : "";
  const hasBody = event.body !== undefined && event.body !== "" && method !== "GET" && method !== "HEAD";
  try {
    return new Request(new URL(`https://${event.requestContext.domainName ?? "localhost"}${path}${query}`), {
      method,
      headers: new Headers(event.headers ?? {}),
      ...(hasBody ? { body: decodeBody(event) } : {}),
    });
  } catch {
    return undefined;
  }
}

function decodeBody(event: HttpEvent): Buffer<ArrayBuffer> {
  return Buffer.from(event.body ?? "", event.isBase64Encoded === true ? "base64" : "utf8");
}

const textTypes = /^(?:text\/|application\/(?:json|base64)\b)/;

async function toResult(response: Response): Promise<HttpResult> {
  const isText = textTypes.test(response.headers.get("content-type") ?? "text/plain");
  const bytes = Buffer.from(await response.arrayBuffer());
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: bytes.toString(isText ? "utf8" : "base64"),
    isBase64Encoded: !isText,
  };
}
