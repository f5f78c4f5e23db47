import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elect } from "../../shared/domain/election/elect.ts";
import { isHeld } from "../../shared/domain/election/hold.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Link } from "../../shared/domain/network.ts";
import { nextPulse, renewPulseEveryMs } from "../../shared/domain/pulse.ts";
import type { Pulse } from "../../shared/domain/records.ts";
import { placeIn, type Scene, stateOf } from "../election/scene.ts";
import { host, link, location, pulse, startMs, staticHost } from "../fixtures/network.ts";

const anyTimeouts = fc.array(fc.integer({ min: 5_000, max: 120_000 }), { minLength: 1, maxLength: 4 });
const linkOf = (timeouts: readonly number[]): Link =>
  link("l1", [
    location(
      "east",
      timeouts.map((timeoutMs, at) => host(`e${at}`, { timeoutMs })),
    ),
    // A device that never heartbeats has no say in how long a silence is.
    location("office", [staticHost("r", "192.0.2.1", { timeoutMs: 1 })]),
  ]);
/** Heartbeats of any hosts of the link, each some time after the one before, often about half a time-out. */
const anyBeats = (timeouts: readonly number[]) =>
  fc.array(
    fc.oneof(
      fc.integer({ min: 0, max: 5_000 }),
      fc.integer({ min: 0, max: 200_000 }),
      fc
        .tuple(fc.constantFrom(...timeouts), fc.integer({ min: -1, max: 1 }))
        .map(([ms, by]) => Math.max(0, Math.floor(ms / 2) + by)),
    ),
    { minLength: 1, maxLength: 25 },
  );
const anyLife = anyTimeouts.chain((timeouts) => fc.tuple(fc.constant(timeouts), anyBeats(timeouts)));
const runs = { numRuns: 500, seed: 8_001 };

/** Every pulse of a life, with the time of its heartbeat and the silence before it. */
function lived(timeouts: readonly number[], beats: readonly number[]) {
  const of = linkOf(timeouts);
  let prior: Pulse = pulse(startMs);
  let nowMs = startMs;
  return beats.map((silentMs) => {
    nowMs += silentMs;
    const [before, next] = [prior, nextPulse(of, prior, nowMs)];
    prior = next;
    return { nowMs, silentMs, before, next };
  });
}

describe("promise 5: the pulse over any heartbeats", () => {
  it("begins a hold exactly when nobody was credited for more than half the shortest time-out", () => {
    fc.assert(
      fc.property(anyLife, ([timeouts, beats]) => {
        for (const { nowMs, silentMs, before, next } of lived(timeouts, beats)) {
          const isOutage = silentMs > Math.min(...timeouts) / 2;
          expect(next.holdSinceMs).toBe(isOutage ? nowMs : before.holdSinceMs);
          expect(next.lastCreditedMs).toBe(nowMs);
        }
      }),
      runs,
    );
  });

  it("never ends a hold sooner than it was to end, and holds for the longest time-out at least", () => {
    fc.assert(
      fc.property(anyLife, ([timeouts, beats]) => {
        for (const { nowMs, before, next } of lived(timeouts, beats)) {
          expect(next.holdUntilMs).toBeGreaterThanOrEqual(before.holdUntilMs);
          if (next.holdSinceMs !== nowMs) continue;
          expect(next.holdUntilMs - nowMs).toBe(Math.max(...timeouts, limits.shortestHoldMs));
        }
      }),
      runs,
    );
  });

  it("never goes back for a heartbeat whose function has a clock that is up to 2 s behind, nor takes it for a silence", () => {
    fc.assert(
      fc.property(
        anyTimeouts,
        fc.integer({ min: 0, max: limits.clockSkewMs }),
        fc.nat({ max: 9_000 }),
        (timeouts, behindMs, holdMs) => {
          const prior = pulse(startMs + behindMs, { holdUntilMs: startMs + holdMs, holdSinceMs: startMs - 1_000 });
          expect(nextPulse(linkOf(timeouts), prior, startMs)).toEqual(prior);
        },
      ),
      runs,
    );
  });

  it("leaves no moment after an outage, before every host can have been heard again, in which silence could fail over", () => {
    let moved = 0;
    fc.assert(
      fc.property(anyLife, fc.nat({ max: 200_000 }), ([timeouts, beats], laterMs) => {
        const [timeoutMs = 0] = timeouts;
        const last = lived(timeouts, beats).at(-1);
        if (last === undefined) return;
        // a1 was last heard before the last silence, and so could not be credited in it.
        const lastSeenMs = last.nowMs - last.silentMs;
        const atMs = last.nowMs + laterMs;
        const scene: Scene = {
          hosts: [host("a1", { timeoutMs }), host("a2", { timeoutMs: Math.max(...timeouts) })],
          others: [
            location(
              "there",
              timeouts.map((ms, at) => host(`b${at}`, { timeoutMs: ms })),
            ),
          ],
          records: { a1: { lastSeenMs }, a2: { lastSeenMs: atMs } },
          // Others go on being heard.
          pulse: { ...last.next, lastCreditedMs: atMs },
        };
        const state = stateOf(scene);
        const verdict = elect(state, placeIn(state, "here"), atMs);
        const isOutage = last.silentMs > Math.min(...timeouts) / 2;
        if (verdict.kind === "change" && isOutage) {
          moved++;
          expect(atMs - last.nowMs).toBeGreaterThanOrEqual(Math.max(...timeouts));
        }
        if (isHeld(state, atMs)) expect(verdict.kind).toBe("keep");
      }),
      runs,
    );
    expect(moved).toBeGreaterThan(50);
  });

  it("is renewed so often that a link whose hosts all heartbeat in time is never taken for silent", () => {
    fc.assert(
      fc.property(
        anyTimeouts,
        fc.array(fc.integer({ min: 1, max: 5_999 }), { minLength: 100, maxLength: 100 }),
        (timeouts, pauses) => {
          const of = linkOf(timeouts);
          // A host of the shortest time-out heartbeats well within half of it.
          const mostMs = Math.min(5_999, Math.min(...timeouts) / 2 - renewPulseEveryMs(of));
          let recorded = pulse(startMs);
          let nowMs = startMs;
          for (const pauseMs of pauses) {
            nowMs += Math.min(pauseMs, mostMs);
            if (nowMs - recorded.lastCreditedMs >= renewPulseEveryMs(of)) recorded = nextPulse(of, recorded, nowMs);
            expect(recorded.holdSinceMs).toBe(0);
          }
          expect(mostMs).toBeGreaterThan(1_000);
        },
      ),
      { ...runs, numRuns: 100 },
    );
  });
});
