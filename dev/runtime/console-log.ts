import type { Log } from "../../shared/ports/log.ts";

type Fields = Readonly<Record<string, string | number | boolean>>;

/** The log for a person's eyes: one line a message, without stacks. */
export function consoleLog(write: (text: string) => void): Log {
  const line = (level: string, message: string, fields: Fields = {}) => {
    const shown = Object.entries(fields).filter(([name]) => name !== "stack");
    write([`  ${level}: ${message}`, ...shown.map(([name, value]) => `${name}=${value}`)].join(" "));
  };
  return {
    warn: (message, fields) => line("warning", message, fields),
    error: (message, fields) => line("error", message, fields),
  };
}
