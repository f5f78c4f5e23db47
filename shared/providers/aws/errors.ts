import { type Retry, RouteError, type RouteErrorCode } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { redacted } from "../../domain/redact.ts";
import { networkCodes } from "../common/network-codes.ts";

/** A call as far as an error tells of it. `action` is the IAM action, such as `ec2:ReplaceRoute`. */
export type Call = {
  readonly action: string;
  readonly region: string;
  /** What it was about, such as `10.9.0.0/16 in rtb-0a1`. */
  readonly about: string;
  /** What a policy must name to allow it: a table, or `*`. */
  readonly resource: string;
  /** What to do when a quota stops it; that of routes in a table when left out. */
  readonly quota?: string;
};

/** EC2's and STS's error codes, the SDK's own error names and Node's, in our words. */
const CODES: Readonly<Record<string, RouteErrorCode>> = {
  ...networkCodes,
  RequestLimitExceeded: "THROTTLED",
  Throttling: "THROTTLED",
  ThrottlingException: "THROTTLED",
  ThrottledException: "THROTTLED",
  RequestThrottled: "THROTTLED",
  RequestThrottledException: "THROTTLED",
  EC2ThrottledException: "THROTTLED",
  TooManyRequestsException: "THROTTLED",
  SlowDown: "THROTTLED",
  IncorrectState: "LOCKED",
  PrefixListVersionMismatch: "LOCKED",
  ConcurrentMutationLimitExceeded: "LOCKED",
  ConcurrentModification: "LOCKED",
  OperationInProgress: "LOCKED",
  RequestTimeout: "TIMED_OUT",
  RequestTimeoutException: "TIMED_OUT",
  InternalError: "CLOUD_FAULT",
  InternalFailure: "CLOUD_FAULT",
  ServiceUnavailable: "CLOUD_FAULT",
  Unavailable: "CLOUD_FAULT",
  UnauthorizedOperation: "DENIED",
  AuthFailure: "DENIED",
  AccessDenied: "DENIED",
  AccessDeniedException: "DENIED",
  Blocked: "DENIED",
  OptInRequired: "DENIED",
  PendingVerification: "DENIED",
  InvalidClientTokenId: "DENIED",
  UnrecognizedClientException: "DENIED",
  SignatureDoesNotMatch: "DENIED",
  ExpiredToken: "DENIED",
  ExpiredTokenException: "DENIED",
  RequestExpired: "DENIED",
  RegionDisabledException: "DENIED",
  CredentialsProviderError: "DENIED",
  "InvalidRouteTableID.NotFound": "TABLE_MISSING",
  "InvalidRouteTableId.NotFound": "TABLE_MISSING",
  "InvalidRouteTableID.Malformed": "TABLE_MISSING",
  "InvalidRouteTableId.Malformed": "TABLE_MISSING",
  "InvalidNetworkInterfaceID.NotFound": "TARGET_MISSING",
  "InvalidNetworkInterfaceId.NotFound": "TARGET_MISSING",
  "InvalidNetworkInterfaceID.Malformed": "TARGET_MISSING",
  "InvalidNetworkInterfaceId.Malformed": "TARGET_MISSING",
  "InvalidInstanceID.NotFound": "TARGET_MISSING",
  "InvalidInstanceID.Malformed": "TARGET_MISSING",
  RouteAlreadyExists: "ROUTE_EXISTS",
  InvalidPrefixListModification: "ROUTE_EXISTS",
  "InvalidRoute.NotFound": "ROUTE_MISSING",
  "InvalidPrefixListID.NotFound": "ROUTE_MISSING",
  "InvalidPrefixListId.NotFound": "ROUTE_MISSING",
  RouteLimitExceeded: "QUOTA",
  ResourceLimitExceeded: "QUOTA",
  PrefixListMaxEntriesExceeded: "QUOTA",
  PrefixListLimitExceeded: "QUOTA",
  InvalidParameterValue: "INVALID",
  InvalidParameterCombination: "INVALID",
  InvalidParameter: "INVALID",
  InvalidAction: "INVALID",
  MissingParameter: "INVALID",
  UnknownParameter: "INVALID",
  UnsupportedOperation: "INVALID",
  ValidationError: "INVALID",
};

/** Codes that mean several things: what the message must say for which. The first that fits is taken. */
const BY_MESSAGE: readonly (readonly [code: string, message: RegExp, meaning: RouteErrorCode])[] = [
  ["InvalidParameterValue", /no route defined for/i, "ROUTE_MISSING"],
  ["InvalidParameterValue", /belong to different networks/i, "TARGET_NOT_ALLOWED"],
];

type Advice = { readonly retry: Retry; readonly next: (call: Call) => string };

const ADVICE: Readonly<Record<RouteErrorCode, Advice>> = {
  THROTTLED: { retry: "soon", next: () => "nothing: the call is repeated; if it lasts, see what else calls EC2 here" },
  LOCKED: { retry: "soon", next: () => "nothing: the call is repeated when the other change is done" },
  TIMED_OUT: { retry: "soon", next: () => "nothing: what stands is read again, and the call repeated if needed" },
  UNREACHABLE: {
    retry: "soon",
    next: ({ region }) => `see whether the function reaches the AWS endpoint of ${region}; the call is repeated`,
  },
  CLOUD_FAULT: { retry: "soon", next: ({ region }) => `see the AWS health page for ${region}; the call is repeated` },
  DENIED: { retry: "later", next: denialAdvice },
  TABLE_MISSING: { retry: "later", next: () => "correct the location's routeTables, or make the table again" },
  TARGET_MISSING: { retry: "later", next: () => "correct the host's target, or make the interface again" },
  TARGET_NOT_ALLOWED: { retry: "later", next: () => "give the host a target in the VPC of the location" },
  TARGET_AMBIGUOUS: { retry: "later", next: () => "name the host's interface by its id" },
  ROUTE_EXISTS: { retry: "soon", next: () => "nothing: what stands is read again before anything is changed" },
  ROUTE_MISSING: { retry: "soon", next: () => "nothing: what stands is read again, and the route created if needed" },
  QUOTA: {
    retry: "later",
    next: ({ quota }) => quota ?? "ask AWS for a higher quota 'Routes per route table', or remove routes",
  },
  INVALID: { retry: "never", next: () => "correct the location's cloud settings as the message says" },
  SUPERSEDED: { retry: "soon", next: () => "nothing: a newer decision is being applied" },
  UNKNOWN: { retry: "later", next: () => "see the cause; the call is repeated at the next reconcile" },
};

/** What EC2, STS, the SDK or the network threw, as a `RouteError`; one that is thrown already stays as it is. */
export function translate(error: unknown, call: Call): RouteError {
  if (error instanceof RouteError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return routeError(meaningOf(error, message), call, message, error);
}

/** A `RouteError` about a call, with the retry and the next step that belong to its code. */
export function routeError(code: RouteErrorCode, call: Call, message: string, cause?: unknown): RouteError {
  const { retry, next } = ADVICE[code];
  const text = `aws: ${call.action} for ${call.about} (${call.region}): ${shortened(redacted(message))}`;
  return new RouteError(code, text, { cause, retry, next: next(call) });
}

function meaningOf(error: unknown, message: string): RouteErrorCode {
  if (!(error instanceof Error)) return "UNKNOWN";
  const byMessage = BY_MESSAGE.find(([code, pattern]) => code === error.name && pattern.test(message));
  if (byMessage !== undefined) return byMessage[2];
  const nodeCode = "code" in error && typeof error.code === "string" ? error.code : "";
  return CODES[error.name] ?? CODES[nodeCode] ?? byStatus(statusOf(error));
}

function statusOf(error: Error): number {
  if (!("$metadata" in error) || typeof error.$metadata !== "object" || error.$metadata === null) return 0;
  const { $metadata } = error;
  return "httpStatusCode" in $metadata && typeof $metadata.httpStatusCode === "number" ? $metadata.httpStatusCode : 0;
}

function byStatus(status: number): RouteErrorCode {
  if (status === 429) return "THROTTLED";
  return status >= 500 ? "CLOUD_FAULT" : "UNKNOWN";
}

/** A denial ends in an encoded text of thousands of characters, which nobody can read. */
function shortened(message: string): string {
  const readable = message.replace(/\s*Encoded authorization failure message:.*$/s, "");
  return readable.length > limits.fieldChars ? `${readable.slice(0, limits.fieldChars)}…` : readable;
}

function denialAdvice(call: Call): string {
  if (call.action === "sts:AssumeRole") {
    return `let the trust policy of ${call.resource} name the routes function's role, with the location's external id`;
  }
  return `allow ${call.action} on ${call.resource} to the role that the routes function uses in ${call.region}`;
}
