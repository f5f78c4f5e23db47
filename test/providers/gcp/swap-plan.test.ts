import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { epochOf, ownPrefix, routeName } from "../../../shared/providers/gcp/names.ts";
import { carrierOf, type Standing } from "../../../shared/providers/gcp/standing.ts";
import { planSwap } from "../../../shared/providers/gcp/swap-plan.ts";

const PRIORITY = 100;

describe("names of routes", () => {
  it("are such as Google takes, and tell the epoch", () => {
    const texts = fc.string({ maxLength: 200 });
    fc.assert(
      fc.property(texts, texts, texts, fc.maxSafeNat(), (locationId, destination, target, epoch) => {
        const name = routeName(locationId, destination, target, epoch);

        expect(name).toMatch(/^[a-z]([-a-z0-9]*[a-z0-9])?$/);
        expect(name.length).toBeLessThanOrEqual(63);
        expect(epochOf(name)).toBe(epoch);
        expect(name.startsWith(ownPrefix(locationId, destination))).toBe(true);
      }),
    );
  });

  it("differ by location, destination, target and epoch", () => {
    const names = [
      routeName("l1", "10.1.0.0/16", "a", 1),
      routeName("l2", "10.1.0.0/16", "a", 1),
      routeName("l1", "10.2.0.0/16", "a", 1),
      routeName("l1", "10.1.0.0/16", "b", 1),
      routeName("l1", "10.1.0.0/16", "a", 2),
    ];

    expect(new Set(names).size).toBe(names.length);
  });

  it("that others gave tell no epoch", () => {
    expect(["pm-1", "default-route", "pm-0123456789-0123-e", "x-pm-0123456789-0123-e4"].map(epochOf)).toEqual([
      -1, -1, -1, -1,
    ]);
  });
});

const standing = fc
  .record({
    target: fc.constantFrom("a", "b", "c"),
    priority: fc.constantFrom(50, PRIORITY, PRIORITY + 1, 1_000),
    isOurs: fc.boolean(),
    epoch: fc.nat({ max: 9 }),
  })
  .map((route): Standing => ({ ...route, epoch: route.isOurs ? route.epoch : -1, name: "", warning: undefined }));

const some = fc
  .array(standing, { minLength: 1, maxLength: 5 })
  .map((routes) => routes.map((route, at) => ({ ...route, name: `route-${at}` })));

describe("a swap", () => {
  it("leaves a destination at no step without a route, and at the end with one at the right target", () => {
    fc.assert(
      fc.property(some, fc.constantFrom("a", "b", "c"), (claimed, target) => {
        const plan = planSwap({ claimed, target, epoch: 10, priority: PRIORITY });
        let now = claimed;
        if (plan.addAt !== null) {
          expect([PRIORITY, PRIORITY + 1]).toContain(plan.addAt);
          now = [...now, { name: "new", target, priority: plan.addAt, isOurs: true, epoch: 10, warning: undefined }];
        }
        for (const name of plan.clear) {
          now = now.filter((route) => route.name !== name);
          expect(now.length).toBeGreaterThan(0);
        }

        expect(now.map((route) => route.target)).toEqual([target]);
      }),
    );
  });

  it("lets traffic go only where it went and where it is to go, at every step", () => {
    fc.assert(
      fc.property(some, fc.constantFrom("a", "b", "c"), (claimed, target) => {
        const before = carrierOf(claimed);
        const plan = planSwap({ claimed, target, epoch: 10, priority: PRIORITY });
        const added =
          plan.addAt === null
            ? []
            : [{ name: "new", target, priority: plan.addAt, isOurs: true, epoch: 10, warning: undefined }];
        let now: readonly Standing[] = [...claimed, ...added];
        const least = Math.min(...claimed.map((route) => route.priority));
        const spread = new Set(claimed.filter((route) => route.priority === least).map((route) => route.target));
        for (const name of [undefined, ...plan.clear]) {
          now = now.filter((route) => route.name !== name);
          expect([before?.target, target, ...spread]).toContain(carrierOf(now)?.target);
        }
      }),
    );
  });

  it("keeps a right route that stands, unless a newer decision wanted it gone", () => {
    const route = (target: string, epoch: number, priority: number): Standing => ({
      name: `${target}-${epoch}`,
      target,
      priority,
      isOurs: true,
      epoch,
      warning: undefined,
    });
    const wish = { target: "b", epoch: 6, priority: PRIORITY };

    expect(planSwap({ ...wish, claimed: [route("a", 4, PRIORITY), route("b", 5, PRIORITY + 1)] })).toEqual({
      addAt: null,
      clear: ["a-4"],
    });
    expect(planSwap({ ...wish, claimed: [route("b", 4, PRIORITY), route("a", 5, PRIORITY + 1)] })).toEqual({
      addAt: PRIORITY + 1,
      clear: ["a-5", "b-4"],
    });
    const twice = [route("b", 2, PRIORITY), route("a", 5, PRIORITY + 1), route("b", 6, PRIORITY + 1)];
    expect(planSwap({ ...wish, claimed: twice })).toEqual({ addAt: null, clear: ["a-5", "b-2"] });
  });

  it("never adds what it would then delete", () => {
    fc.assert(
      fc.property(some, fc.constantFrom("a", "b", "c"), fc.nat({ max: 10 }), (claimed, target, epoch) => {
        const plan = planSwap({ claimed, target, epoch, priority: PRIORITY });
        const isThere = claimed.some((route) => route.isOurs && route.target === target && route.epoch === epoch);

        if (isThere) expect(plan.addAt).toBeNull();
      }),
    );
  });

  it("does not let priorities drift, however often it is made", () => {
    let stands: Standing = { name: "r0", target: "a", priority: 1_000, isOurs: false, epoch: -1, warning: undefined };
    const priorities = new Set<number>();
    for (let epoch = 1; epoch <= 50; epoch++) {
      const target = epoch % 2 === 0 ? "a" : "b";
      const { addAt } = planSwap({ claimed: [stands], target, epoch, priority: PRIORITY });
      if (addAt === null) throw new Error("nothing was added");
      priorities.add(addAt);
      stands = { name: `r${epoch}`, target, priority: addAt, isOurs: true, epoch, warning: undefined };
    }

    expect(priorities).toEqual(new Set([PRIORITY, PRIORITY + 1]));
  });
});
