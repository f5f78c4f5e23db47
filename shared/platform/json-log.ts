import { redacted } from "../domain/redact.ts";
import type { Log } from "../ports/log.ts";

type Fields = Readonly<Record<string, string | number | boolean>>;

/**
 * One JSON object a line on standard error: standard output belongs to what a command prints. The keys `timestamp`,
 * `level` and `message` are those that AWS Lambda's JSON log format and metric filters look for; a field of the same
 * name does not overwrite them. What could be a secret in an error's words is hidden.
 */
export const jsonLog: Log = {
  warn: (message, fields) => writeLine("WARN", message, fields),
  error: (message, fields) => writeLine("ERROR", message, fields),
};

function writeLine(level: "WARN" | "ERROR", message: string, fields: Fields = {}): void {
  const line = { ...fields, timestamp: new Date().toISOString(), level, message };
  const hideSecrets = (_key: string, value: unknown) => (typeof value === "string" ? redacted(value) : value);
  process.stderr.write(`${JSON.stringify(line, hideSecrets)}\n`);
}

/** What the log may hold of an error: its name, message and stack. */
export function errorFields(error: unknown): { readonly error: string; readonly stack: string } {
  if (!(error instanceof Error)) return { error: typeof error, stack: "" };
  return { error: `${error.name}: ${error.message}`, stack: error.stack ?? "" };
}
