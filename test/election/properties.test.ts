import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { availabilityOf } from "../../shared/domain/election/availability.ts";
import { decisionOf } from "../../shared/domain/election/decide.ts";
import { elect } from "../../shared/domain/election/elect.ts";
import { momentsAhead } from "../../shared/domain/election/next-moment.ts";
import { factsOf, type LinkState } from "../../shared/domain/election/state.ts";
import { scenes } from "./arbitrary.ts";
import { modelled } from "./model.ts";
import { inWords, judge, now, placeIn, type Scene, stateOf } from "./scene.ts";
import { sample, turns } from "./turns.ts";

const runs = { numRuns: 800, seed: 1_867 };
const here = (state: LinkState) => placeIn(state, "here");
const short = (words: string) => (words.startsWith("keep") ? "keep" : words);

describe("an election of any state", () => {
  it("comes to what the rules say when they are written down a second time", () => {
    fc.assert(
      fc.property(scenes(), (scene) => {
        const state = stateOf(scene);

        expect(short(inWords(elect(state, here(state), now)))).toBe(modelled(state, here(state), now));
      }),
      runs,
    );
  });

  it("makes nobody active who is not available, whoever asks for it; a move of the location alone changes no host", () => {
    fc.assert(
      fc.property(scenes(true), (scene) => {
        const state = stateOf(scene);
        const verdict = elect(state, here(state), now);

        if (verdict.kind === "keep" || verdict.to === null || verdict.reason === "location-moved") return;
        const elected = here(state).hosts.find((host) => host.id === verdict.to);
        expect(elected && availabilityOf(elected, factsOf(state, here(state)), now)).toBe("available");
      }),
      runs,
    );
  });

  it("leaves nobody active who is not available while another is, but for a pause, a hold or deafness", () => {
    fc.assert(
      fc.property(scenes(true), (scene) => {
        const state = stateOf(scene);
        const facts = factsOf(state, here(state));
        const verdict = elect(state, here(state), now);

        if (verdict.kind === "change" || ["paused", "hold", "deaf"].includes(verdict.reason)) return;
        const isAvailable = (id: string) => {
          const host = here(state).hosts.find((one) => one.id === id);
          const demotedMs = facts.head?.demotedMs[id];
          const wasHeardSince = demotedMs === undefined || (facts.hosts.get(id)?.lastSeenMs ?? 0) > demotedMs;
          return host !== undefined && wasHeardSince && availabilityOf(host, facts, now) === "available";
        };
        const activeId = facts.head?.activeHostId;
        const active = here(state).hosts.find((one) => one.id === activeId);
        if (active !== undefined && availabilityOf(active, facts, now) === "available") return;
        expect(here(state).hosts.filter((host) => host.id !== activeId && isAvailable(host.id))).toEqual([]);
      }),
      runs,
    );
  });

  it("comes to the same twice, and in whatever order hosts and records are listed", () => {
    fc.assert(
      fc.property(scenes(true), (scene) => {
        const state = stateOf(scene);
        const reversed = backwards(state);

        expect(elect(state, here(state), now)).toEqual(elect(state, here(state), now));
        expect(elect(reversed, here(reversed), now)).toEqual(elect(state, here(state), now));
      }),
      runs,
    );
  });

  it("still elects a host whose priority is raised, and keeps an active one whose priority is raised", () => {
    fc.assert(
      fc.property(scenes(true), fc.integer({ min: 1, max: 5 }), (scene, by) => {
        const verdict = judge(scene);
        const favoured = verdict.kind === "change" ? verdict.to : scene.heads?.["here"]?.activeHostId;
        const raised = {
          ...scene,
          hosts: (scene.hosts ?? []).map((one) =>
            one.id === favoured ? { ...one, priority: one.priority + by } : one,
          ),
        };

        const after = judge(raised);

        if (verdict.kind === "keep") expect(after.kind).toBe("keep");
        else expect(after.kind === "change" ? after.to : "keep").toBe(verdict.to);
      }),
      runs,
    );
  });

  it("gives every decision the next epoch, and names who was active before", () => {
    fc.assert(
      fc.property(scenes(true), (scene) => {
        const state = stateOf(scene);
        const verdict = elect(state, here(state), now);

        if (verdict.kind === "keep") return;
        const { head } = factsOf(state, here(state));
        const decision = decisionOf(state, here(state), verdict, "sweep", now);
        expect(decision.epoch).toBe((head?.epoch ?? 0) + 1);
        expect(decision.previousHostId).toBe(head?.activeHostId ?? null);
        expect(decision.activeHostId).toBe(verdict.to);
      }),
      runs,
    );
  });
});

describe("the next moment of a verdict", () => {
  it("is never later than the first at which the answer changes by time alone", () => {
    fc.assert(
      fc.property(scenes(true), fc.nat(), (scene, pick) => {
        const state = stateOf(scene);
        const verdict = elect(state, here(state), now);

        if (verdict.kind === "change") return;
        const untilMs = verdict.nextMs ?? now + 3_600_000;
        for (const atMs of [...sample(turns(state, untilMs), pick, 60), untilMs - 1]) {
          expect(short(inWords(elect(state, here(state), atMs))), `at now + ${atMs - now}`).toBe("keep");
        }
      }),
      { ...runs, numRuns: 1_500 },
    );
  });

  it("lies ahead, and is the first of all moments ahead", () => {
    fc.assert(
      fc.property(scenes(true), (scene) => {
        const state = stateOf(scene);
        const verdict = elect(state, here(state), now);

        if (verdict.kind === "change") return;
        const moments = momentsAhead(state, here(state), now);
        expect(verdict.nextMs).toBe(moments[0]);
        expect(moments.every((moment) => moment > now)).toBe(true);
        expect(moments).toEqual([...moments].sort((a, b) => a - b));
      }),
      runs,
    );
  });

  it("is none for a quiet pair but the active host's time-out", () => {
    const quiet: Scene = {};
    const state = stateOf(quiet);

    expect(momentsAhead(state, here(state), now)).toEqual([now + 29_001]);
  });
});

/** The same state with every list and map in the opposite order. */
function backwards(state: LinkState): LinkState {
  const flip = <K, V>(map: ReadonlyMap<K, V>) => new Map([...map].reverse());
  const locations = state.link.locations.map((one) => ({ ...one, hosts: [...one.hosts].reverse() })).reverse();
  const facts = [...state.facts].map(([id, one]) => [id, { ...one, hosts: flip(one.hosts) }] as const);
  return { ...state, link: { ...state.link, locations }, facts: new Map(facts.reverse()) };
}
