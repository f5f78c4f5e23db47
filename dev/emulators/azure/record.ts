import type { Subject } from "../common/faults.ts";
import { effectiveHop, hopState, hopText, type State, type Table } from "./state.ts";

/**
 * One changing call. Times are milliseconds since 1970; `landedMs` is null when it was not accepted, `endedMs` while its
 * operation goes on.
 */
export type LoggedCall = Subject & {
  readonly action: string;
  readonly subscription: string;
  readonly arrivedMs: number;
  readonly landedMs: number | null;
  readonly answeredMs: number;
  /** `accepted`, or the code of the error that was answered, or `dropped`. */
  readonly answer: string;
};

/** What carried packets to one destination of one table from a moment on. `target` null: nothing. */
export type RouteMoment = {
  readonly atMs: number;
  readonly table: string;
  readonly destination: string;
  readonly target: string | null;
  readonly state: "active" | "blackhole" | null;
};

type Effect = Pick<RouteMoment, "target" | "state">;

/** Every difference between two states that a packet could notice. */
export function routeMoments(before: State, after: State, atMs: number): readonly RouteMoment[] {
  const moments: RouteMoment[] = [];
  for (const table of new Set([...before.tables.keys(), ...after.tables.keys()])) {
    const was = before.tables.get(table);
    const is = after.tables.get(table);
    if (was === is && before.interfaces === after.interfaces) continue;
    const old = effects(before, was);
    const now = effects(after, is);
    for (const destination of new Set([...old.keys(), ...now.keys()])) {
      const nothing = { target: null, state: null };
      const { target, state } = now.get(destination) ?? nothing;
      const then = old.get(destination) ?? nothing;
      if (then.target !== target || then.state !== state) moments.push({ atMs, table, destination, target, state });
    }
  }
  return moments;
}

function effects(state: State, table: Table | undefined): ReadonlyMap<string, Effect> {
  const found = new Map<string, Effect>();
  for (const route of table?.routes.values() ?? []) {
    const hop = effectiveHop(route);
    if (hop !== null) found.set(route.addressPrefix, { target: hopText(hop), state: hopState(state, hop) });
  }
  return found;
}
