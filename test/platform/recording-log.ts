import type { Log } from "../../shared/ports/log.ts";

type Line = { readonly level: "warn" | "error"; readonly message: string } & Readonly<
  Record<string, string | number | boolean>
>;

/** A log that keeps its lines for a test to look at. */
export function recordingLog(): Log & { readonly lines: readonly Line[] } {
  const lines: Line[] = [];
  return {
    lines,
    warn: (message, fields) => lines.push({ ...fields, level: "warn", message }),
    error: (message, fields) => lines.push({ ...fields, level: "error", message }),
  };
}
