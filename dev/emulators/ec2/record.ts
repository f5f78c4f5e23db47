import type { Subject } from "../common/faults.ts";
import { type RegionState, routeState, type Table } from "./state.ts";
import type { TableRoute } from "./world.ts";

/** One changing call. Times are milliseconds since 1970; `landedMs` is null when nothing was changed. */
export type LoggedCall = Subject & {
  readonly action: string;
  readonly account: string;
  readonly region: string;
  readonly arrivedMs: number;
  readonly landedMs: number | null;
  readonly answeredMs: number;
  /** `written`, or the code of the error that was answered, or `dropped`. */
  readonly answer: string;
};

/** What stood at one destination of one table from a moment on. `target` null: nothing. */
export type RouteMoment = {
  readonly atMs: number;
  readonly account: string;
  readonly region: string;
  readonly table: string;
  readonly destination: string;
  readonly target: string | null;
  readonly state: "active" | "blackhole" | null;
};

/** Every difference between two states of a region that a packet could notice. */
export function routeMoments(before: RegionState, after: RegionState, atMs: number): readonly RouteMoment[] {
  const moments: RouteMoment[] = [];
  const { account, region } = after;
  const targetsMayDiffer =
    before.interfaces !== after.interfaces ||
    before.instances !== after.instances ||
    before.prefixLists !== after.prefixLists;
  for (const id of new Set([...before.tables.keys(), ...after.tables.keys()])) {
    const old = before.tables.get(id);
    const now = after.tables.get(id);
    if (old === now && !targetsMayDiffer) continue;
    const [wereIn, areIn] = [inForce(before, old), inForce(after, now)];
    for (const key of new Set([...wereIn.keys(), ...areIn.keys()])) {
      const was = wereIn.get(key);
      const is = areIn.get(key);
      const state = is === undefined ? null : routeState(after, is);
      const sameState = was !== undefined && routeState(before, was) === state;
      if (was?.target === is?.target && (sameState || is === undefined)) continue;
      moments.push({
        atMs,
        account,
        region,
        table: id,
        destination: (is ?? was)?.destination ?? key,
        target: is?.target ?? null,
        state,
      });
    }
  }
  return moments;
}

/** The routes of a table, and those that its prefix lists make: a static one for the same destination goes before. */
function inForce(state: RegionState, table: Table | undefined): ReadonlyMap<string, TableRoute> {
  if (table === undefined) return new Map();
  const listed = [...table.routes.values()].flatMap((route) =>
    [...(state.prefixLists.get(route.destination)?.entries.keys() ?? [])].map((destination) => ({
      ...route,
      destination,
    })),
  );
  if (listed.length === 0) return table.routes;
  return new Map([...listed.map((route) => [route.destination, route] as const), ...table.routes]);
}
