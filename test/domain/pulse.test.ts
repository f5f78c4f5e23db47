import { describe, expect, it } from "vitest";
import { limits } from "../../shared/domain/limits.ts";
import { nextPulse, renewPulseEveryMs } from "../../shared/domain/pulse.ts";
import { host, link, location, pulse, startMs, staticHost } from "../fixtures/network.ts";

const of = (...timeouts: number[]) =>
  link("l1", [
    location(
      "east",
      timeouts.map((timeoutMs, at) => host(`e${at}`, { timeoutMs })),
    ),
  ]);

describe("promise 5: absence of evidence is not evidence", () => {
  it("the first heartbeat ever holds nothing", () => {
    expect(nextPulse(of(30_000), undefined, startMs)).toEqual({
      lastCreditedMs: startMs,
      holdUntilMs: 0,
      holdSinceMs: 0,
    });
  });

  it.each([
    ["half the shortest time-out", [30_000], 15_000, false],
    ["a millisecond more", [30_000], 15_001, true],
    ["half the shortest of several", [30_000, 10_000], 5_000, false],
    ["a millisecond more than that", [30_000, 10_000], 5_001, true],
    ["an hour", [30_000], 3_600_000, true],
  ] as const)("a silence of %s: hold %s", (_, timeouts, silentMs, isHeld) => {
    const next = nextPulse(of(...timeouts), pulse(startMs - silentMs), startMs);

    expect(next.lastCreditedMs).toBe(startMs);
    expect(next.holdSinceMs).toBe(isHeld ? startMs : 0);
    expect(next.holdUntilMs).toBe(isHeld ? startMs + 30_000 : 0);
  });

  it("a hold lasts one time-out, the longest, and at least until an agent that hung may have tried again", () => {
    const heldFor = (...timeouts: number[]) =>
      nextPulse(of(...timeouts), pulse(startMs - 600_000), startMs).holdUntilMs - startMs;

    expect(heldFor(5_000)).toBe(15_000);
    expect(heldFor(5_000)).toBeGreaterThan(limits.agentRequestMs + limits.agentSleepMs + limits.hostCheckMs);
    expect(heldFor(5_000, 120_000)).toBe(120_000);
  });

  it("a hold in force is kept by what follows, and a second outage begins a longer one", () => {
    const first = nextPulse(of(30_000), pulse(startMs - 60_000), startMs);

    const second = nextPulse(of(30_000), first, startMs + 6_000);
    const third = nextPulse(of(30_000), second, startMs + 26_000);

    expect(second).toEqual({ ...first, lastCreditedMs: startMs + 6_000 });
    expect(third.holdUntilMs).toBe(startMs + 56_000);
  });

  it("a pulse in the future says nothing of the time before, and holds", () => {
    expect(nextPulse(of(30_000), pulse(startMs + 3_600_000), startMs)).toMatchObject({
      lastCreditedMs: startMs,
      holdSinceMs: startMs,
    });
  });

  it("a pulse a little in the future, by another function's clock, is neither silence nor set back", () => {
    expect(nextPulse(of(30_000), pulse(startMs + 1_500), startMs)).toEqual(pulse(startMs + 1_500));
  });

  it("is renewed well within half the shortest time-out, by which it is judged", () => {
    expect(renewPulseEveryMs(of(30_000, 5_000))).toBe(1_000);
    expect(renewPulseEveryMs(link("l1", [location("office", [staticHost("r", "192.0.2.1")])]))).toBeGreaterThan(0);
  });
});
