import { describe, expect, it } from "vitest";
import { elapsedTime } from "../../shared/platform/clock.ts";

function machine() {
  const at = { monotonicMs: 5_000, wallMs: 1_700_000_000_000 };
  const elapsedMs = elapsedTime(
    () => at.monotonicMs,
    () => at.wallMs,
  );
  const startMs = elapsedMs();
  return { at, passedMs: () => elapsedMs() - startMs };
}

describe("time that has passed", () => {
  it("is what the monotonic clock says, however the wall clock ticks beside it", () => {
    const { at, passedMs } = machine();
    for (let step = 0; step < 1_000; step++) {
      at.monotonicMs += 0.5;
      at.wallMs += step % 2;
      expect(passedMs()).toBe((step + 1) / 2);
    }
  });

  it("goes on while a paused machine stops its monotonic clock (promise 6)", () => {
    const { at, passedMs } = machine();
    at.wallMs += 60_000;
    expect(passedMs()).toBe(60_000);

    at.monotonicMs += 1_000;
    at.wallMs += 1_000;
    expect(passedMs()).toBe(61_000);
  });

  it("never goes back, and counts a wall clock that is set back as time that has passed", () => {
    const { at, passedMs } = machine();
    at.wallMs -= 3_600_000;
    expect(passedMs()).toBe(3_600_000);

    at.monotonicMs += 1_000;
    at.wallMs += 1_000;
    expect(passedMs()).toBe(3_601_000);
  });

  it("counts a pause that stops the monotonic clock while the wall clock is set back (promise 2)", () => {
    const { at, passedMs } = machine();
    at.wallMs += 36_000 - 129_000;
    expect(passedMs()).toBeGreaterThanOrEqual(36_000);
  });

  it("counts a wall clock that is set ahead as time that has passed", () => {
    const { at, passedMs } = machine();
    at.wallMs += 5_000;
    at.monotonicMs += 100;
    expect(passedMs()).toBe(5_000);
  });
});
