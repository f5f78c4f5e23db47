import { type Retry, RouteError, type RouteErrorCode } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { redacted } from "../../domain/redact.ts";
import { networkCodes } from "../common/network-codes.ts";

/** A call as far as an error tells of it. `action` is the API method, such as `routes.insert`. */
export type Call = {
  readonly action: string;
  readonly project: string;
  /** What it was about, such as `10.9.0.0/16 in vpc-main`. */
  readonly about: string;
};

/** What Google answered instead of a result: an HTTP error, or the error of an operation that was accepted (status 0). */
export class GoogleRefusal extends Error {
  override readonly name = "GoogleRefusal";
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** Reasons of Google's errors, codes of its operations' errors, and Node's codes, in our words. */
const CODES: Readonly<Record<string, RouteErrorCode>> = {
  ...networkCodes,
  rateLimitExceeded: "THROTTLED",
  userRateLimitExceeded: "THROTTLED",
  RATE_LIMIT_EXCEEDED: "THROTTLED",
  resourceNotReady: "LOCKED",
  RESOURCE_NOT_READY: "LOCKED",
  RESOURCE_IN_USE: "LOCKED",
  resourceInUse: "LOCKED",
  CONCURRENT_OPERATIONS_ERROR: "LOCKED",
  quotaExceeded: "QUOTA",
  limitExceeded: "QUOTA",
  QUOTA_EXCEEDED: "QUOTA",
  LIMIT_EXCEEDED: "QUOTA",
  forbidden: "DENIED",
  insufficientPermissions: "DENIED",
  accessNotConfigured: "DENIED",
  required: "DENIED",
  authError: "DENIED",
  PERMISSIONS_ERROR: "DENIED",
  FORBIDDEN: "DENIED",
  alreadyExists: "ROUTE_EXISTS",
  RESOURCE_ALREADY_EXISTS: "ROUTE_EXISTS",
  RESOURCE_NOT_FOUND: "ROUTE_MISSING",
  invalid: "INVALID",
  badRequest: "INVALID",
  internalError: "CLOUD_FAULT",
  backendError: "CLOUD_FAULT",
  INTERNAL_ERROR: "CLOUD_FAULT",
};

/** What a message says where a reason means several things. The first that fits is taken. */
const BY_MESSAGE: readonly (readonly [message: RegExp, meaning: RouteErrorCode])[] = [
  [/operation (?:is )?in progress/i, "LOCKED"],
  // What has become of it cannot be told any more: what stands is read at the next reconcile.
  [/\/operations\/[^ ]*' was not found/i, "UNKNOWN"],
  [/\/instances\/[^ ]*' was not found|nextHop(?:Instance|Ip).*cannot be found/i, "TARGET_MISSING"],
  [/\/networks\/[^ ]*' was not found|field 'resource\.network'.*cannot be found/i, "TABLE_MISSING"],
  [/'projects\/[^/']+' was not found/i, "TABLE_MISSING"],
  [/\/routes\/[^ ]*' was not found/i, "ROUTE_MISSING"],
  [/nextHop(?:Instance|Ip).*(?:IP forwarding|canIpForward|not on the network)/i, "TARGET_NOT_ALLOWED"],
];

type Advice = { readonly retry: Retry; readonly next: (call: Call, message: string) => string };

const ADVICE: Readonly<Record<RouteErrorCode, Advice>> = {
  THROTTLED: {
    retry: "soon",
    next: () => "nothing: the call is repeated; if it lasts, see what else calls Compute Engine in this project",
  },
  LOCKED: { retry: "soon", next: () => "nothing: the call is repeated when the other operation is done" },
  TIMED_OUT: { retry: "soon", next: () => "nothing: what stands is read again, and the call repeated if needed" },
  UNREACHABLE: {
    retry: "soon",
    next: () => "see whether the function reaches compute, sts and iamcredentials.googleapis.com; the call is repeated",
  },
  CLOUD_FAULT: { retry: "soon", next: () => "see status.cloud.google.com; the call is repeated" },
  DENIED: { retry: "later", next: denialAdvice },
  TABLE_MISSING: { retry: "later", next: () => "correct the location's project or network, or make the network again" },
  TARGET_MISSING: { retry: "later", next: () => "correct the host's target, or make the instance again" },
  TARGET_NOT_ALLOWED: {
    retry: "later",
    next: () => "give the host an instance in the location's network that was made with IP forwarding",
  },
  TARGET_AMBIGUOUS: { retry: "later", next: () => "name the host's instance as its target" },
  ROUTE_EXISTS: { retry: "soon", next: () => "nothing: what stands is read again before anything is changed" },
  ROUTE_MISSING: { retry: "soon", next: () => "nothing: what stands is read again, and the route created if needed" },
  QUOTA: {
    retry: "later",
    next: () => "ask Google for more 'Static routes' (a swap needs room for a second route), or remove routes",
  },
  INVALID: { retry: "never", next: () => "correct the location's cloud settings as the message says" },
  SUPERSEDED: { retry: "soon", next: () => "nothing: a newer decision is being applied" },
  UNKNOWN: { retry: "later", next: () => "see the cause; the call is repeated at the next reconcile" },
};

/** What Google or the network threw, as a `RouteError`; one that is one stays as it is. */
export function translate(error: unknown, call: Call): RouteError {
  if (error instanceof RouteError) return error;
  const message = error instanceof Error ? messageOf(error) : String(error);
  return routeError(meaningOf(error, message), call, message, error);
}

/** A `RouteError` about a call, with the retry and the next step that belong to its code. */
export function routeError(code: RouteErrorCode, call: Call, message: string, cause?: unknown): RouteError {
  const { retry, next } = ADVICE[code];
  const text = `gcp: ${call.action} for ${call.about} (project ${call.project}): ${shortened(redacted(message))}`;
  return new RouteError(code, text, { cause, retry, next: next(call, message) });
}

/** `fetch` says only that it failed: what failed is its cause. */
function messageOf(error: Error): string {
  return error.cause instanceof Error && error.message === "fetch failed" ? error.cause.message : error.message;
}

function meaningOf(error: unknown, message: string): RouteErrorCode {
  if (!(error instanceof Error)) return "UNKNOWN";
  if (error instanceof GoogleRefusal) {
    const byMessage = BY_MESSAGE.find(([pattern]) => pattern.test(message));
    return byMessage?.[1] ?? CODES[error.reason] ?? byStatus(error.status);
  }
  return CODES[codeOf(error)] ?? CODES[codeOf(error.cause)] ?? CODES[error.name] ?? "UNKNOWN";
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

function byStatus(status: number): RouteErrorCode {
  if (status === 429) return "THROTTLED";
  if (status === 400 || status === 412) return "INVALID";
  if (status === 401 || status === 403) return "DENIED";
  if (status === 404) return "ROUTE_MISSING";
  return status >= 500 ? "CLOUD_FAULT" : "UNKNOWN";
}

function shortened(message: string): string {
  return message.length > limits.fieldChars ? `${message.slice(0, limits.fieldChars)}…` : message;
}

/** Google names the permission that is missing, and for credentials there is none to name. */
function denialAdvice(call: Call, message: string): string {
  const permission = /'(compute\.[A-Za-z]+\.[A-Za-z]+)' permission/.exec(message)?.[1];
  if (permission !== undefined) {
    return `give the service account the permission ${permission} in ${call.project}: see deploy/policies/gcp.json`;
  }
  return `see that the location's identity works, and has the role of deploy/policies/gcp.json in ${call.project}`;
}
