/** `3.2 s`, `2 m 10 s`, `3 h 4 m`, `2 d 3 h`: a length of time in milliseconds for a person. */
export function age(ms: number): string {
  const s = Math.max(0, ms) / 1000;
  if (s < 59.95) return `${s.toFixed(1)} s`;
  const whole = Math.round(s);
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${whole % 60} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A point in time, milliseconds since 1970, as `2026-01-31 12:00:00Z`. */
export function moment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")}Z`;
}

/** `1 route`, `2 routes`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/**
 * Reads `30s`, `5m`, `2h`, `7d` or a point in time (`2026-01-31T12:00:00Z`) and returns milliseconds since 1970;
 * a length of time counts back from `nowMs`. Undefined for anything else.
 */
export function pastMoment(text: string, nowMs: number): number | undefined {
  const lengthMs = duration(text);
  if (lengthMs !== undefined) return Math.max(0, nowMs - lengthMs);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) || ms < 0 ? undefined : ms;
}

/** Reads `30s`, `5m`, `2h` or `7d` and returns milliseconds. Undefined for anything else. */
export function duration(text: string): number | undefined {
  const match = /^(\d{1,6})(s|m|h|d)$/.exec(text);
  if (match === null) return undefined;
  const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] as "s" | "m" | "h" | "d"];
  return Number(match[1]) * unitMs;
}
