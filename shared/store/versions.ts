import type { Data, Key } from "../ports/database.ts";

/**
 * Every kind of item, as its key tells it: the first part of the partition key, the sort key in partitions of routes,
 * and in those of links the sort key of what is the link's own, or what follows the location's id: `#a` head decision,
 * `#h` host, `#s` suspicion, `#w` wish.
 */
export type Kind =
  | "network"
  | "!pulse"
  | "!switches"
  | "#a"
  | "#h"
  | "#s"
  | "#w"
  | "decisions"
  | "lease"
  | "report"
  | "targets"
  | "ledger"
  | "tables"
  | "retired"
  | "events"
  | "swept"
  | "examination"
  | "cleaned";

/** Brings an item's data from one version to the next. Pure. */
export type Step = (data: Data, key: Key) => Data;

/**
 * What a release changed in the data of a kind of item, oldest first: the first step leads from version 1 to 2. This is
 * the one place that knows the versions: a kind is written in the version that its steps lead to, and an older item is
 * brought there when it is read. A head and the decisions of its log hold the same data: they change together.
 */
export const steps: { readonly [kind in Kind]?: readonly Step[] } = {};

/** The kind of the item of a key. */
function kindOf({ pk, sk }: Key): Kind {
  const family = pk.split("/", 1)[0];
  return (family === "link" ? sk.replace(/^[^#]*(#.).*/, "$1") : family === "routes" ? sk : family) as Kind;
}

/** The steps of the item of a key. */
export function stepsOf(key: Key): readonly Step[] {
  return steps[kindOf(key)] ?? [];
}
