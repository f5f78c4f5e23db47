import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** An item as it stands in the table, in the wire's own form. */
export type Item = Readonly<Record<string, AttributeValue>>;

type Version = { readonly atMs: number; readonly item: Item | undefined };

/** One table with the key `pk`, `sk`, that also knows what it held a few seconds ago. */
export type Table = {
  get(pk: string, sk: string, asOfMs: number): Item | undefined;
  /** Items of a partition in order of sort key, as they stood at a time. */
  list(pk: string, asOfMs: number): readonly Item[];
  put(pk: string, sk: string, item: Item | undefined, nowMs: number): void;
};

/** Reads that lag show nothing older than this, ms. */
export const lagMostMs = 3_000;

/** The newest state, whatever the time. */
export const newest = Number.POSITIVE_INFINITY;

type Partition = { readonly rows: Map<string, Version[]>; order: string[]; isOrdered: boolean };

export function createTable(): Table {
  const partitions = new Map<string, Partition>();
  return {
    get(pk, sk, asOfMs) {
      return versionAt(partitions.get(pk)?.rows.get(sk), asOfMs);
    },
    list(pk, asOfMs) {
      const partition = partitions.get(pk);
      if (partition === undefined) return [];
      const items: Item[] = [];
      for (const sk of ordered(partition)) {
        const item = versionAt(partition.rows.get(sk), asOfMs);
        if (item !== undefined) items.push(item);
      }
      return items;
    },
    put(pk, sk, item, nowMs) {
      const partition = partitions.get(pk) ?? { rows: new Map<string, Version[]>(), order: [], isOrdered: true };
      partitions.set(pk, partition);
      const versions = partition.rows.get(sk);
      if (versions === undefined) {
        partition.rows.set(sk, [{ atMs: nowMs, item }]);
        const last = partition.order.at(-1);
        partition.order.push(sk);
        partition.isOrdered &&= last === undefined || last < sk;
        return;
      }
      versions.push({ atMs: nowMs, item });
      // The newest of those that are older than any lag is still needed.
      while (versions[1] !== undefined && versions[1].atMs < nowMs - lagMostMs) versions.shift();
    },
  };
}

function ordered(partition: Partition): readonly string[] {
  if (!partition.isOrdered) {
    partition.order.sort();
    partition.isOrdered = true;
  }
  return partition.order;
}

function versionAt(versions: readonly Version[] | undefined, asOfMs: number): Item | undefined {
  if (versions === undefined) return undefined;
  for (let at = versions.length - 1; at >= 0; at--) {
    const version = versions[at];
    if (version !== undefined && version.atMs <= asOfMs) return version.item;
  }
  return undefined;
}
