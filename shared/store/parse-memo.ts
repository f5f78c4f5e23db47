import type { Key, StoredItem } from "../ports/database.ts";
import type { Revised } from "../ports/store.ts";

const capacity = 10_000;

export type ParseMemo = {
  /** What an item parses to; `parse` is called where that is not known. */
  parse<T>(item: StoredItem, parse: (item: StoredItem) => Revised<T>): Revised<T>;
  /** Notes what a key holds since a write of this process. */
  remember(key: Key, written: Revised<unknown>): void;
};

/**
 * Remembers what an item parsed to, by key and revision, so that an item read again and again is parsed once a write.
 * It never spares a read: equal revisions of a key have equal data.
 */
export function parseMemo(): ParseMemo {
  const known = new Map<string, Map<string, Revised<unknown>>>();
  let size = 0;
  const remember = ({ pk, sk }: Key, parsed: Revised<unknown>): void => {
    if (known.get(pk)?.has(sk) !== true && ++size > capacity) {
      known.clear();
      size = 1;
    }
    const partition = known.get(pk) ?? new Map<string, Revised<unknown>>();
    known.set(pk, partition.set(sk, parsed));
  };
  return {
    remember,
    parse<T>(item: StoredItem, parse: (item: StoredItem) => Revised<T>): Revised<T> {
      const last = known.get(item.key.pk)?.get(item.key.sk);
      if (last?.revision === item.revision) return last as Revised<T>;
      const parsed = parse(item);
      remember(item.key, parsed);
      return parsed;
    },
  };
}
