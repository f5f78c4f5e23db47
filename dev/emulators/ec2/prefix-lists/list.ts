import type { PrefixListSeed } from "../world.ts";

/** CIDRs with their descriptions, "" for none. */
export type Entries = ReadonlyMap<string, string>;

/** A prefix list as it stands. Changes that EC2 has begun are in `pending` until their time has come. */
export type PrefixList = {
  readonly id: string;
  readonly name: string;
  readonly family: "IPv4" | "IPv6";
  readonly tags: Readonly<Record<string, string>>;
  readonly maxEntries: number;
  readonly version: number;
  readonly entries: Entries;
  /** The entries of the versions before. */
  readonly versions: ReadonlyMap<number, Entries>;
  readonly state: string;
  readonly stateMessage: string;
  readonly pending: Pending | null;
};

/** How a list will be. `endsMs`: wall clock. */
export type Pending = {
  readonly endsMs: number;
  readonly change: Partial<Pick<PrefixList, "maxEntries" | "entries" | "version">>;
  readonly state: string;
  readonly stateMessage: string;
};

/** Every list with what has come into force; the same map when nothing has. */
export function settledLists(lists: ReadonlyMap<string, PrefixList>, nowMs: number): ReadonlyMap<string, PrefixList> {
  const due = [...lists.values()].filter(({ pending }) => pending !== null && pending.endsMs <= nowMs);
  if (due.length === 0) return lists;
  return new Map([...lists, ...due.map((list) => [list.id, settled(list)] as const)]);
}

function settled(list: PrefixList): PrefixList {
  if (list.pending === null) return list;
  const { change, state, stateMessage } = list.pending;
  const versions =
    change.version === undefined ? list.versions : new Map(list.versions).set(list.version, list.entries);
  return { ...list, ...change, versions, state, stateMessage, pending: null };
}

/** A list as a person changes it, at once. */
export function editedList(list: PrefixList, add: readonly string[], remove: readonly string[]): PrefixList {
  const entries = new Map(list.entries);
  for (const cidr of remove) entries.delete(cidr);
  for (const cidr of add) entries.set(cidr, "");
  const change = { entries, version: list.version + 1 };
  return settled({ ...list, pending: { endsMs: 0, change, state: "modify-complete", stateMessage: "" } });
}

export function seededList(seed: PrefixListSeed): PrefixList {
  return {
    ...seed,
    entries: new Map(Object.entries(seed.entries)),
    versions: new Map(),
    state: "create-complete",
    stateMessage: "",
    pending: null,
  };
}

/** A list as a seed that makes it again, as it is once its changes are in force. */
export function seedOfList(list: PrefixList): PrefixListSeed {
  const { id, name, family, maxEntries, version, tags, entries } = settled(list);
  return { id, name, family, maxEntries, version, tags: { ...tags }, entries: Object.fromEntries(entries) };
}
