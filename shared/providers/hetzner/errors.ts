import { type Retry, RouteError, type RouteErrorCode } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { redacted } from "../../domain/redact.ts";
import { networkCodes } from "../common/network-codes.ts";

/** A call as far as an error tells of it. `action` is what the API calls it, such as `add_route` or `GET /servers`. */
export type Call = {
  readonly action: string;
  /** What it was about, such as `10.9.0.0/16 in network 4711`. */
  readonly about: string;
  /** The secret that holds the token. */
  readonly secret: string;
};

/** What the API answered instead of a result. Nothing was begun when `status` is below 500. */
export class ApiRefusal extends Error {
  override readonly name = "ApiRefusal";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The token was refused: it may have been replaced in its secret. Nothing was changed. */
export class TokenRefused extends RouteError {}

/** The API's error codes (https://docs.hetzner.cloud, "Error Codes"), those of actions, undici's and Node's, in our words. */
const CODES: Readonly<Record<string, RouteErrorCode>> = {
  ...networkCodes,
  rate_limit_exceeded: "THROTTLED",
  conflict: "LOCKED",
  locked: "LOCKED",
  timeout: "TIMED_OUT",
  action_failed: "CLOUD_FAULT",
  maintenance: "CLOUD_FAULT",
  resource_unavailable: "CLOUD_FAULT",
  server_error: "CLOUD_FAULT",
  service_error: "CLOUD_FAULT",
  unavailable: "CLOUD_FAULT",
  forbidden: "DENIED",
  protected: "DENIED",
  token_readonly: "DENIED",
  unauthorized: "DENIED",
  not_found: "TABLE_MISSING",
  uniqueness_error: "ROUTE_EXISTS",
  resource_limit_exceeded: "QUOTA",
  invalid_input: "INVALID",
  json_error: "INVALID",
  method_not_allowed: "INVALID",
  unsupported_error: "INVALID",
};

type Advice = { readonly retry: Retry; readonly next: (call: Call) => string };

const ADVICE: Readonly<Record<RouteErrorCode, Advice>> = {
  THROTTLED: {
    retry: "soon",
    next: () => "nothing: the call is repeated; if it lasts, see what else uses the project's API",
  },
  LOCKED: { retry: "soon", next: () => "nothing: the call is repeated when the network's other action is done" },
  TIMED_OUT: { retry: "soon", next: () => "nothing: what stands is read again, and the call repeated if needed" },
  UNREACHABLE: {
    retry: "soon",
    next: () => "see whether the function reaches api.hetzner.cloud; the call is repeated",
  },
  CLOUD_FAULT: { retry: "soon", next: () => "see status.hetzner.com; the call is repeated" },
  DENIED: {
    retry: "later",
    next: ({ action, secret }) =>
      `allow ${action}: put an API token of the network's project with the permission Read & Write into the secret ${secret}`,
  },
  TABLE_MISSING: {
    retry: "later",
    next: ({ secret }) => `correct the location's network, or put a token of its project into the secret ${secret}`,
  },
  TARGET_MISSING: {
    retry: "later",
    next: () => "correct the host's target, or attach its server to the network again",
  },
  TARGET_NOT_ALLOWED: { retry: "later", next: () => "give the host a target in the network of the location" },
  TARGET_AMBIGUOUS: { retry: "later", next: () => "name the host's server as its target" },
  ROUTE_EXISTS: { retry: "soon", next: () => "nothing: what stands is read again before anything is changed" },
  ROUTE_MISSING: { retry: "soon", next: () => "nothing: what stands is read again, and the route created if needed" },
  QUOTA: { retry: "later", next: () => "remove routes from the network: it takes about 100" },
  INVALID: {
    retry: "later",
    next: () => "change the networks of the link, or the network's subnets and routes, as the message says",
  },
  SUPERSEDED: { retry: "soon", next: () => "nothing: a newer decision is being applied" },
  UNKNOWN: { retry: "later", next: () => "see the cause; the call is repeated at the next reconcile" },
};

/** What the API, `fetch` or the network threw, as a `RouteError`; one that is thrown already stays as it is. */
export function translate(error: unknown, call: Call): RouteError {
  if (error instanceof RouteError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ApiRefusal && (error.code === "unauthorized" || error.status === 401)) {
    return new TokenRefused("DENIED", textOf(call, message), adviceOn("DENIED", call, error));
  }
  return routeError(meaningOf(error), call, message, error);
}

/** A `RouteError` about a call, with the retry and the next step that belong to its code. */
export function routeError(code: RouteErrorCode, call: Call, message: string, cause?: unknown): RouteError {
  return new RouteError(code, textOf(call, message), adviceOn(code, call, cause));
}

/** What an action that was accepted ended with. */
export function actionError(call: Call, error: { readonly code: string; readonly message: string } | null): RouteError {
  const code = CODES[error?.code ?? ""] ?? "CLOUD_FAULT";
  const message = `accepted, but the action ended in an error: ${error?.code ?? "unknown"}: ${error?.message ?? "no reason"}`;
  return routeError(code === "TABLE_MISSING" ? "CLOUD_FAULT" : code, call, message);
}

/** The same error with more to say: what was done about it. */
export function withNote(error: RouteError, note: string): RouteError {
  const { code, message, cause, retry, next } = error;
  return new RouteError(code, `${message}; ${note}`, { cause, retry, next });
}

function adviceOn(code: RouteErrorCode, call: Call, cause: unknown) {
  const { retry, next } = ADVICE[code];
  return { cause, retry, next: next(call) };
}

function textOf({ action, about }: Call, message: string): string {
  const text = redacted(message);
  const shown = text.length > limits.fieldChars ? `${text.slice(0, limits.fieldChars)}…` : text;
  return `hetzner: ${action} for ${about}: ${shown}`;
}

function meaningOf(error: unknown): RouteErrorCode {
  if (!(error instanceof Error)) return "UNKNOWN";
  if (error instanceof ApiRefusal) return CODES[error.code] ?? byStatus(error.status);
  const causeCode = codeOf(error.cause);
  return CODES[error.name] ?? CODES[codeOf(error)] ?? CODES[causeCode] ?? "UNKNOWN";
}

function codeOf(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return "";
  return typeof thrown.code === "string" ? thrown.code : "";
}

function byStatus(status: number): RouteErrorCode {
  const known: Readonly<Record<number, RouteErrorCode>> = {
    403: "DENIED",
    404: "TABLE_MISSING",
    409: "LOCKED",
    423: "LOCKED",
    429: "THROTTLED",
  };
  return known[status] ?? (status >= 500 ? "CLOUD_FAULT" : "UNKNOWN");
}
