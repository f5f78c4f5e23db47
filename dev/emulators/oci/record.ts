import type { Subject } from "../common/faults.ts";
import { ruleState, type State } from "./state.ts";

/** One changing call. Times are milliseconds since 1970; `landedMs` is null when nothing was changed. */
export type LoggedCall = Subject & {
  readonly operation: string;
  readonly arrivedMs: number;
  readonly landedMs: number | null;
  readonly answeredMs: number;
  /** `written`, or the code of the error that was answered, or `dropped`. */
  readonly answer: string;
};

/** What stood at one destination of one table from a moment on. `target` null: nothing. */
export type RouteMoment = {
  readonly atMs: number;
  readonly table: string;
  readonly destination: string;
  readonly target: string | null;
  readonly state: "active" | "blackhole" | null;
};

type Standing = { readonly target: string; readonly state: "active" | "blackhole" };

/** Every difference between two states that a packet could notice. */
export function routeMoments(before: State, after: State, atMs: number): readonly RouteMoment[] {
  const moments: RouteMoment[] = [];
  for (const table of new Set([...before.tables.keys(), ...after.tables.keys()])) {
    const old = standing(before, table);
    const now = standing(after, table);
    for (const destination of new Set([...old.keys(), ...now.keys()])) {
      const was = old.get(destination);
      const is = now.get(destination);
      if (was?.target === is?.target && was?.state === is?.state) continue;
      moments.push({ atMs, table, destination, target: is?.target ?? null, state: is?.state ?? null });
    }
  }
  return moments;
}

/** What a table leads to, by destination; a static rule hides one that OCI made. */
function standing(state: State, tableId: string): ReadonlyMap<string, Standing> {
  const rules = state.tables.get(tableId)?.rules ?? [];
  const sorted = [...rules].sort((a, b) => Number(a.routeType === "STATIC") - Number(b.routeType === "STATIC"));
  return new Map(
    sorted.map((rule) => [rule.destination ?? "", { target: rule.networkEntityId, state: ruleState(state, rule) }]),
  );
}
