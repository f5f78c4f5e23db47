/** What an attribute can hold. */
export type Value =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly Value[]
  | { readonly [name: string]: Value };
export type Data = { readonly [name: string]: Value };

export type Key = { readonly pk: string; readonly sk: string };

/**
 * An item as read. `revision` grows by one with every write of the key; the first of a key is the time of the write, so
 * that a writer who remembers an item that was deleted and written anew does not meet its old revision again.
 */
export type StoredItem = {
  readonly key: Key;
  readonly revision: number;
  /** Schema version that `data` was written in. */
  readonly schema: number;
  readonly data: Data;
};

/** An item to write. `expiresAtS` is Unix seconds; a reader ignores an expired item, whoever deletes it and when. */
export type NewItem = {
  readonly key: Key;
  readonly schema: number;
  readonly data: Data;
  readonly expiresAtS?: number;
};

/** What must hold for a write to happen. An expired item counts as absent. */
export type Expected = { readonly kind: "absent" } | { readonly kind: "revision"; readonly revision: number };

export type WriteOutcome = { readonly kind: "written"; readonly revision: number } | { readonly kind: "conflict" };

/**
 * A value with when it was read: local wall clock before and after the request, the monotonic clock before it, and
 * the database's own clock (its `Date` header, floored to a second), where it gave one.
 */
export type Observed<T> = {
  readonly value: T;
  readonly sentMs: number;
  readonly receivedMs: number;
  readonly monotonicMs: number;
  readonly databaseMs: number | undefined;
};

export type Consistency = "strong" | "eventual";

export type Query = {
  readonly pk: string;
  /** Only sort keys that begin with this. */
  readonly prefix?: string;
  /** Only sort keys after this one (not with `prefix`). */
  readonly after?: string;
  readonly order?: "ascending" | "descending";
  readonly limit?: number;
};

/**
 * One table of a key-value database with conditional single-item writes: all that Pointsman asks of it.
 * Every method throws `DatabaseError` when the database cannot be asked; a conflict is a value.
 */
export interface Database {
  get(key: Key, consistency: Consistency): Promise<Observed<StoredItem | undefined>>;
  /** All matching items, across pages, in order of sort key. */
  query(query: Query, consistency: Consistency): Promise<Observed<readonly StoredItem[]>>;
  /** One conditional write. A write that was done and answered late is recognised as done. */
  put(item: NewItem, expected: Expected): Promise<WriteOutcome>;
  /** One conditional delete; of an absent item it is a conflict. */
  remove(key: Key, expected: { readonly kind: "revision"; readonly revision: number }): Promise<WriteOutcome>;
}
