import { type Finding, failed, passed, warned } from "./finding.ts";
import { limits } from "./limits.ts";
import type { Step } from "./plan-steps.ts";
import { type Route, type RouteTarget, routeKey } from "./routes.ts";

/** What is known of a location's routes: the plan that a swap would carry out now, and what it was made from. */
export type RouteFacts = {
  /** `LINK/LOCATION`. */
  readonly name: string;
  readonly steps: readonly Step[];
  readonly routes: readonly Route[];
  /** Interfaces of its hosts. */
  readonly own: ReadonlySet<RouteTarget>;
  /** Whether routes are being written just now. */
  readonly isPending: boolean;
};

/** What stands in the way of a swap, or does not stand as decided. Pure. */
export function routeFindings({ name, steps, routes, own, isPending }: RouteFacts): readonly Finding[] {
  const of = (...kinds: readonly Step["kind"][]) => steps.filter((step) => kinds.includes(step.kind));
  const foreign = of("foreign");
  const conflicts = of("conflict");
  const dead = of("dead");
  const owed = of("create", "replace", "remove");
  const stranded = strandedRoutes(steps, routes, own);
  const found = [
    ...some(foreign, (text) =>
      warned(
        "routes",
        name,
        `foreign: ${text} held by routes that Pointsman did not make, and does not move`,
        `\`pointsman adopt ${name}\` takes them over, or remove them in the cloud`,
      ),
    ),
    ...some(conflicts, (text) =>
      failed(
        "routes",
        name,
        `another location owns ${text}`,
        "let one location alone reach these networks by this table",
      ),
    ),
    ...some(dead, (text) =>
      failed(
        "routes",
        name,
        `blackholes: ${text} at the interface of the active host, which carries nothing`,
        "see that this interface is attached to a running instance",
      ),
    ),
    ...(isPending ? [] : some(owed, (text) => warned("routes", name, `not as decided: ${text}`, staleAdvice(name)))),
    ...some(stranded, (text) =>
      warned(
        "routes",
        name,
        `${text} point at a link host and are not Pointsman's: a fail-over leaves them behind`,
        `add the networks to the network file, or remove the routes; \`pointsman adopt ${name}\` where they are wanted`,
      ),
    ),
    ...warnedRoutes(dead, routes, own).flatMap(([warning, warned]) =>
      some(warned, (text) =>
        failed("routes", name, `${text}: ${warning}`, "see what the cloud says is wrong with their next hop"),
      ),
    ),
  ];
  if (found.length > 0) return found;
  const count = of("unchanged").filter((step) => step.kind === "unchanged" && step.reason === "in-place").length;
  const text = isPending ? "being written just now" : `${count} in place; none foreign, dead or stale`;
  return [passed("routes", name, text)];
}

function staleAdvice(name: string): string {
  return `the next reconcile writes them; if they stay, \`pointsman explain ${name}\` says why`;
}

/** Static routes at a link host that no plan knows of. */
function strandedRoutes(
  steps: readonly Step[],
  routes: readonly Route[],
  own: ReadonlySet<RouteTarget>,
): readonly Pick<Route, "table" | "destination">[] {
  const planned = new Set(steps.map((step) => routeKey(step.table.key, step.destination)));
  return routes.filter(
    (route) => route.isStatic && own.has(route.target) && !planned.has(routeKey(route.table.key, route.destination)),
  );
}

/** What the cloud says is wrong with routes at a link host, and of which; those that are dead are told already. */
function warnedRoutes(
  dead: readonly Step[],
  routes: readonly Route[],
  own: ReadonlySet<RouteTarget>,
): readonly (readonly [warning: string, routes: readonly Route[]])[] {
  const told = new Set(dead.map((step) => routeKey(step.table.key, step.destination)));
  const byWarning = new Map<string, Route[]>();
  for (const route of routes) {
    if (route.warning === undefined || !own.has(route.target)) continue;
    if (told.has(routeKey(route.table.key, route.destination))) continue;
    byWarning.set(route.warning, [...(byWarning.get(route.warning) ?? []), route]);
  }
  return [...byWarning];
}

function some(
  places: readonly Pick<Route, "table" | "destination">[],
  tell: (text: string) => Finding,
): readonly Finding[] {
  if (places.length === 0) return [];
  const shown = places
    .slice(0, limits.eventDestinations)
    .map(({ destination, table }) => `${destination} in ${table.id}`);
  const more = places.length > shown.length ? ` and ${places.length - shown.length} more` : "";
  return [tell(`${shown.join(", ")}${more}`)];
}
