import { DatabaseError, RouteError } from "../../shared/domain/errors.ts";
import { redacted } from "../../shared/domain/redact.ts";

/**
 * An error of a cloud as a `RouteError`; one that no table translates is UNKNOWN. Throws database errors on: they are
 * not the cloud's, and the message must come again.
 */
export function cloudError(error: unknown): RouteError {
  if (error instanceof RouteError) return error;
  if (error instanceof DatabaseError) throw error;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const next = "report this: no rule says what this error of the cloud means";
  return new RouteError("UNKNOWN", redacted(text), { cause: error, retry: "later", next });
}
