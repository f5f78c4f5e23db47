import type { Subject } from "../common/faults.ts";
import type { Network } from "./world.ts";

/** One changing call. Times are milliseconds since 1970; `landedMs` is null when nothing was begun. */
export type LoggedCall = Subject & {
  readonly action: string;
  readonly arrivedMs: number;
  readonly landedMs: number | null;
  readonly answeredMs: number;
  /** `accepted`, or the code of the error that was answered, or `dropped`. */
  readonly answer: string;
};

/** Any request: its method and its path with ids left out, such as `GET /networks/{id}`. */
export type LoggedRequest = { readonly operation: string; readonly atMs: number; readonly status: number | null };

/** What stood at one destination of one network from a moment on. `target` null: nothing. */
export type RouteMoment = {
  readonly atMs: number;
  readonly table: string;
  readonly destination: string;
  readonly target: string | null;
};

/** Every difference between two states of the networks that a packet could notice. */
export function routeMoments(
  before: ReadonlyMap<number, Network>,
  after: ReadonlyMap<number, Network>,
  atMs: number,
): readonly RouteMoment[] {
  const moments: RouteMoment[] = [];
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    const old = before.get(id)?.routes ?? [];
    const now = after.get(id)?.routes ?? [];
    if (old === now) continue;
    for (const destination of new Set([...old, ...now].map((route) => route.destination))) {
      const was = old.find((route) => route.destination === destination)?.gateway ?? null;
      const is = now.find((route) => route.destination === destination)?.gateway ?? null;
      if (was !== is) moments.push({ atMs, table: String(id), destination, target: is });
    }
  }
  return moments;
}

/** A time in which a destination that had had a route had none. `untilMs` null: it still has none. */
export type Gap = {
  readonly table: string;
  readonly destination: string;
  readonly fromMs: number;
  readonly untilMs: number | null;
};

/** Every gap that the moments show, in order of its beginning. */
export function gapsIn(moments: readonly RouteMoment[]): readonly Gap[] {
  const gaps: Gap[] = [];
  const open = new Map<string, number>();
  for (const { atMs, table, destination, target } of moments) {
    const key = `${table} ${destination}`;
    const at = open.get(key);
    if (target === null) {
      open.set(key, gaps.length);
      gaps.push({ table, destination, fromMs: atMs, untilMs: null });
    } else if (at !== undefined) {
      const gap = gaps[at];
      if (gap !== undefined) gaps[at] = { ...gap, untilMs: atMs };
      open.delete(key);
    }
  }
  return gaps;
}
