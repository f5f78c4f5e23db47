import { type Retry, RouteError, type RouteErrorCode } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { redacted } from "../../domain/redact.ts";
import { azureCodes, meaningOfCode } from "./error-codes.ts";

/** A call as far as an error tells of it. `action` is the one that a role must allow, such as `Microsoft.Network/routeTables/read`. */
export type Call = {
  readonly action: string;
  /** What it was about, such as `10.9.0.0/16 in /subscriptions/…/routetables/rt-1`. */
  readonly about: string;
  /** Id of the resource that a role must be given on. */
  readonly scope: string;
  /** What is not there when Azure says so. */
  readonly missing: "TABLE_MISSING" | "TARGET_MISSING" | "ROUTE_MISSING";
  /** Who calls, in words. */
  readonly caller: string;
};

type Advice = { readonly retry: Retry; readonly next: (call: Call) => string };

const ADVICE: Readonly<Record<RouteErrorCode, Advice>> = {
  THROTTLED: {
    retry: "soon",
    next: () => "nothing: the call is repeated; if it lasts, see what else calls Azure here",
  },
  LOCKED: { retry: "soon", next: () => "nothing: the call is repeated when the other change is done" },
  TIMED_OUT: { retry: "soon", next: () => "nothing: what stands is read again, and the call repeated if needed" },
  UNREACHABLE: {
    retry: "soon",
    next: () => "see whether the function reaches management.azure.com and login.microsoftonline.com; it is repeated",
  },
  CLOUD_FAULT: { retry: "soon", next: () => "see Azure's service health; the call is repeated" },
  DENIED: { retry: "later", next: denialAdvice },
  TABLE_MISSING: { retry: "later", next: () => "correct the location's cloud settings, or make the table again" },
  TARGET_MISSING: { retry: "later", next: () => "correct the host's target, or make the interface again" },
  TARGET_NOT_ALLOWED: { retry: "later", next: () => "give the host a target in the virtual network of the location" },
  TARGET_AMBIGUOUS: { retry: "later", next: () => "name the host's interface by its id" },
  ROUTE_EXISTS: { retry: "soon", next: () => "nothing: what stands is read again before anything is changed" },
  ROUTE_MISSING: { retry: "soon", next: () => "nothing: what stands is read again, and the route created if needed" },
  QUOTA: { retry: "later", next: () => "take routes out of the table, or ask Azure for a higher quota" },
  INVALID: { retry: "never", next: () => "correct the location's cloud settings as the message says" },
  SUPERSEDED: { retry: "soon", next: () => "nothing: a newer decision is being applied" },
  UNKNOWN: { retry: "later", next: () => "see the cause; the call is repeated at the next reconcile" },
};

/** What to do about a denial with these codes of Azure. */
const PARTICULAR: readonly (readonly [code: RegExp, next: Advice["next"]])[] = [
  [/^ScopeLocked$/, ({ scope }) => `take the management lock off ${scope}`],
  [
    /^(?:Aggregate)?(?:Authentication|Credential)(?:Required|Unavailable)?Error$/,
    ({ caller }) => `let ${caller} be entered: see its federated credential, or the managed identity`,
  ],
];

/** What Azure, the SDK or the network threw, as a `RouteError`; one that is thrown already stays as it is. */
export function translate(error: unknown, call: Call): RouteError {
  if (error instanceof RouteError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const { code, said } = azureCodes(error);
  const isAbsent = code === "missing";
  const text = said === "" ? message : `${said}: ${message}`;
  return routeError(
    isAbsent ? call.missing : code,
    call,
    text,
    error,
    PARTICULAR.find(([name]) => name.test(said))?.[1],
  );
}

/** How an operation that was accepted ended, as a `RouteError`. `code`: Azure's own. */
export function operationError(code: string, message: string, call: Call): RouteError {
  const meaning = meaningOfCode(code, message) ?? "CLOUD_FAULT";
  // The operation itself is over: that it met another one says that what stands is to be read again.
  const told = meaning === "missing" ? call.missing : meaning === "THROTTLED" ? "CLOUD_FAULT" : meaning;
  return routeError(told, call, `accepted, then ended in error: ${code}: ${message}`);
}

/** A `RouteError` about a call, with the retry and the next step that belong to its code. */
export function routeError(
  code: RouteErrorCode,
  call: Call,
  message: string,
  cause?: unknown,
  particular?: Advice["next"],
): RouteError {
  const { retry, next } = ADVICE[code];
  const text = redacted(message);
  const shown = text.length > limits.fieldChars ? `${text.slice(0, limits.fieldChars)}…` : text;
  const options = { cause, retry, next: (particular ?? next)(call) };
  return new RouteError(code, `azure: ${call.action} for ${call.about}: ${shown}`, options);
}

function denialAdvice({ action, scope, caller }: Call): string {
  return `give ${caller} a role that allows ${action} on ${scope}`;
}
