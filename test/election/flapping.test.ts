import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitsOf } from "../../shared/domain/bits.ts";
import { decisionOf } from "../../shared/domain/election/decide.ts";
import { elect } from "../../shared/domain/election/elect.ts";
import type { LinkState } from "../../shared/domain/election/state.ts";
import type { ChangeReason, HostRecord } from "../../shared/domain/records.ts";
import { host, pulse } from "../fixtures/network.ts";
import { now, placeIn, stateOf } from "./scene.ts";

/** What a host does in a simulated second: whether it heartbeats, and how many remote hosts it then reaches. */
type Second = { readonly isHeard: boolean; readonly reached: readonly number[] };
type Script = (hostId: string, second: number) => Second;

/** Elects every second of a time, over records that hosts write as the script says; the reasons of all changes. */
function live(
  seconds: number,
  script: Script,
  priorities: readonly [number, number] = [10, 10],
): readonly ChangeReason[] {
  const [first, second] = priorities;
  const hosts = [host("a1", { priority: first }), host("a2", { priority: second })];
  let state = stateOf({ hosts, link: { hostCheck: true }, heads: { here: null } });
  const reasons: ChangeReason[] = [];
  for (let at = 0; at < seconds; at++) {
    const atMs = now + at * 1_000;
    state = heard(state, script, at, atMs);
    const place = placeIn(state, "here");
    const verdict = elect(state, place, atMs);
    if (verdict.kind === "keep") continue;
    reasons.push(verdict.reason);
    const head = decisionOf(state, place, verdict, "sweep", atMs);
    state = withFacts(state, (facts) => ({ ...facts, head }));
  }
  return reasons;
}

type Facts = NonNullable<ReturnType<LinkState["facts"]["get"]>>;

function withFacts(state: LinkState, change: (facts: Facts) => Facts): LinkState {
  const facts = state.facts.get("here");
  if (facts === undefined) throw new Error("no facts");
  return { ...state, facts: new Map(state.facts).set("here", change(facts)) };
}

function heard(state: LinkState, script: Script, second: number, atMs: number): LinkState {
  const next = withFacts(state, (facts) => {
    const hosts = [...facts.hosts].map(([id, record]): [string, HostRecord] => {
      const { isHeard, reached } = script(id, second);
      if (!isHeard) return [id, record];
      const reach = [bitsOf(reached), ...record.reach].slice(0, 3);
      const isBack = atMs - record.lastSeenMs > 30_000;
      return [id, { ...record, lastSeenMs: atMs, reach, upSinceMs: isBack ? atMs : record.upSinceMs }];
    });
    return { ...facts, hosts: new Map(hosts) };
  });
  return { ...next, pulse: pulse(atMs) };
}

const all = [2, 3, 4];
/** A number from 0 to 999 that depends on its input alone. */
const noise = (seed: number, second: number, hostId = ""): number => {
  let value = seed * 2_654_435_761 + second * 40_503 + hostId.charCodeAt(1) * 97;
  value = Math.imul(value ^ (value >>> 15), 2_246_822_519);
  return Math.abs(value ^ (value >>> 13)) % 1_000;
};

describe("(8: flapping between equal hosts)", () => {
  it("an hour of equal hosts that heartbeat each one to four seconds has one decision, the first", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const script: Script = (hostId, second) => ({
          isHeard: second % (1 + (noise(seed, second >> 6, hostId) % 4)) === 0,
          reached: all,
        });

        expect(live(3_600, script)).toEqual(["first-host"]);
      }),
      { numRuns: 6, seed: 3 },
    );
  });

  it("nor do they move when the network between the locations comes and goes for both alike", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const script: Script = (_hostId, second) => ({
          isHeard: true,
          reached: all.filter((ordinal) => noise(seed + ordinal, second) > 100),
        });

        expect(live(3_600, script)).toEqual(["first-host"]);
      }),
      { numRuns: 6, seed: 4 },
    );
  });

  it("nor when single checks of each fail at random: a location is lost by two misses, won by three hits", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const script: Script = (hostId, second) => ({
          isHeard: true,
          reached: second % 2 === 0 ? all.filter((ordinal) => noise(seed + ordinal, second, hostId) > 300) : all,
        });

        expect(live(3_600, script)).toEqual(["first-host"]);
      }),
      { numRuns: 6, seed: 5 },
    );
  });

  it("a host of higher priority that comes and goes takes over at most once in each back-off", () => {
    const script: Script = (hostId, second) => ({ isHeard: hostId === "a2" || second % 100 < 45, reached: all });

    const reasons = live(3_600, script, [20, 10]);

    const takeovers = reasons.filter((reason) => reason === "higher-priority").length;
    expect(takeovers).toBeLessThanOrEqual(3_600 / 60);
    expect(reasons.filter((reason) => reason === "timed-out").length - takeovers).toBeLessThanOrEqual(1);
  });

  it("a host of higher priority that is never up for as long as the hold-up never takes over", () => {
    const script: Script = (hostId, second) => ({
      isHeard: hostId === "a2" ? true : second > 100 && second % 70 < 29,
      reached: all,
    });

    expect(live(3_600, script, [20, 10])).not.toContain("higher-priority");
  });
});
