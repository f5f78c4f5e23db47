import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitsOf } from "../../shared/domain/bits.ts";
import { elect } from "../../shared/domain/election/elect.ts";
import type { HostRecord } from "../../shared/domain/records.ts";
import { location, suspicion } from "../fixtures/network.ts";
import { ago, inWords, now, placeIn, reaching, type Scene, stateOf } from "./scene.ts";
import { turns } from "./turns.ts";

/**
 * Waits from one moment that a verdict names to the next: in between nothing changes by time alone. Gives how many of
 * the scenes came to a change that way.
 */
function soundOver(scenes: fc.Arbitrary<Scene>, numRuns: number): number {
  let turned = 0;
  fc.assert(
    fc.property(scenes, (scene) => {
      const state = stateOf(scene);
      const place = placeIn(state, "here");
      let atMs = now;
      for (let waits = 0; waits < 12; waits++) {
        const verdict = elect(state, place, atMs);
        if (verdict.kind === "change" && waits > 0) turned++;
        if (verdict.kind === "change") return;
        const untilMs = verdict.nextMs ?? now + 3_600_000;
        for (const betweenMs of [...turns(state, untilMs), untilMs - 1].filter((ms) => ms > atMs)) {
          const between = elect(state, place, betweenMs);
          expect(between.kind, `${inWords(between)} at now + ${betweenMs - now}`).toBe("keep");
        }
        if (verdict.nextMs === undefined) return;
        atMs = verdict.nextMs;
      }
    }),
    { numRuns, seed: 2_090 },
  );
  return turned;
}

const near = (ms: number, by: number) => fc.integer({ min: ms - by, max: ms + by });
const heard = fc
  .oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 11_000 }))
  .map((ms) => ({ lastSeenMs: ago(ms) }));
const available = fc.integer({ min: 0, max: 31_000 }).map((ms) => ({ lastSeenMs: ago(ms) }));

describe("the next moment is sound where it is hard to foresee", () => {
  it("when tunnels are about to be down for long enough, by either side's report or by the far side's decision", () => {
    /** What an active host reports of its tunnels: down since, or never connected; `null`: up. */
    const report = (ordinals: readonly number[]) =>
      fc.tuple(...ordinals.map(() => fc.option(near(45_000, 12_000), { freq: 8 }))).map(
        (since): Pick<HostRecord, "tunnels"> => ({
          tunnels: {
            up: bitsOf(ordinals.filter((_, at) => since[at] === null)),
            ever: bitsOf(ordinals),
            epoch: 1,
            down: Object.fromEntries(
              ordinals.flatMap((ordinal, at) => {
                const ms = since[at];
                return ms == null ? [] : [[String(ordinal), ago(ms)]];
              }),
            ),
          },
        }),
      );
    const silent = fc.constant({ tunnels: { up: bitsOf([]), ever: bitsOf([]), epoch: 1, down: {} } });
    const far = (ordinals: readonly number[]) => fc.oneof(report(ordinals), silent);
    const head = fc
      .record({ decided: near(45_000, 12_000), moved: fc.option(near(60_000, 12_000)) })
      .map(({ decided, moved }) => ({ decidedMs: ago(decided), tunnelMoveMs: moved === null ? 0 : ago(moved) }));
    const scenes = fc
      .record({
        isPair: fc.boolean(),
        a1: fc.tuple(heard, report([1, 2])),
        b1: fc.tuple(heard, far([0, 2])),
        c1: fc.tuple(heard, far([0, 1])),
        a2: available,
        b2: available,
        heads: fc.record({ here: head, there: head, yonder: head }),
        isExcluded: fc.boolean(),
      })
      .map(({ isPair, a1, b1, c1, a2, b2, heads, isExcluded }): Scene => {
        const others = [location("there", ["b1", "b2"]), location("yonder", ["c1"])];
        return {
          others: isPair ? others.slice(0, 1) : others,
          here: { excludes: isExcluded && !isPair ? ["yonder"] : [] },
          records: {
            a1: { ...a1[0], ...a1[1] },
            b1: { ...b1[0], ...b1[1] },
            c1: { ...c1[0], ...c1[1] },
            a2,
            b2,
          },
          heads,
        };
      });

    expect(soundOver(scenes, 1_000)).toBeGreaterThan(50);
  });

  it("when a suspicion is to be judged, and remote hosts come to have a say or lose it", () => {
    const witness = fc
      .record({
        ms: fc.integer({ min: -3_500, max: 11_000 }),
        lostMs: fc.option(near(600_000, 5_000)),
        hears: fc.boolean(),
      })
      .map(({ ms, lostMs, hears }) => ({
        lastSeenMs: ago(ms),
        ...(hears ? reaching([0, 1]) : reaching([1])),
        lost: hears ? {} : { "0": ago(lostMs ?? 4_000) },
      }));
    const scenes = fc
      .record({
        ms: fc.integer({ min: 1_000, max: 6_000 }),
        waitMs: fc.integer({ min: 0, max: 6_000 }),
        witnesses: fc.record({ b1: witness, b2: witness, c1: witness }),
        a2: available,
      })
      .map(({ ms, waitMs, witnesses, a2 }): Scene => {
        const mark = suspicion("a1", ago(ms), { evaluateMs: ago(ms) + waitMs });
        const records = { a1: { lastSeenMs: ago(ms + 500) }, a2, ...witnesses };
        return { link: { hostCheck: true }, suspicion: mark, records };
      });

    expect(soundOver(scenes, 800)).toBeGreaterThan(50);
  });

  it("when hosts come out of back-off, out of the future, or out of a hold", () => {
    const host = fc
      .record({ ms: fc.integer({ min: -9_000, max: 31_000 }), upMs: near(30_000, 3_000) })
      .map(({ ms, upMs }) => ({ lastSeenMs: ago(ms), upSinceMs: ago(upMs + Math.max(0, ms)) }));
    const scenes = fc
      .record({
        records: fc.record({ a1: available, a2: host }),
        demoted: fc.option(near(60_000, 12_000)),
        isPinned: fc.boolean(),
        activeHostId: fc.constantFrom("a1", "a1", null),
        removeRoutes: fc.boolean(),
        priorities: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
        creditedMs: fc.integer({ min: -6_000, max: 16_000 }),
        holdMs: fc.option(fc.integer({ min: 1, max: 20_000 })),
      })
      .map(({ records, demoted, isPinned, activeHostId, removeRoutes, priorities, creditedMs, holdMs }): Scene => {
        const [first, second] = priorities;
        const { hosts } = location("here", ["a1", "a2"]);
        return {
          hosts: hosts.map((one, at) => ({ ...one, priority: at === 0 ? first : second })),
          here: { removeRoutes },
          records,
          heads: { here: { activeHostId, demotedMs: demoted === null ? {} : { a2: ago(demoted) } } },
          pulse: { lastCreditedMs: ago(creditedMs), holdUntilMs: holdMs === null ? 0 : now + holdMs },
          ...(isPinned ? { wish: { pin: { hostId: "a2", atMs: ago(1_000), by: "operator ann" } } } : {}),
        };
      });

    expect(soundOver(scenes, 1_000)).toBeGreaterThan(50);
  });
});
