import { type Retry, RouteError, type RouteErrorCode } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { redacted } from "../../domain/redact.ts";
import { networkCodes } from "../common/network-codes.ts";
import { isAnswer, OciFailure } from "./failure.ts";

/** A call as far as an error tells of it. */
export type Call = {
  /** The API operation, such as `UpdateRouteTable`. */
  readonly operation: keyof typeof PERMISSIONS;
  readonly region: string;
  /** What it was about, such as `10.9.0.0/16 in ocid1.routetable…`. */
  readonly about: string;
  /** What it means when OCI answers that it is not there, or not for us. */
  readonly absent: "TABLE_MISSING" | "TARGET_MISSING" | "DENIED";
};

/**
 * The permissions that OCI's IAM asks for, an operation each.
 * https://docs.oracle.com/en-us/iaas/Content/Identity/Reference/corepolicyreference.htm
 */
export const PERMISSIONS = {
  ListRouteTables: ["ROUTE_TABLE_READ"],
  GetRouteTable: ["ROUTE_TABLE_READ"],
  UpdateRouteTable: ["ROUTE_TABLE_UPDATE", "PRIVATE_IP_ROUTE_TABLE_ATTACH", "PRIVATE_IP_ROUTE_TABLE_DETACH"],
  ListPrivateIps: ["PRIVATE_IP_READ"],
  GetPrivateIp: ["PRIVATE_IP_READ"],
  UpdatePrivateIp: ["PRIVATE_IP_UPDATE", "VNIC_ASSIGN", "VNIC_UNASSIGN"],
  // Oracle's list does not have this one yet: taken to need what moving it away from a VNIC does.
  PrivateIpVnicDetach: ["PRIVATE_IP_UPDATE", "VNIC_UNASSIGN"],
  GetVnic: ["VNIC_READ"],
  UpdateVnic: ["VNIC_UPDATE"],
  GetSecurityList: ["SECURITY_LIST_READ"],
  ListNetworkSecurityGroupSecurityRules: ["NETWORK_SECURITY_GROUP_LIST_SECURITY_RULES"],
  ListSubnets: ["SUBNET_READ"],
  GetSubnet: ["SUBNET_READ"],
} as const;

/** OCI's error codes and Node's, in our words. https://docs.oracle.com/en-us/iaas/Content/API/References/apierrors.htm */
const CODES: Readonly<Record<string, RouteErrorCode>> = {
  ...networkCodes,
  CannotParseRequest: "INVALID",
  InvalidParameter: "INVALID",
  InvalidParameters: "INVALID",
  MissingParameter: "INVALID",
  UnsupportedMediaType: "INVALID",
  LimitExceeded: "QUOTA",
  QuotaExceeded: "QUOTA",
  InsufficientServicePermissions: "DENIED",
  RelatedResourceNotAuthorizedOrNotFound: "TARGET_MISSING",
  SignUpRequired: "DENIED",
  NotAuthenticated: "DENIED",
  NotAuthorized: "DENIED",
  NotAllowed: "DENIED",
  NotAuthorizedOrResourceAlreadyExists: "DENIED",
  IncorrectState: "LOCKED",
  Conflict: "LOCKED",
  ExternalServerIncorrectState: "LOCKED",
  ExternalServerInvalidResponse: "CLOUD_FAULT",
  NoEtagMatch: "LOCKED",
  TooManyRequests: "THROTTLED",
  InternalServerError: "CLOUD_FAULT",
  InternalError: "CLOUD_FAULT",
  ServiceUnavailable: "CLOUD_FAULT",
};

/** What the message of an `InvalidParameter` must say for another meaning. */
const BY_MESSAGE: readonly (readonly [message: RegExp, meaning: RouteErrorCode])[] = [
  [/invalid route target/i, "TARGET_NOT_ALLOWED"],
  [/same subnet/i, "TARGET_NOT_ALLOWED"],
  [/networkEntityId .* is invalid/i, "TARGET_MISSING"],
];

type Advice = { readonly retry: Retry; readonly next: (call: Call) => string };

const permissionsOf = ({ operation }: Call): string => PERMISSIONS[operation].join(", ");

const ADVICE: Readonly<Record<RouteErrorCode, Advice>> = {
  THROTTLED: { retry: "soon", next: () => "nothing: the call is repeated; if it lasts, see what else calls OCI here" },
  LOCKED: { retry: "soon", next: () => "nothing: the call is repeated when the other change is done" },
  TIMED_OUT: { retry: "soon", next: () => "nothing: what stands is read again, and the call repeated if needed" },
  UNREACHABLE: {
    retry: "soon",
    next: ({ region }) => `see whether the function reaches the OCI endpoint of ${region}; the call is repeated`,
  },
  CLOUD_FAULT: { retry: "soon", next: ({ region }) => `see the OCI status page for ${region}; the call is repeated` },
  DENIED: { retry: "later", next: denialAdvice },
  TABLE_MISSING: {
    retry: "later",
    next: (call) =>
      `correct the location's routeTables or vcn, or allow ${permissionsOf(call)}: OCI tells no difference`,
  },
  TARGET_MISSING: {
    retry: "later",
    next: (call) => `correct the host's target, or allow ${permissionsOf(call)}: OCI tells no difference`,
  },
  TARGET_NOT_ALLOWED: {
    retry: "later",
    next: () => "switch skipSourceDestCheck on for the VNIC, in the location's VCN",
  },
  TARGET_AMBIGUOUS: { retry: "later", next: () => "name the host's private IP by its OCID" },
  ROUTE_EXISTS: { retry: "soon", next: () => "nothing: what stands is read again before anything is changed" },
  ROUTE_MISSING: { retry: "soon", next: () => "nothing: what stands is read again, and the rule made if needed" },
  QUOTA: { retry: "later", next: () => "ask Oracle for a higher limit of route rules a table, or remove rules" },
  INVALID: { retry: "never", next: () => "correct the location's cloud settings as the message says" },
  SUPERSEDED: { retry: "soon", next: () => "nothing: a newer decision is being applied" },
  UNKNOWN: { retry: "later", next: () => "see the cause; the call is repeated at the next reconcile" },
};

/** What OCI, the SDK or the network threw, as a `RouteError`; one that is thrown already stays as it is. */
export function translate(error: unknown, call: Call): RouteError {
  if (error instanceof RouteError) return error;
  const message = messageOf(error);
  const code = meaningOf(error, call);
  if (isAnswer(error, 401)) {
    const next = "see whether the API key in the location's secret is still one of its user; it is read anew each time";
    return new RouteError(code, routeError(code, call, message).message, { cause: error, retry: "later", next });
  }
  return routeError(code, call, isAnswer(error, 404) ? `${message} (not there, or not allowed)` : message, error);
}

/** A `RouteError` about a call, with the retry and the next step that belong to its code. */
export function routeError(code: RouteErrorCode, call: Call, message: string, cause?: unknown): RouteError {
  const { retry, next } = ADVICE[code];
  const told = redacted(message);
  const short = told.length > limits.fieldChars ? `${told.slice(0, limits.fieldChars)}…` : told;
  const text = `oci: ${call.operation} for ${call.about} (${call.region}): ${short}`;
  return new RouteError(code, text, { cause, retry, next: next(call) });
}

/** What `fetch` throws says no more than that it failed; its cause says why. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

function meaningOf(error: unknown, call: Call): RouteErrorCode {
  if (error instanceof OciFailure) return meaningOfAnswer(error, call);
  if (!(error instanceof Error)) return "UNKNOWN";
  return CODES[nodeCode(error.cause)] ?? CODES[nodeCode(error)] ?? CODES[error.name] ?? "UNKNOWN";
}

function meaningOfAnswer({ status, code, message }: OciFailure, call: Call): RouteErrorCode {
  if (code === "NotAuthorizedOrNotFound") return call.absent;
  const byMessage = code === "InvalidParameter" ? BY_MESSAGE.find(([pattern]) => pattern.test(message)) : undefined;
  return byMessage?.[1] ?? CODES[code] ?? byStatus(status, call);
}

function nodeCode(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}

function byStatus(status: number, call: Call): RouteErrorCode {
  if (status === 429) return "THROTTLED";
  if (status === 404) return call.absent;
  if (status === 401 || status === 403) return "DENIED";
  if (status === 409 || status === 412) return "LOCKED";
  return status >= 500 ? "CLOUD_FAULT" : "UNKNOWN";
}

function denialAdvice(call: Call): string {
  return `allow ${permissionsOf(call)} in the compartments of the VCN to the identity of the location (see deploy/policies/oci.json), or correct that identity`;
}
