import type { Subject } from "../common/faults.ts";
import { type FindInstance, hopOf, type ProjectState, warningOf } from "./state.ts";
import type { StaticRoute } from "./world.ts";

/** One changing call. Times are milliseconds since 1970; `landedMs` is null when it was not accepted. */
export type LoggedCall = Subject & {
  readonly action: string;
  readonly project: string;
  /** The name of the route. */
  readonly route: string;
  readonly arrivedMs: number;
  readonly landedMs: number | null;
  readonly answeredMs: number;
  /** `accepted`, or the reason of the error that was answered, or `dropped`. */
  readonly answer: string;
};

/** What carried the traffic for one destination of one network from a moment on. `target` null: nothing. */
export type RouteMoment = {
  readonly atMs: number;
  readonly project: string;
  readonly table: string;
  readonly destination: string;
  /** Several, one beside the other, while traffic is spread over them. */
  readonly target: string | null;
  readonly state: "active" | "blackhole" | null;
};

type Carrying = Pick<RouteMoment, "table" | "destination" | "target" | "state">;

/** Every difference between two states of a project that a packet could notice. */
export function routeMoments(
  before: ProjectState,
  after: ProjectState,
  atMs: number,
  find: { readonly before: FindInstance; readonly after: FindInstance },
): readonly RouteMoment[] {
  const isSeen = before.instances === after.instances ? touched(before, after) : () => true;
  const was = carrying(before, find.before, isSeen);
  const is = carrying(after, find.after, isSeen);
  const moments: RouteMoment[] = [];
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    const old = was.get(key);
    const now = is.get(key);
    if (old?.target === now?.target && old?.state === now?.state) continue;
    const { table, destination } = now ?? old ?? { table: "", destination: "" };
    moments.push({
      atMs,
      project: after.id,
      table,
      destination,
      target: now?.target ?? null,
      state: now?.state ?? null,
    });
  }
  return moments;
}

/** Tells the destinations that a route was added to or taken from. */
function touched(before: ProjectState, after: ProjectState): (key: string) => boolean {
  const keys = new Set<string>();
  for (const [one, other] of [
    [before.routes, after.routes],
    [after.routes, before.routes],
  ] as const) {
    for (const [name, route] of one) if (other.get(name) !== route) keys.add(keyOf(route));
  }
  return (key) => keys.has(key);
}

const keyOf = ({ network, destRange }: StaticRoute): string => `${network} ${destRange}`;

/** What carries the traffic for the destinations that `isSeen` lets through: of their routes, those with the lowest number. */
function carrying(
  state: ProjectState,
  find: FindInstance,
  isSeen: (key: string) => boolean,
): ReadonlyMap<string, Carrying> {
  const groups = new Map<string, StaticRoute[]>();
  for (const route of state.routes.values()) {
    const key = keyOf(route);
    if (!isSeen(key)) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [route]);
    else group.push(route);
  }
  return new Map([...groups].map(([key, routes]) => [key, carryingOf(state, routes, find)]));
}

function carryingOf(state: ProjectState, routes: readonly StaticRoute[], find: FindInstance): Carrying {
  const least = Math.min(...routes.map(({ priority }) => priority));
  const best = routes.filter(({ priority }) => priority === least);
  const target = [...new Set(best.map(hopOf))].sort().join(" + ");
  const isDead = best.some((route) => warningOf(state, route, find) !== undefined);
  const [first] = routes;
  return {
    table: first?.network ?? "",
    destination: first?.destRange ?? "",
    target,
    state: isDead ? "blackhole" : "active",
  };
}
