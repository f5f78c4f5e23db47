/** Entries of a map of data that no schema has seen; undefined when it is no map. */
export function entriesOf(raw: unknown): readonly (readonly [string, unknown])[] | undefined {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw) ? Object.entries(raw) : undefined;
}

/** A value of such a map; undefined when there is none. */
export function entryOf(raw: unknown, key: string): unknown {
  return typeof raw === "object" && raw !== null && Object.hasOwn(raw, key) ? Reflect.get(raw, key) : undefined;
}

/** How many entries a map or list has; 0 for anything else. */
export function sizeOf(raw: unknown): number {
  return typeof raw === "object" && raw !== null ? Object.keys(raw).length : 0;
}
