import fc from "fast-check";
import type { LedgerEntry } from "../../shared/domain/records.ts";
import type { Route } from "../../shared/domain/routes.ts";
import { type Aim, entry, route, table, type World, world } from "./plan-fixture.ts";

const tableIds = ["t", "u"];
export const destinations = ["10.1.0.0/16", "10.2.0.0/16", "fd00:2::/64"];
/** Every place of the worlds below: two tables, three destinations. */
export const places = tableIds.flatMap((id) => destinations.map((destination) => ({ id, destination })));
const targets = ["eni-a", "eni-b", "eni-z", "nat-1"];

const anyRoute = fc.record({
  target: fc.constantFrom(...targets),
  isStatic: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
});
const anyEntry = fc.record({
  state: fc.constantFrom("intended", "owned", "foreign", "orphan", "removed"),
  locationId: fc.constantFrom("here", "here", "there"),
  generation: fc.constantFrom(1, 2, 3),
  seen: fc.constantFrom("", "", ...targets),
  by: fc.constantFrom("routes", "operator ann"),
});
const anyPlace = fc.record({ route: fc.option(anyRoute), entry: fc.option(anyEntry) });

export const anyWorld: fc.Arbitrary<World> = fc
  .tuple(fc.array(anyPlace, { minLength: places.length, maxLength: places.length }), fc.subarray(targets))
  .map(([drawn, dead]) => {
    const routes: Route[] = [];
    const entries: LedgerEntry[] = [];
    places.forEach(({ id, destination }, index) => {
      const one = drawn[index];
      if (one?.route) routes.push(route(id, destination, one.route.target, { isStatic: one.route.isStatic }));
      if (one?.entry) entries.push(entry(id, destination, one.entry));
    });
    return world(routes, entries, dead);
  });

export const anyAim: fc.Arbitrary<Aim> = fc.record({
  desired: fc.subarray(destinations),
  tables: fc.constant(tableIds.map(table)),
  active: fc.constantFrom("eni-a", "eni-b", null),
  own: fc.subarray(["eni-a", "eni-b"]).map((own) => new Set(own)),
  removeRoutes: fc.boolean(),
});
