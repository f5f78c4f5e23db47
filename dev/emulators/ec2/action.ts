import type { Subject } from "../common/faults.ts";
import type { Parameters } from "./parameters.ts";
import type { RegionState } from "./state.ts";
import type { Xml } from "./xml.ts";

/** An action that only reads. It is shown a state that may be older than the newest. */
export type ReadAction = {
  readonly kind: "read";
  readonly parameters: ReadonlySet<string>;
  readonly run: (state: RegionState, parameters: Parameters) => Xml;
};

/** An action that changes a region. It always sees the newest state, and throws `ApiError` when it changes nothing. */
export type ChangeAction = {
  readonly kind: "change";
  readonly parameters: ReadonlySet<string>;
  readonly subject: (parameters: Parameters) => Subject;
  readonly run: (
    state: RegionState,
    parameters: Parameters,
    time: ChangeTime,
  ) => { readonly state: RegionState; readonly answer: Xml };
};

/** When a change is made, by the wall clock, and how long it takes to come into force where EC2 only begins it. ms */
export type ChangeTime = { readonly nowMs: number; readonly takesMs: number };

export type Action = ReadAction | ChangeAction;

/** Tags as EC2 shows them. */
export function tagSet(tags: Readonly<Record<string, string>>): Xml {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

/** Sorted by id, the order in which pages go through them. */
export function byId<T extends { readonly id: string }>(items: Iterable<T>): readonly T[] {
  return [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
}
