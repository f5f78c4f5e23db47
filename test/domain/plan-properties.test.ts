import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LedgerEntry } from "../../shared/domain/records.ts";
import type { Route } from "../../shared/domain/routes.ts";
import { anyAim, anyWorld, places } from "./plan-arbitrary.ts";
import { type Aim, carriedOut, changesAnything, effectsOf, plan, table, type World } from "./plan-fixture.ts";

/** The second model: for one place, what must stand there in the end. Written as rules of permission, not as steps. */
function mustStand(found: Route | undefined, held: LedgerEntry | undefined, isDesired: boolean, aim: Aim): string {
  const before = found?.target ?? "nothing";
  const isMine = held?.locationId === "here";
  const isSomebodys = held !== undefined && (held.state === "owned" || held.state === "intended");
  if (isSomebodys && (!isMine || held.generation > 2)) return before;
  if (!isDesired && (!isMine || held.generation > 2)) return before;
  if (found !== undefined) {
    if (held === undefined || held.state === "foreign" || !found.isStatic) return before;
    if (held.state === "removed" && !isMine) return before;
    const pointsAtUs = aim.own.has(found.target) || found.target === aim.active;
    const isAsGiven =
      held.state !== "intended" && held.state !== "removed" && held.seen !== "" && held.seen === found.target;
    const isBroken = held.state === "owned" && held.seen === "" && found.state === "blackhole";
    if (!pointsAtUs && !isAsGiven && !isBroken) return before;
    if (!isMine && aim.active === null) return before;
  }
  if (isDesired && aim.active !== null) return aim.active;
  return aim.removeRoutes ? "nothing" : before;
}

function standing(state: World): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const { id, destination } of places) {
    const key = `${table(id).key} ${destination}`;
    shown[key] = state.routes.get(key)?.target ?? "nothing";
  }
  return shown;
}

function required(state: World, aim: Aim): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const { id, destination } of places) {
    const key = `${table(id).key} ${destination}`;
    shown[key] = mustStand(state.routes.get(key), state.entries.get(key), aim.desired.includes(destination), aim);
  }
  return shown;
}

const runs = { numRuns: 1_000, seed: 3_001 };

describe("a plan, whatever stands in the cloud and in the ledger", () => {
  it("gives what a second, simpler model says, and so never touches what is not ours (promise 3)", () => {
    fc.assert(
      fc.property(anyWorld, anyAim, (state, aim) => {
        expect(standing(carriedOut(state, plan(state, aim)))).toEqual(required(state, aim));
      }),
      runs,
    );
  });

  it("is empty once it has been carried out", () => {
    fc.assert(
      fc.property(anyWorld, anyAim, (state, aim) => {
        const after = carriedOut(state, plan(state, aim));
        expect(plan(after, aim).filter(changesAnything)).toEqual([]);
      }),
      runs,
    );
  });

  it("can be broken off after any of its effects and made again, with the same end", () => {
    fc.assert(
      fc.property(anyWorld, anyAim, fc.nat(), (state, aim, at) => {
        const effects = effectsOf(plan(state, aim));
        const done = effects.slice(0, at % (effects.length + 1));
        const broken = done.reduce((now, effect) => effect(now), state);

        const after = carriedOut(broken, plan(broken, aim));

        expect(standing(after)).toEqual(required(state, aim));
      }),
      runs,
    );
  });

  it("leaves a destination that is wanted and has a route with a route after every single effect (promise 4)", () => {
    fc.assert(
      fc.property(anyWorld, anyAim, (state, aim) => {
        fc.pre(aim.active !== null);
        const lost: string[] = [];
        let now = state;
        for (const effect of effectsOf(plan(state, aim))) {
          const next = effect(now);
          for (const key of now.routes.keys()) {
            const isWanted = aim.desired.some((destination) => key.endsWith(` ${destination}`));
            if (isWanted && !next.routes.has(key)) lost.push(key);
          }
          now = next;
        }
        expect(lost).toEqual([]);
      }),
      runs,
    );
  });

  it("does not depend on the order of what was read", () => {
    fc.assert(
      fc.property(anyWorld, anyAim, (state, aim) => {
        const turned: World = {
          ...state,
          routes: new Map([...state.routes].reverse()),
          entries: new Map([...state.entries].reverse()),
        };
        expect(plan(turned, { ...aim, desired: [...aim.desired].reverse() })).toEqual(plan(state, aim));
      }),
      runs,
    );
  });
});
