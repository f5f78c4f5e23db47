import { DatabaseError, type DatabaseErrorCode } from "../domain/errors.ts";

type Translation = { readonly code: DatabaseErrorCode; readonly next: string };

const next = "it is tried again by the next heartbeat or sweep";
const throttled: Translation = { code: "THROTTLED", next };
const unreachable: Translation = { code: "UNREACHABLE", next };

/** Names of errors as the DynamoDB API and the SDK give them. */
const translations: Readonly<Record<string, Translation>> = {
  ProvisionedThroughputExceededException: throttled,
  ThrottlingException: throttled,
  RequestLimitExceeded: { code: "THROTTLED", next: "ask for a higher table quota if it goes on" },
  AccessDeniedException: { code: "DENIED", next: "give the function's role access to the table" },
  UnrecognizedClientException: { code: "DENIED", next: "check the credentials of the function" },
  ExpiredTokenException: { code: "DENIED", next: "check the credentials of the function" },
  ResourceNotFoundException: { code: "TABLE_MISSING", next: "check the table name and region; deploy first" },
  TimeoutError: unreachable,
  InternalServerError: unreachable,
};

const connectionCodes = new Set(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "ETIMEDOUT", "EPIPE", "EAI_AGAIN"]);

/**
 * Whether the database refused a write because its condition did not hold, or because another region is writing the item
 * at the same moment (global tables with strong consistency): somebody else was first either way.
 */
export function isConditionFailure(error: unknown): boolean {
  return error instanceof Error && /^(ConditionalCheckFailed|ReplicatedWriteConflict)Exc/.test(error.name);
}

/** Throws what the SDK threw as a `DatabaseError`; what is not known keeps its message and is the cause. */
export function translateDynamoError(error: unknown): never {
  const name = error instanceof Error ? error.name : "";
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  const known = translations[name] ?? (typeof code === "string" && connectionCodes.has(code) ? unreachable : undefined);
  throw new DatabaseError(known?.code ?? "UNKNOWN", `database: ${message}`, {
    cause: error,
    next: known?.next ?? "see the cause",
  });
}
