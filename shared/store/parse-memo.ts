import type { StoredItem } from "../ports/database.ts";
import type { Revised } from "../ports/store.ts";

const capacity = 10_000;

/**
 * Remembers what an item parsed to, by key and revision, so that an item read again and again is parsed once a write.
 * It never spares a read: equal revisions of a key have equal data.
 */
export function parseMemo(): <T>(item: StoredItem, parse: () => Revised<T>) => Revised<T> {
  const known = new Map<string, Map<string, Revised<unknown>>>();
  let size = 0;
  return <T>(item: StoredItem, parse: () => Revised<T>): Revised<T> => {
    const partition = known.get(item.key.pk) ?? new Map<string, Revised<unknown>>();
    const last = partition.get(item.key.sk);
    if (last?.revision === item.revision) return last as Revised<T>;
    const parsed = parse();
    if (last === undefined && ++size > capacity) {
      known.clear();
      size = 1;
    }
    known.set(item.key.pk, partition.set(item.key.sk, parsed));
    return parsed;
  };
}
