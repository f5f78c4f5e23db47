/** One structured line. Values must never be secrets, tokens, keys or whole requests. */
export interface Log {
  warn(message: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
  error(message: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
}
