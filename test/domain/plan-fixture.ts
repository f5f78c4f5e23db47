import { claimBefore, type LedgerMove, noteOf, settleAfter, type Writer } from "../../shared/domain/ledger-moves.ts";
import { planRoutes } from "../../shared/domain/plan.ts";
import { isWrite, type PlanInput, type Step } from "../../shared/domain/plan-steps.ts";
import type { LedgerEntry } from "../../shared/domain/records.ts";
import { type Route, routeKey, type TableRef } from "../../shared/domain/routes.ts";

/** What stands in a cloud and in the ledger, as a planner sees it. `dead` interfaces make their routes blackholes. */
export type World = {
  readonly routes: ReadonlyMap<string, Route>;
  readonly entries: ReadonlyMap<string, LedgerEntry>;
  readonly dead: ReadonlySet<string>;
};

export const table = (id: string): TableRef => ({ key: `test/${id}`, id });
export const writer: Writer = { linkId: "link", locationId: "here", generation: 2, epoch: 7, atMs: 1_000 };

export function route(
  tableId: string,
  destination: string,
  target: string,
  more: Partial<Pick<Route, "state" | "isStatic">> = {},
): Route {
  return { table: table(tableId), destination, target, state: "active", isStatic: true, ...more };
}

export function entry(tableId: string, destination: string, more: Partial<LedgerEntry> = {}): LedgerEntry {
  const place = { table: table(tableId).key, destination };
  return { ...writer, ...place, state: "owned", seen: "", epoch: 1, atMs: 1, by: "routes", ...more };
}

export function world(routes: readonly Route[], entries: readonly LedgerEntry[], dead: readonly string[] = []): World {
  const isDead = (target: string) => dead.includes(target);
  return {
    routes: new Map(
      routes.map((one) => [
        routeKey(one.table.key, one.destination),
        isDead(one.target) ? { ...one, state: "blackhole" } : one,
      ]),
    ),
    entries: new Map(entries.map((one) => [routeKey(one.table, one.destination), one])),
    dead: new Set(dead),
  };
}

export type Aim = Pick<PlanInput, "desired" | "tables" | "active" | "own" | "removeRoutes">;

export function plan(state: World, aim: Aim): readonly Step[] {
  const { locationId, generation } = writer;
  const seen = { routes: [...state.routes.values()], entries: [...state.entries.values()] };
  const steps = planRoutes({ ...aim, ...seen, locationId, generation });
  // That a route was removed is remembered for a while.
  return steps.filter((step) => step.entry?.state !== "removed" || step.kind !== "settle" || step.reason !== "gone");
}

/** The effects of a plan one by one, in the order in which they are carried out. */
export function effectsOf(steps: readonly Step[]): readonly ((state: World) => World)[] {
  return steps.flatMap((step) => [
    moved(step, claimBefore(step, writer)),
    (state: World) => written(state, step),
    moved(step, settleAfter(step, writer)),
    moved(step, noteOf(step, writer)),
  ]);
}

export function carriedOut(state: World, steps: readonly Step[]): World {
  return effectsOf(steps).reduce((now, effect) => effect(now), state);
}

/** Whether a step changes anything at all, in the cloud or in the ledger. */
export function changesAnything(step: Step): boolean {
  return isWrite(step) || noteOf(step, writer) !== undefined;
}

function moved(step: Step, move: LedgerMove): (state: World) => World {
  return (state) => {
    if (move === undefined) return state;
    const entries = new Map(state.entries);
    if (move.kind === "put") entries.set(routeKey(step.table.key, step.destination), move.entry);
    else entries.delete(routeKey(step.table.key, step.destination));
    return { ...state, entries };
  };
}

function written(state: World, step: Step): World {
  if (!isWrite(step)) return state;
  const key = routeKey(step.table.key, step.destination);
  const routes = new Map(state.routes);
  if (step.kind === "remove") routes.delete(key);
  else {
    const { table: at, destination, target } = step;
    const shown = state.dead.has(target) ? "blackhole" : "active";
    routes.set(key, { table: at, destination, target, state: shown, isStatic: true });
  }
  return { ...state, routes };
}
