/** A length of time as it stands in a network file: a whole number with `ms`, `s` or `m`. */
export const durationPattern = /^(?:0|[1-9]\d{0,8})(?:ms|s|m)$/;

/** Milliseconds of a duration such as `30s`. The text must match `durationPattern`. */
export function durationMs(text: string): number {
  const unitMs = text.endsWith("ms") ? 1 : text.endsWith("s") ? 1_000 : 60_000;
  return Number.parseInt(text, 10) * unitMs;
}

/** The shortest text of a whole number of milliseconds: `30s`, `1500ms`, `2m`. `durationMs` of it is the number again. */
export function durationText(ms: number): string {
  if (ms % 1_000 !== 0) return `${ms}ms`;
  const seconds = ms / 1_000;
  return seconds >= 120 && seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}
