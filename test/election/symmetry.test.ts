import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { availabilityOf } from "../../shared/domain/election/availability.ts";
import { elect } from "../../shared/domain/election/elect.ts";
import { factsOf, type LinkState, type LocationFacts } from "../../shared/domain/election/state.ts";
import type { Verdict } from "../../shared/domain/election/verdict.ts";
import type { Id } from "../../shared/domain/ids.ts";
import type { Host } from "../../shared/domain/network.ts";
import type { LocationWish } from "../../shared/domain/records.ts";
import { host } from "../fixtures/network.ts";
import { scenes } from "./arbitrary.ts";
import { judge, now, placeIn, reaching, type Scene, stateOf } from "./scene.ts";

const runs = { numRuns: 800, seed: 2_081 };
const here = (state: LinkState) => placeIn(state, "here");
const active = (scene: Scene) =>
  scene.heads?.["here"] === null ? null : (scene.heads?.["here"]?.activeHostId ?? null);

/** Who carries the traffic after a verdict. */
const carrier = (scene: Scene, verdict: Verdict) => (verdict.kind === "change" ? verdict.to : active(scene));
const changedHosts = (scene: Scene, change: (one: Host) => Partial<Host>): Scene => ({
  ...scene,
  hosts: (scene.hosts ?? []).map((one) => ({ ...one, ...change(one) })),
});

describe("stickiness: among equal hosts the active one stays", () => {
  it("whoever has the lower id, as long as it is available, nobody asks for another, and none has more to offer", () => {
    fc.assert(
      fc.property(scenes(), fc.subarray([2, 3, 4]), fc.boolean(), (scene, reached, isLower) => {
        const priority = scene.hosts?.find((one) => one.id === active(scene))?.priority ?? 0;
        const equal = changedHosts(scene, (one) => ({
          priority: isLower ? Math.min(one.priority, priority) : priority,
        }));
        const records = Object.entries(scene.records ?? {}).map(([id, record]) => {
          const isOfHere = id.startsWith("a") && record !== null;
          return [id, isOfHere ? { ...record, ...reaching(reached) } : record] as const;
        });
        const { wish: _wish, suspicion: _suspicion, ...rest } = equal;
        const quiet: Scene = {
          ...rest,
          records: Object.fromEntries(records),
          heads: { ...rest.heads, here: { ...rest.heads?.["here"], generation: 1 } },
        };
        const state = stateOf(quiet);
        const host = here(state).hosts.find((one) => one.id === active(quiet));
        fc.pre(host !== undefined && availabilityOf(host, factsOf(state, here(state)), now) === "available");

        expect(elect(state, here(state), now).kind).toBe("keep");
      }),
      runs,
    );
  });
});

describe("an election does not know its hosts by name", () => {
  it("renaming hosts in their order renames the one elected, in any state", () => {
    fc.assert(
      fc.property(scenes(true), fc.constantFrom("b", "x", "0"), (scene, letter) => {
        const names = Object.fromEntries(ids.map((id) => [id, `${letter}${id}`]));

        expect(comesTo(renamed(stateOf(scene), names))).toBe(named(comesTo(stateOf(scene)), names));
      }),
      runs,
    );
  });

  it("renaming hosts in any other order does too, where no two have the same priority", () => {
    fc.assert(
      fc.property(scenes(true), anyNames, anyNames, (scene, names, ranks) => {
        const ranked = changedHosts(scene, ({ id }) => ({ priority: Number(ranks[id]?.slice(1)) }));

        expect(comesTo(renamed(stateOf(ranked), names))).toBe(named(comesTo(stateOf(ranked)), names));
      }),
      runs,
    );
  });

  it("where two are equal only the lower id decides, and the reason is the same", () => {
    let ties = 0;
    fc.assert(
      fc.property(scenes(true), anyNames, (scene, names) => {
        const state = stateOf(scene);
        const [to, reason] = comesTo(state).split(" ");
        const [other, otherReason] = comesTo(renamed(state, names)).split(" ");
        const back = Object.keys(names).find((id) => names[id] === other) ?? other;
        expect(otherReason).toBe(reason);
        if (back === to) return;
        ties++;
        const priorityOf = (id: string | undefined) => here(state).hosts.find((one) => one.id === id)?.priority;
        expect(priorityOf(to)).toBeDefined();
        expect(priorityOf(back)).toBe(priorityOf(to));
        expect([(to ?? "") < (back ?? ""), (names[to ?? ""] ?? "") < (other ?? "")]).toEqual([true, false]);
      }),
      runs,
    );
    expect(ties).toBeGreaterThan(5);
  });
});

describe("no flapping under symmetric inputs", () => {
  it("two equal hosts under the same changing inputs never take over from each other, whichever is active", () => {
    fc.assert(
      fc.property(anyTwins, anyHistory, (twins, history) => {
        const moves = lived(twins, history).filter(([from, to]) => from !== null && to !== null);

        expect(moves).toEqual([]);
      }),
      { numRuns: 300, seed: 2_082 },
    );
  });

  it("and without removal of routes there is never a decision after the first", () => {
    fc.assert(
      fc.property(anyTwins, anyHistory, (twins, history) => {
        expect(lived({ ...twins, removeRoutes: false, first: "a2" }, history)).toEqual([]);
      }),
      { numRuns: 200, seed: 2_083 },
    );
  });
});

describe("monotone under priority", () => {
  const by = fc.integer({ min: 1, max: 5 });
  const one = fc.constantFrom("a1", "a2", "a3", "a4");
  const moved = (scene: Scene, id: Id, step: number) =>
    changedHosts(scene, (host) => (host.id === id ? { priority: host.priority + step } : {}));

  it("a host whose priority is raised does not lose to one that it beat", () => {
    fc.assert(
      fc.property(scenes(true), one, by, (scene, id, step) => {
        fc.pre(carrier(scene, judge(scene)) === id);

        const raised = moved(scene, id, step);
        expect(carrier(raised, judge(raised))).toBe(id);
      }),
      { ...runs, numRuns: 600 },
    );
  });

  it("a host whose priority is lowered does not win where it did not before", () => {
    fc.assert(
      fc.property(scenes(true), one, by, (scene, id, step) => {
        fc.pre(carrier(scene, judge(scene)) !== id);

        const lowered = moved(scene, id, -step);
        expect(carrier(lowered, judge(lowered))).not.toBe(id);
      }),
      runs,
    );
  });

  it("what is changed of a standby's priority decides for or against it, never between two others", () => {
    fc.assert(
      fc.property(scenes(true), one, fc.integer({ min: -5, max: 5 }), (scene, id, step) => {
        const before = carrier(scene, judge(scene));
        fc.pre(before !== id && active(scene) !== id);

        const changed = moved(scene, id, step);
        expect(step > 0 ? [before, id] : [before]).toContain(carrier(changed, judge(changed)));
      }),
      runs,
    );
  });
});

const ids = ["a1", "a2", "a3", "a4"];
/** Every host of `here` under another's name. */
const anyNames: fc.Arbitrary<Readonly<Record<Id, Id>>> = fc
  .shuffledSubarray(ids, { minLength: ids.length })
  .map((shuffled) => Object.fromEntries(ids.map((id, at) => [id, shuffled[at] ?? id])));

const comesTo = (state: LinkState): string => {
  const verdict = elect(state, here(state), now);
  return verdict.kind === "keep" ? `- ${verdict.reason}` : `${verdict.to ?? "nobody"} ${verdict.reason}`;
};
const named = (words: string, names: Readonly<Record<Id, Id>>): string => {
  const [to = "", reason = ""] = words.split(" ");
  return `${names[to] ?? to} ${reason}`;
};

/** The same state with the hosts of `here` under other names; all else of them stays, their ordinals too. */
function renamed(state: LinkState, names: Readonly<Record<Id, Id>>): LinkState {
  const nameOf = (id: Id) => names[id] ?? id;
  const keys = <T>(map: Readonly<Record<Id, T>>) =>
    Object.fromEntries(Object.entries(map).map(([id, value]) => [nameOf(id), value]));
  const pointer = <T extends { readonly hostId: Id } | null>(at: T): T =>
    at === null ? at : { ...at, hostId: nameOf(at.hostId) };
  const wishOf = ({ pin, drains, switchover }: LocationWish): LocationWish => ({
    pin: pointer(pin),
    drains: keys(drains),
    switchover: pointer(switchover),
  });
  const factsIn = ({ head, hosts, wish, suspicion }: LocationFacts): LocationFacts => ({
    head: head && {
      ...head,
      activeHostId: head.activeHostId === null ? null : nameOf(head.activeHostId),
      demotedMs: keys(head.demotedMs),
    },
    hosts: new Map([...hosts].map(([id, record]) => [nameOf(id), { ...record, hostId: nameOf(id) }])),
    wish: wish && wishOf(wish),
    suspicion: suspicion && pointer(suspicion),
  });
  const locations = state.link.locations.map((place) => ({
    ...place,
    hosts: place.hosts.map((one) => ({ ...one, id: nameOf(one.id) })),
  }));
  const facts = [...state.facts].map(([id, known]) => [id, factsIn(known)] as const);
  return { ...state, link: { ...state.link, locations }, facts: new Map(facts) };
}

/** Two hosts that differ in nothing but their ids, and which of them is active at first. */
type Twins = {
  readonly settings: Partial<Host>;
  readonly first: "a1" | "a2" | null;
  readonly hostCheck: boolean;
  readonly removeRoutes: boolean;
  readonly holdUpMs: number;
};
const anyTwins: fc.Arbitrary<Twins> = fc.record({
  settings: fc.record({
    priority: fc.integer({ min: 1, max: 3 }),
    timeoutMs: fc.constantFrom(5_000, 10_000, 30_000),
    backoffMs: fc.constantFrom(0, 20_000, 60_000),
  }),
  first: fc.constantFrom("a1", "a2", null),
  hostCheck: fc.boolean(),
  removeRoutes: fc.boolean(),
  holdUpMs: fc.constantFrom(0, 30_000),
});

/** What happens to both alike, `ms` after what happened before. */
type Moment = {
  readonly ms: number;
  readonly isHeard: boolean;
  readonly isPointsmanUp: boolean;
  readonly reached: readonly number[];
  readonly hasLeft: boolean;
  readonly areDrained: boolean;
  readonly holdMs: number;
};
const rarely = fc.integer({ min: 0, max: 9 }).map((one) => one === 0);
const anyHistory: fc.Arbitrary<readonly Moment[]> = fc.array(
  fc.record({
    ms: fc.oneof(fc.integer({ min: 1, max: 4_000 }), fc.integer({ min: 1, max: 40_000 })),
    isHeard: rarely.map((one) => !one),
    isPointsmanUp: rarely.map((one) => !one),
    reached: fc.subarray([2, 3, 4]),
    hasLeft: rarely,
    areDrained: rarely,
    holdMs: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 60_000 }) }),
  }),
  { minLength: 5, maxLength: 40 },
);

/** Elects after every moment of a history; every decision after the first, as `[from, to]`. */
function lived(twins: Twins, history: readonly Moment[]): readonly (readonly [Id | null, Id | null])[] {
  const { settings, hostCheck, removeRoutes, holdUpMs } = twins;
  let activeId: Id | null = twins.first;
  let atMs = now;
  let lastSeenMs = now - 1_000;
  let upSinceMs = now - 3_600_000;
  let lastCreditedMs = now;
  let reach = reaching([2, 3, 4]).reach;
  const decisions: [Id | null, Id | null][] = [];
  for (const moment of history) {
    atMs += moment.ms;
    if (moment.isPointsmanUp) lastCreditedMs = atMs;
    if (moment.isPointsmanUp && moment.isHeard) {
      if (atMs - lastSeenMs > (settings.timeoutMs ?? 0)) upSinceMs = atMs;
      lastSeenMs = atMs;
      reach = [...reaching(moment.reached, 1).reach, ...reach].slice(0, 3);
    }
    const left = moment.hasLeft ? { agentTimeS: Math.floor(atMs / 1_000), atMs } : null;
    const both = { lastSeenMs, upSinceMs, reach, left };
    const drain = { atMs, by: "operator ann" };
    const scene: Scene = {
      hosts: [host("a1", settings), host("a2", settings)],
      here: { removeRoutes, holdUpMs },
      link: { hostCheck },
      records: { a1: both, a2: both },
      heads: { here: { activeHostId: activeId, decidedMs: now - 3_600_000 } },
      pulse: { lastCreditedMs, holdUntilMs: moment.holdMs === 0 ? 0 : atMs + moment.holdMs },
      ...(moment.areDrained ? { wish: { drains: { a1: drain, a2: drain } } } : {}),
    };
    const verdict = judge(scene, atMs);
    if (verdict.kind === "keep") continue;
    decisions.push([activeId, verdict.to]);
    activeId = verdict.to;
  }
  return decisions;
}
