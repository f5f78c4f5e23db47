import { redacted } from "../shared/domain/redact.ts";
import type { Clock } from "../shared/ports/clock.ts";
import type { Log } from "../shared/ports/log.ts";

type Fields = Readonly<Record<string, string | number | boolean>>;

/** The log of a server, which also tells what it does. */
export type ServeLog = Log & { info(message: string, fields?: Fields): void };

/**
 * One JSON object a line, with the keys of the functions' log: `timestamp`, `level`, `message`. What could be a secret in
 * the words of others is hidden.
 */
export function lineLog(write: (line: string) => void, clock: Pick<Clock, "nowMs">): ServeLog {
  const hideSecrets = (_key: string, value: unknown) => (typeof value === "string" ? redacted(value) : value);
  const line = (level: "INFO" | "WARN" | "ERROR", message: string, fields: Fields = {}) => {
    const timestamp = new Date(clock.nowMs()).toISOString();
    write(`${JSON.stringify({ ...fields, timestamp, level, message }, hideSecrets)}\n`);
  };
  return {
    info: (message, fields) => line("INFO", message, fields),
    warn: (message, fields) => line("WARN", message, fields),
    error: (message, fields) => line("ERROR", message, fields),
  };
}
