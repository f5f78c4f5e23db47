import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LedgerEntry } from "../../shared/domain/records.ts";
import { type Route, routeKey } from "../../shared/domain/routes.ts";
import { anyAim, anyWorld, destinations, places } from "./plan-arbitrary.ts";
import {
  type Aim,
  carriedOut,
  changesAnything,
  effectsOf,
  entry,
  plan,
  route,
  table,
  type World,
  world,
  writer,
} from "./plan-fixture.ts";

const runs = { numRuns: 500, seed: 3_002 };

type Spot = {
  readonly key: string;
  readonly isDesired: boolean;
  readonly found: Route | undefined;
  readonly held: LedgerEntry | undefined;
};

function spots(state: World, aim: Aim): readonly Spot[] {
  return places.map(({ id, destination }) => {
    const key = routeKey(table(id).key, destination);
    const isDesired = aim.desired.includes(destination);
    return { key, isDesired, found: state.routes.get(key), held: state.entries.get(key) };
  });
}

/** Whether the ledger gives a place to this location at all: a claim of its own, or an orphan that it wants. */
function isClaimed({ held, isDesired }: Spot): boolean {
  if (held === undefined || held.state === "foreign") return false;
  if (held.state === "removed") {
    return held.locationId === writer.locationId && (isDesired || held.generation <= writer.generation);
  }
  const isOwn = held.locationId === writer.locationId && held.generation <= writer.generation;
  return held.state === "orphan" ? isOwn || isDesired : isOwn;
}

/** Whether what stands somewhere is the location's to change, by the ledger and by what is known of interfaces. */
function isOurs(spot: Spot, aim: Aim): boolean {
  const { found, held } = spot;
  if (found === undefined || held === undefined || !found.isStatic || !isClaimed(spot)) return false;
  if (aim.own.has(found.target) || found.target === aim.active) return true;
  const isAsAdopted = held.state !== "intended" && held.state !== "removed" && held.seen === found.target;
  const isBroken = held.state === "owned" && held.seen === "" && found.state === "blackhole";
  return isAsAdopted || isBroken;
}

describe("applying a plan to any state", () => {
  it("yields the desired state: what may stand at the active host does, and the ledger says that it is ours", () => {
    let reached = 0;
    fc.assert(
      fc.property(anyWorld, anyAim, (state, aim) => {
        fc.pre(aim.active !== null);
        const after = carriedOut(state, plan(state, aim));
        for (const spot of spots(state, aim)) {
          const isNobodys = ["foreign", "removed", undefined].includes(spot.held?.state);
          const isFree = spot.found === undefined && (isClaimed(spot) || isNobodys);
          if (!spot.isDesired || !(isFree || isOurs(spot, aim))) continue;
          reached++;
          expect(after.routes.get(spot.key)?.target).toBe(aim.active);
          const isDead = spot.found?.target === aim.active && state.dead.has(aim.active ?? "");
          if (isDead) continue;
          const { locationId, generation } = writer;
          expect(after.entries.get(spot.key)).toMatchObject({ state: "owned", seen: "", locationId, generation });
        }
      }),
      runs,
    );
    expect(reached).toBeGreaterThan(250);
  });

  it("removes what is ours and not wanted where routes are removed, and lists it as an orphan where they are not", () => {
    fc.assert(
      fc.property(anyWorld, anyAim, (state, aim) => {
        const after = carriedOut(state, plan(state, aim));
        for (const spot of spots(state, aim)) {
          if (spot.isDesired || !isOurs(spot, aim)) continue;
          expect(after.routes.get(spot.key)).toEqual(aim.removeRoutes ? undefined : spot.found);
          expect(after.entries.get(spot.key)).toMatchObject({ state: aim.removeRoutes ? "removed" : "orphan" });
        }
      }),
      runs,
    );
  });

  it("never touches a foreign route, at any moment", () => {
    fc.assert(
      fc.property(anyWorld, anyAim, (state, aim) => {
        const foreign = spots(state, aim).filter((spot) => spot.found !== undefined && !isOurs(spot, aim));
        const touched: string[] = [];
        let now = state;
        for (const effect of effectsOf(plan(state, aim))) {
          now = effect(now);
          for (const { key, found } of foreign) if (now.routes.get(key) !== found) touched.push(key);
        }
        expect(touched).toEqual([]);
      }),
      runs,
    );
  });

  it("never touches a ledger entry that another location, or a newer generation of this one, has a claim by", () => {
    fc.assert(
      fc.property(anyWorld, anyAim, (state, aim) => {
        const after = carriedOut(state, plan(state, aim));
        for (const { key, held } of spots(state, aim)) {
          const isOthers = held?.locationId !== writer.locationId || held.generation > writer.generation;
          if (held !== undefined && isOthers && (held.state === "owned" || held.state === "intended")) {
            expect(after.entries.get(key)).toBe(held);
          }
        }
      }),
      runs,
    );
  });

  it("keeps on record which operator adopted a route, for as long as it is ours", () => {
    fc.assert(
      fc.property(anyWorld, anyAim, (state, aim) => {
        const after = carriedOut(state, plan(state, aim));
        for (const { key, held } of spots(state, aim)) {
          const now = after.entries.get(key);
          if (now?.state === "owned" && held !== undefined) {
            expect(now.by).toBe(held.by.startsWith("operator ") ? held.by : "routes");
          }
        }
      }),
      runs,
    );
  });
});

describe("a plan", () => {
  it("is empty where nothing differs, whatever of others stands beside", () => {
    const anyOther = fc.constantFrom("nothing", "foreign", "elsewhere");
    const property = fc.property(
      fc.subarray(destinations),
      fc.boolean(),
      fc.array(anyOther, { minLength: places.length, maxLength: places.length }),
      (desired, removeRoutes, others) => {
        const routes: Route[] = [];
        const entries: LedgerEntry[] = [];
        places.forEach(({ id, destination }, at) => {
          const isDesired = desired.includes(destination);
          const is = others[at];
          if (is === "nothing") {
            if (!isDesired) return;
            routes.push(route(id, destination, "eni-a"));
            entries.push(entry(id, destination, { epoch: writer.epoch }));
          } else if (is === "foreign") {
            routes.push(route(id, destination, "nat-1"));
            if (isDesired) entries.push(entry(id, destination, { state: "foreign", seen: "nat-1" }));
          } else {
            routes.push(route(id, destination, "eni-z"));
            entries.push(entry(id, destination, { locationId: "there" }));
          }
        });
        const own = new Set(["eni-a", "eni-b"]);
        const aim: Aim = { desired, tables: ["t", "u"].map(table), active: "eni-a", own, removeRoutes };
        expect(plan(world(routes, entries), aim).filter(changesAnything)).toEqual([]);
      },
    );
    fc.assert(property, { numRuns: 300, seed: 3_003 });
  });
});
