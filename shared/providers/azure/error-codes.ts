import * as z from "zod/mini";
import type { RouteErrorCode } from "../../domain/errors.ts";
import { networkCodes } from "../common/network-codes.ts";

/** `missing`: what the call was about is not there. */
export type Meaning = RouteErrorCode | "missing";

/**
 * Error codes of Azure Resource Manager and Microsoft.Network, names of errors of @azure/identity and Node's codes, in
 * our words. https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
 */
const CODES: Readonly<Record<string, Meaning>> = {
  ...networkCodes,
  TooManyRequests: "THROTTLED",
  OperationThrottled: "THROTTLED",
  SubscriptionRequestsThrottled: "THROTTLED",
  TenantRequestsThrottled: "THROTTLED",
  ResourceRequestsThrottled: "THROTTLED",
  ResourceCollectionRequestsThrottled: "THROTTLED",
  AnotherOperationInProgress: "LOCKED",
  RetryableErrorDueToAnotherOperation: "LOCKED",
  RetryableError: "LOCKED",
  CanceledAndSupersededDueToAnotherOperation: "LOCKED",
  OperationPreempted: "LOCKED",
  ReferencedResourceNotProvisioned: "LOCKED",
  RouteConflict: "ROUTE_EXISTS",
  AuthorizationFailed: "DENIED",
  LinkedAuthorizationFailed: "DENIED",
  AuthenticationFailed: "DENIED",
  AuthenticationFailedMissingToken: "DENIED",
  InvalidAuthenticationToken: "DENIED",
  InvalidAuthenticationTokenTenant: "DENIED",
  ExpiredAuthenticationToken: "DENIED",
  RequestDisallowedByPolicy: "DENIED",
  ReadOnlyDisabledSubscription: "DENIED",
  SubscriptionNotRegistered: "DENIED",
  MissingSubscriptionRegistration: "DENIED",
  ScopeLocked: "DENIED",
  AuthenticationError: "DENIED",
  AuthenticationRequiredError: "DENIED",
  AggregateAuthenticationError: "DENIED",
  CredentialUnavailableError: "DENIED",
  ResourceNotFound: "missing",
  ResourceGroupNotFound: "missing",
  ParentResourceNotFound: "missing",
  SubscriptionNotFound: "missing",
  NotFound: "missing",
  InternalServerError: "CLOUD_FAULT",
  InternalError: "CLOUD_FAULT",
  ServerTimeout: "CLOUD_FAULT",
  ServiceUnavailable: "CLOUD_FAULT",
  Canceled: "CLOUD_FAULT",
};

/** Codes that mean several things: what the message must say for which. */
const BY_MESSAGE: readonly (readonly [code: RegExp, message: RegExp, meaning: Meaning])[] = [
  [/^Conflict$/, /another operation|in progress/i, "LOCKED"],
  // Entra was not reached: nobody has been refused.
  [/^Authentication\w*Error$/, /network_error|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN/, "UNREACHABLE"],
];

/** Families of codes that are not in the table. */
const FAMILIES: readonly (readonly [code: RegExp, meaning: Meaning])[] = [
  [/(?:LimitReached|LimitExceeded|QuotaExceeded)$/, "QUOTA"],
  [/Throttled$/, "THROTTLED"],
  [/^(?:Invalid|BadRequest|NoRegisteredProvider|MissingApiVersion)/, "INVALID"],
];

const Inner = z.looseObject({ code: z.optional(z.nullable(z.string())), message: z.optional(z.nullable(z.string())) });
const Body = z.looseObject({
  error: z.looseObject({ ...Inner.shape, details: z.optional(z.nullable(z.array(Inner))) }),
});

/** What an error code of Azure means, as far as it is known. */
export function meaningOfCode(code: string, message: string): Meaning | undefined {
  const told = BY_MESSAGE.find(([name, text]) => name.test(code) && text.test(message))?.[2];
  return told ?? CODES[code] ?? FAMILIES.find(([name]) => name.test(code))?.[1];
}

/** What went wrong, by the most particular code that Azure gave, and that code (empty when there was none). */
export function azureCodes(error: unknown): { readonly code: Meaning; readonly said: string } {
  if (!(error instanceof Error)) return { code: "UNKNOWN", said: "" };
  const { code, status, text } = partsOf(error);
  const codes = [...innerCodes(text), { code, message: error.message }, { code: error.name, message: error.message }];
  for (const given of codes) {
    const meaning = meaningOfCode(given.code, given.message);
    if (meaning !== undefined) return { code: meaning, said: given.code };
  }
  return { code: byStatus(status), said: code };
}

/** Milliseconds that Azure asks to wait before the call is made again: by header, or in the text of a lock. */
export function retryAfterMs(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const { retryAfter, text } = partsOf(error);
  const asked = retryAfter === "" ? Number.NaN : Number(retryAfter);
  const told = Number(/retried in (\d{1,4}) second/.exec(text)?.[1] ?? Number.NaN);
  const seconds = Number.isFinite(asked) ? asked : told;
  return Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}

type Parts = { readonly code: string; readonly status: number; readonly text: string; readonly retryAfter: string };

function partsOf(error: Error): Parts {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const status = "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : 0;
  const response = "response" in error && typeof error.response === "object" ? error.response : null;
  const text =
    response && "bodyAsText" in response && typeof response.bodyAsText === "string" ? response.bodyAsText : "";
  return { code, status, text, retryAfter: headerOf(response, "retry-after") };
}

function headerOf(response: object | null, name: string): string {
  if (response === null || !("headers" in response)) return "";
  const { headers } = response;
  if (typeof headers !== "object" || headers === null || !("get" in headers) || typeof headers.get !== "function")
    return "";
  const value: unknown = headers.get(name);
  return typeof value === "string" ? value : "";
}

/** The codes in an error's details, which are more particular than the one above them. */
function innerCodes(text: string): readonly { readonly code: string; readonly message: string }[] {
  const read = Body.safeParse(parsed(text));
  if (!read.success) return [];
  const { details, ...outer } = read.data.error;
  return [...(details ?? []), outer].flatMap(({ code, message }) => (code ? [{ code, message: message ?? "" }] : []));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function byStatus(status: number): Meaning {
  if (status === 429) return "THROTTLED";
  if (status === 401 || status === 403) return "DENIED";
  if (status === 404) return "missing";
  if (status === 400) return "INVALID";
  return status >= 500 ? "CLOUD_FAULT" : "UNKNOWN";
}
