import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clockOffsetMs, isClockRight, isFresh } from "../../shared/domain/clock-check.ts";
import { startMs } from "../fixtures/network.ts";

const times = (offMs: number, { tripMs = 20, atMs = startMs } = {}) => ({
  sentMs: atMs + offMs,
  receivedMs: atMs + offMs + tripMs,
  monotonicMs: 0,
  databaseMs: Math.floor((atMs + tripMs / 2) / 1000) * 1000,
});

describe("promise 6: an elector whose clock differs from the database's by more than 2 s decides nothing", () => {
  it.each([
    [0, true],
    [1_900, true],
    [-1_900, true],
    [3_100, false],
    [-3_100, false],
    [3_600_000, false],
    [-3_600_000, false],
  ])("a clock that is off by %i ms is right: %s", (offMs, isRight) => {
    expect(isClockRight(times(offMs))).toBe(isRight);
  });

  it("a right clock is never called wrong, and one that is 3 s off always, at whatever moment of a second", () => {
    const property = fc.property(
      fc.nat({ max: 5_000 }),
      fc.nat({ max: 400 }),
      fc.integer({ min: -10_000, max: 10_000 }),
      (at, tripMs, offMs) => {
        const observed = times(offMs, { tripMs, atMs: startMs + at });
        if (Math.abs(offMs) <= 2_000) expect(isClockRight(observed)).toBe(true);
        if (Math.abs(offMs) > 3_000 + tripMs) expect(isClockRight(observed)).toBe(false);
        expect(clockOffsetMs(observed)).toBeLessThanOrEqual(Math.abs(offMs));
      },
    );
    fc.assert(property, { seed: 31, numRuns: 1_000 });
  });

  it("a database that does not tell the time is no evidence against a clock", () => {
    expect(isClockRight({ ...times(3_600_000), databaseMs: undefined })).toBe(true);
  });

  it("a long way is not taken for a wrong clock", () => {
    expect(isClockRight(times(0, { tripMs: 60_000 }))).toBe(true);
  });
});

describe("promise 6: evidence that is more than 2 s old is not committed on", () => {
  it.each([
    ["at once", 0, 0, true],
    ["after 2 s", 2_000, 2_000, true],
    ["after 2 s and a millisecond", 2_001, 2_001, false],
    ["after a freeze that only the monotonic clock shows", 0, 60_000, false],
    ["after a freeze that only the wall clock shows", 60_000, 0, false],
    ["after the wall clock was set back, by the other", -60_000, 2_001, false],
  ])("%s", (_, wallMs, monotonicMs, fresh) => {
    expect(isFresh(times(0), { nowMs: startMs + wallMs, monotonicMs })).toBe(fresh);
  });
});
