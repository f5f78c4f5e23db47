import { familyOf } from "./cidr.ts";
import type { Place, PlanInput, Step } from "./plan-steps.ts";
import type { LedgerEntry } from "./records.ts";
import { type Route, routeKey, type TableRef } from "./routes.ts";

/** `isWhole`: a wanted route that stands in the table is ours, whoever put it there. */
type Context = PlanInput & { readonly wanted: ReadonlySet<string>; readonly isWhole?: true };

/**
 * What has to be done so that every route of a location that is ours points at its active host: one step for every
 * desired destination in every table, and one for every other place that the ledger holds for the location, in order
 * of table and destination. Applying the plan and planning again gives steps that write nothing. Never plans to touch
 * a route that Pointsman neither created nor was told to adopt.
 */
export function planRoutes(input: PlanInput): readonly Step[] {
  const own = input.active === null ? input.own : new Set([...input.own, input.active]);
  const whole: Context = { ...input, own, wanted: new Set(input.desired) };
  const routes = indexRoutes(input.routes);
  const entries = new Map(input.entries.map((entry) => [routeKey(entry.table, entry.destination), entry]));
  const steps: Step[] = [];
  for (const table of distinctTables(input)) {
    const context = contextOf(table, whole);
    for (const destination of destinationsIn(table.key, context)) {
      const key = routeKey(table.key, destination);
      const step = judge({ table, destination, found: routes.get(key), entry: entries.get(key) }, context);
      if (step !== undefined) steps.push(step);
    }
  }
  return steps;
}

/** What a table is to hold, where that is not the location's networks at its active host. */
function contextOf({ holds }: TableRef, context: Context): Context {
  switch (holds?.kind) {
    case undefined:
      return context;
    case "fixed":
      return { ...context, active: holds.target, own: new Set([holds.target]) };
    case "one": {
      const desired = context.desired.length === 0 ? [] : [holds.destination];
      return { ...context, desired, wanted: new Set(desired) };
    }
    case "list": {
      const desired = context.desired.filter((destination) => familyOf(destination) === holds.family);
      const own = new Set([holds.target]);
      return { ...context, desired, wanted: new Set(desired), active: holds.target, own, isWhole: true };
    }
    case "lists": {
      const families = new Set(context.desired.map(familyOf));
      const desired = [...families].map((family) => holds.destinations[family]);
      return { ...context, desired, wanted: new Set(desired) };
    }
    default:
      return holds satisfies never;
  }
}

/** A static route hides one that the cloud made for the same destination. */
function indexRoutes(routes: readonly Route[]): ReadonlyMap<string, Route> {
  const index = new Map<string, Route>();
  for (const route of routes) {
    const key = routeKey(route.table.key, route.destination);
    if (index.get(key)?.isStatic !== true) index.set(key, route);
  }
  return index;
}

function distinctTables(input: PlanInput): PlanInput["tables"] {
  const tables = new Map(input.tables.map((table) => [table.key, table]));
  return [...tables.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function destinationsIn(table: string, context: Context): readonly string[] {
  const destinations = new Set(context.desired);
  for (const entry of context.entries) {
    const isOurs = entry.locationId === context.locationId && entry.generation <= context.generation;
    if (entry.table === table && isOurs) destinations.add(entry.destination);
  }
  return [...destinations].sort();
}

function judge(place: Place, context: Context): Step | undefined {
  const { entry } = place;
  if (entry === undefined || entry.state === "foreign") return judgeUnclaimed(place, context);
  // What another location has removed is nobody's.
  if (entry.state === "removed" && entry.locationId !== context.locationId) return judgeUnclaimed(place, context);
  if (entry.state !== "orphan" && entry.state !== "removed") {
    if (entry.locationId !== context.locationId) return { ...place, kind: "conflict", reason: "owned-elsewhere" };
    if (entry.generation > context.generation) return { ...place, kind: "conflict", reason: "newer-generation" };
  }
  if (place.found === undefined) return judgeAbsent(place, entry, context);
  if (!holds(entry, place.found, context)) return judgePointedAway(place, place.found, context);
  return judgeOurs(place, entry, place.found, context);
}

/** No entry says that the place is anyone's. */
function judgeUnclaimed(place: Place, context: Context): Step | undefined {
  const { entry, found } = place;
  const isNoted = entry !== undefined && entry.locationId === context.locationId;
  if (!context.wanted.has(place.destination)) {
    return isNoted ? { ...place, kind: "settle", to: "forgotten", reason: "not-desired" } : undefined;
  }
  if (found !== undefined) {
    if (context.isWhole) return { ...place, kind: "settle", to: "owned", reason: "adopted" };
    return { ...place, kind: "foreign", reason: found.isStatic ? "never-ours" : "cloud-made" };
  }
  if (context.active !== null) return { ...place, kind: "create", target: context.active, reason: "absent" };
  return isNoted ? { ...place, kind: "settle", to: "forgotten", reason: "gone" } : undefined;
}

/** The place is ours, or an orphan, and nothing stands there. */
function judgeAbsent(place: Place, entry: LedgerEntry, context: Context): Step {
  if (context.wanted.has(place.destination)) {
    const reason = entry.state === "owned" ? "drift" : "absent";
    if (context.active !== null) return { ...place, kind: "create", target: context.active, reason };
    if (!context.removeRoutes) return { ...place, kind: "unchanged", reason: "nobody-available" };
  }
  return { ...place, kind: "settle", to: "forgotten", reason: "gone" };
}

/**
 * Whether a claim reaches to the route that stands there. It always does when the route points at one of our
 * interfaces; one that an operator adopted, or that was left as an orphan, also while it is what was seen then.
 */
function holds(entry: LedgerEntry, found: Route, context: Context): boolean {
  if (!found.isStatic) return false;
  if (context.own.has(found.target)) return true;
  if (entry.state === "intended" || entry.state === "removed") return false;
  if (entry.seen !== "") return entry.seen === found.target;
  return entry.state === "owned" && found.state === "blackhole";
}

function judgePointedAway(place: Place, found: Route, context: Context): Step {
  if (!context.wanted.has(place.destination)) {
    return { ...place, kind: "settle", to: "forgotten", reason: "pointed-away" };
  }
  if (!found.isStatic) return { ...place, kind: "foreign", reason: "cloud-made" };
  const wasNever = place.entry?.state === "intended" || place.entry?.state === "removed";
  return { ...place, kind: "foreign", reason: wasNever ? "never-ours" : "moved-away" };
}

function judgeOurs(place: Place, entry: LedgerEntry, found: Route, context: Context): Step {
  if (!context.wanted.has(place.destination)) {
    if (context.removeRoutes) return { ...place, kind: "remove", reason: "not-desired" };
    if (entry.state === "orphan") return { ...place, kind: "unchanged", reason: "listed-orphan" };
    return { ...place, kind: "orphan", reason: "not-desired" };
  }
  if (context.active === null) {
    const isAnothers = entry.locationId !== context.locationId;
    if (!context.removeRoutes || isAnothers) return { ...place, kind: "unchanged", reason: "nobody-available" };
    return { ...place, kind: "remove", reason: "nobody-available" };
  }
  if (found.target === context.active && found.residue !== true) return judgeInPlace(place, entry, found, context);
  return { ...place, kind: "replace", target: context.active, reason: whyReplace(entry, found, context) };
}

function whyReplace(entry: LedgerEntry, found: Route, context: Context): "stale" | "drift" | "adopted" | "reclaimed" {
  if (entry.state === "orphan") return "reclaimed";
  if (found.state === "blackhole") return "drift";
  return context.own.has(found.target) ? "stale" : "adopted";
}

function judgeInPlace(place: Place, entry: LedgerEntry, found: Route, context: Context): Step {
  if (found.state === "blackhole") return { ...place, kind: "dead", reason: "target-blackholed" };
  if (entry.state === "orphan") return { ...place, kind: "settle", to: "owned", reason: "reclaimed" };
  if (entry.state === "intended" || entry.state === "removed") {
    return { ...place, kind: "settle", to: "owned", reason: "created" };
  }
  if (entry.generation !== context.generation) return { ...place, kind: "settle", to: "owned", reason: "taken-over" };
  if (entry.seen !== "") return { ...place, kind: "settle", to: "owned", reason: "adopted" };
  return { ...place, kind: "unchanged", reason: "in-place" };
}
