import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { credit, endsLeave, leaveCounts } from "../../shared/domain/crediting.ts";
import {
  type AgentClock,
  believed,
  constantSkew,
  drifting,
  type Heard,
  heartbeats,
  until,
} from "../fixtures/agent-clock.ts";
import { record, startMs } from "../fixtures/network.ts";

const nowS = startMs / 1000;
const hour = 3_600;
const slack = 5_000;
const each = (count: number, pauseMs = 1_000, latencyMs = 0) =>
  Array.from({ length: count }, () => ({ pauseMs, latencyMs }));

/** A host that was last heard `ago` seconds ago by a clock that was `skewS` off, and had been for long. */
const heardAgo = (ago: number, skewS = 0) => {
  const agentTimeS = nowS - ago + skewS;
  const anchor = { agentTimeS: agentTimeS - hour, serverMs: startMs - (ago + hour) * 1000 };
  return record("h1", startMs - ago * 1000, { agentTimeS, anchor });
};

describe("promise 6: what one heartbeat is worth", () => {
  it.each([
    ["the first, by a right clock", undefined, 0, "now", false],
    ["the first, by a clock an hour off", undefined, -hour, "now", true],
    ["the next second, right clock", heardAgo(1), 0, "now", false],
    ["the next second, an hour behind", heardAgo(1, -hour), -hour, "now", true],
    ["the next second, an hour ahead", heardAgo(1, hour), hour, "now", true],
    ["after a minute of silence", heardAgo(60), 0, "now", false],
    ["after a minute of silence, an hour behind", heardAgo(60, -hour), -hour, "now", true],
    ["sent 4 s ago", heardAgo(10), -4, "now", false],
    ["sent 5 s ago", heardAgo(10), -5, "now", false],
    ["sent 6 s ago: worth 5 s after that", heardAgo(10), -6, 1_000, true],
    ["sent 6 s ago by a clock an hour behind", heardAgo(10, -hour), -hour - 6, 1_000, true],
    ["sent 20 s ago: older than what is known", heardAgo(10), -20, "stale", true],
    ["the newest again, 10 s later", heardAgo(10), -10, "stale", true],
    ["the newest again, at once, as a second endpoint has it", heardAgo(0), 0, "now", false],
    ["one second older than the newest, at once", heardAgo(0), -1, "now", false],
    ["the newest again an hour behind", heardAgo(1, -hour), -hour - 1, "stale", true],
    ["an hour ahead for long, now right", heardAgo(1, hour), 0, "now", false],
    ["a minute ahead for long, now right", heardAgo(1, 60), 0, "now", false],
    ["an hour behind, now right", heardAgo(1, -hour), 0, "now", false],
    ["right, now an hour ahead", heardAgo(1), hour, "now", true],
    ["right, now an hour behind", heardAgo(1), -hour, "stale", true],
    ["an hour ahead, now two", heardAgo(1, hour), 2 * hour, "now", true],
    ["an hour ahead, now half an hour", heardAgo(1, hour), hour / 2, "stale", true],
    ["4 s ahead, now right", heardAgo(1, 4), 0, "now", false],
    ["right, now 4 s ahead", heardAgo(1), 4, "now", false],
  ] as const)("%s", (_, prior, skewS, worth, isSkewed) => {
    const credited = credit(prior, { agentTimeS: nowS + skewS }, startMs);

    expect(credited.isSkewed).toBe(isSkewed);
    if (worth === "stale") expect(credited.kind).toBe("stale");
    else expect(credited).toMatchObject({ kind: "credited", lastSeenMs: startMs - (worth === "now" ? 0 : worth) });
  });

  it("does not forget the newest agent time over a heartbeat that was overtaken", () => {
    const host = believed();
    host.hear({ agentTimeS: nowS, atMs: startMs });
    host.hear({ agentTimeS: nowS + 3, atMs: startMs + 3_000 }, true);

    const late = host.hear({ agentTimeS: nowS + 1, atMs: startMs + 3_200 }, true);

    expect(late.kind).toBe("credited");
    expect(host.record?.agentTimeS).toBe(nowS + 3);
    expect(leaveCounts(host.record ?? record("h1"), { agentTimeS: nowS + 2 }, startMs + 3_200)).toBe(false);
  });

  it("calls a clock skewed that is within 5 s and holds back what is believed all the same", () => {
    const ahead = record("h1", startMs, {
      anchor: { agentTimeS: nowS, serverMs: startMs - 4_500 },
      agentTimeS: nowS + 4,
    });

    const credited = credit(ahead, { agentTimeS: nowS + 6 }, startMs + 10_000);

    expect(credited).toMatchObject({ kind: "credited", lastSeenMs: startMs + 6_500, isSkewed: true });
  });

  it("does not take a last-seen in the future as evidence, and gives it up", () => {
    const future = record("h1", startMs + 10_000, {
      agentTimeS: nowS - 1,
      anchor: { agentTimeS: nowS - 1, serverMs: startMs - 1_000 },
    });

    expect(credit(future, { agentTimeS: nowS }, startMs)).toMatchObject({ kind: "credited", lastSeenMs: startMs });
  });

  it("takes an anchor in the future back, so that nothing can be kept for later", () => {
    const future = record("h1", startMs, {
      agentTimeS: nowS - 1,
      anchor: { agentTimeS: nowS - 1, serverMs: startMs + hour * 1000 },
    });

    const credited = credit(future, { agentTimeS: nowS }, startMs);

    expect(credited).toMatchObject({ lastSeenMs: startMs, anchor: { agentTimeS: nowS, serverMs: startMs } });
    expect(credited).toMatchObject({ isReanchored: true });
  });
});

describe("promise 6: a constant skew is harmless", () => {
  const anyPauses = fc.array(
    fc.record({ pauseMs: fc.integer({ min: 1_000, max: 4_500 }), latencyMs: fc.integer({ min: 5, max: 9_000 }) }),
    { minLength: 2, maxLength: 60 },
  );
  const anySkew = fc.oneof(
    fc.integer({ min: -7_000, max: 7_000 }),
    fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
  );

  it("a living host is believed to have been alive when it sent what was last heard, and never later than now", () => {
    const property = fc.property(anySkew, anyPauses, fc.boolean(), (skewMs, pauses, isEachWritten) => {
      const host = believed();
      for (const [at, heard] of heartbeats(constantSkew(skewMs), startMs, pauses).entries()) {
        const sentMs = heard.atMs - (pauses[at]?.latencyMs ?? 0);
        const credited = host.hear(heard, isEachWritten || undefined);
        const lastSeenMs = credited.kind === "credited" ? credited.lastSeenMs : (host.record?.lastSeenMs ?? 0);
        expect(lastSeenMs).toBeLessThanOrEqual(heard.atMs);
        expect(lastSeenMs).toBeGreaterThanOrEqual(sentMs);
      }
    });
    fc.assert(property, { seed: 11, numRuns: 500 });
  });

  it("costs no writes beyond the coalesced ones, but for a few at the beginning", () => {
    for (const skewMs of [-hour * 1000, -5_050, -4_950, 0, 4_950, 5_050, hour * 1000]) {
      const host = believed();
      const jitter = Array.from({ length: 1_000 }, (_, at) => ({ pauseMs: 1_000, latencyMs: 20 + ((at * 37) % 61) }));
      let writes = 0;
      let before = host.record;
      for (const heard of heartbeats(constantSkew(skewMs), startMs, jitter)) {
        host.hear(heard);
        if (host.record !== before) writes++;
        before = host.record;
      }
      expect(writes).toBeLessThan(1_000 / 5 + 12);
    }
  });
});

describe("promise 6: a corrected clock recovers at once", () => {
  it("whatever it was off by, and for however long", () => {
    const anyCase = fc.record({
      skewS: fc.integer({ min: -20_000, max: 20_000 }),
      ranS: fc.integer({ min: 2, max: 400 }),
      pauseMs: fc.integer({ min: 1_000, max: 4_000 }),
      residueMs: fc.integer({ min: -3_900, max: 3_900 }),
    });
    const property = fc.property(anyCase, ({ skewS, ranS, pauseMs, residueMs }) => {
      const host = believed();
      const correctedMs = startMs + ranS * 1000;
      const count = Math.ceil((ranS * 1000 + 20_000) / pauseMs);
      const clock = until(correctedMs, constantSkew(skewS * 1000), constantSkew(residueMs));
      for (const heard of heartbeats(clock, startMs, each(count, pauseMs))) {
        const credited = host.hear(heard);
        // A clock that is set back within the 5 s that count as right may cost what it was set back by, less 5 s.
        const isSwing = Math.abs(skewS) <= 6;
        if (heard.atMs >= correctedMs && !isSwing)
          expect(credited).toMatchObject({ kind: "credited", lastSeenMs: heard.atMs });
      }
    });
    fc.assert(property, { seed: 12, numRuns: 400 });
  });

  it("is on record at once, so that a good-bye by the right clock counts", () => {
    const host = believed();
    const clock = until(startMs + 60_500, constantSkew(hour * 1000), constantSkew(0));
    for (const heard of heartbeats(clock, startMs, each(61))) host.hear(heard);

    expect(host.record?.agentTimeS).toBe(nowS + 61);
    expect(leaveCounts(host.record ?? record("h1"), { agentTimeS: nowS + 61 }, startMs + 61_000)).toBe(true);
  });
});

describe("promise 6: clocks that drift or leap", () => {
  const lagAfter = (clock: AgentClock, seconds: number) => {
    const host = believed();
    let lagMs = 0;
    for (const heard of heartbeats(clock, startMs, each(seconds))) {
      host.hear(heard);
      lagMs = heard.atMs - (host.record?.lastSeenMs ?? 0);
    }
    return lagMs;
  };

  it("a fast one is never held back", () => {
    expect(lagAfter(drifting(startMs, 500), 20_000)).toBeLessThanOrEqual(slack);
    expect(lagAfter(drifting(startMs, 100_000), 2_000)).toBeLessThanOrEqual(slack);
  });

  it("a slow one is held back by what it lost beyond 5 s, which is told", () => {
    const host = believed();
    let told = false;
    for (const heard of heartbeats(drifting(startMs, -1_000), startMs, each(20_000))) {
      if (host.hear(heard).isSkewed) told = true;
    }

    expect(20_000_000 + startMs - (host.record?.lastSeenMs ?? 0)).toBeGreaterThan(9_000);
    expect(20_000_000 + startMs - (host.record?.lastSeenMs ?? 0)).toBeLessThan(21_000);
    expect(told).toBe(true);
  });

  it("one that leaps ahead is credited as before, and its new anchor is on record at once", () => {
    const host = believed();
    const leapsMs = startMs + 100_500;
    const clock = until(leapsMs, constantSkew(-600_000), constantSkew(-300_000));
    for (const heard of heartbeats(clock, startMs, each(200))) {
      expect(host.hear(heard)).toMatchObject({ kind: "credited", lastSeenMs: heard.atMs });
      if (heard.atMs >= leapsMs) expect(host.record?.anchor.serverMs).toBeGreaterThanOrEqual(leapsMs);
    }
  });

  it("one that leaps back to a wrong time is not believed until it is right", () => {
    const host = believed();
    const clock = until(
      startMs + 50_500,
      constantSkew(0),
      until(startMs + 90_500, constantSkew(-hour * 1000), constantSkew(0)),
    );
    const outcomes = heartbeats(clock, startMs, each(100)).map((heard) => host.hear(heard).kind);

    expect(outcomes.slice(0, 50)).not.toContain("stale");
    expect(new Set(outcomes.slice(50, 90))).toEqual(new Set(["stale"]));
    expect(outcomes.slice(90)).not.toContain("stale");
  });
});

describe("promise 6: a replay of a dead host's heartbeats buys 5 s at most", () => {
  const anyReplay = fc.array(
    fc.record({ which: fc.nat(), afterMs: fc.integer({ min: 0, max: 4_000 }), write: fc.boolean() }),
    {
      maxLength: 120,
    },
  );
  /** A clock that was never ahead by more than 5 s for long: right, behind, drifting behind. */
  const anyBase = fc.oneof(
    fc.integer({ min: -5_000, max: 5_000 }).map(constantSkew),
    fc.integer({ min: -hour * 1000, max: 0 }).map(constantSkew),
    fc.integer({ min: -300, max: 300 }).map((ppm) => drifting(startMs + 300_000, ppm)),
  );

  const dies = (clock: AgentClock, pauseMs: number, everyNth: number) => {
    const host = believed();
    const live = heartbeats(clock, startMs, each(Math.floor(600_000 / pauseMs), pauseMs));
    for (const [at, heard] of live.entries()) host.hear(heard, at % everyNth === 0);
    return { host, live, diedMs: live.at(-1)?.atMs ?? 0 };
  };
  const replayed = (host: ReturnType<typeof believed>, heard: Heard | undefined, atMs: number, write: boolean) => {
    if (heard === undefined) return 0;
    const credited = host.hear({ ...heard, atMs }, write);
    return credited.kind === "credited" ? credited.lastSeenMs : 0;
  };

  it("in any order, at any pace, whatever was persisted before and is persisted during it", () => {
    const property = fc.property(
      anyBase,
      fc.integer({ min: 1_000, max: 4_000 }),
      fc.integer({ min: 1, max: 6 }),
      anyReplay,
      (clock, pauseMs, everyNth, replay) => {
        const { host, live, diedMs } = dies(clock, pauseMs, everyNth);
        let atMs = diedMs;
        for (const { which, afterMs, write } of replay) {
          atMs += afterMs;
          // Mostly the newest ones, which are worth most.
          const from = which % 3 === 0 ? 0 : Math.max(0, live.length - 12);
          const heard = live[from + (which % (live.length - from))];
          expect(replayed(host, heard, atMs, write)).toBeLessThanOrEqual(diedMs + slack);
        }
      },
    );
    fc.assert(property, { seed: 13, numRuns: 1_500 });
  });

  it("in their own order, at their own pace, all of them, at every delay", () => {
    for (const skewMs of [-5_000, -1_500, 0, 1_500, 4_500, 5_000]) {
      for (const delayMs of [500, 2_000, 4_500, 5_000, 5_500, 9_000, 10_500]) {
        const { host, live, diedMs } = dies(constantSkew(skewMs), 1_000, 5);
        for (const heard of live.slice(-12)) {
          const atMs = Math.max(diedMs, heard.atMs + delayMs);
          expect(replayed(host, heard, atMs, true)).toBeLessThanOrEqual(diedMs + slack);
        }
      }
    }
  });

  it("also when the clock leapt just before death", () => {
    const anyLeap = fc.integer({ min: -7_200_000, max: 7_200_000 });
    const property = fc.property(anyLeap, fc.integer({ min: 1, max: 10 }), anyReplay, (leapMs, lastS, replay) => {
      const clock = until(startMs + 600_000 - lastS * 1000 + 500, constantSkew(0), constantSkew(leapMs));
      const { host, live, diedMs } = dies(clock, 1_000, 5);
      let atMs = diedMs;
      for (const { which, afterMs, write } of replay) {
        atMs += afterMs;
        const heard = live.at(-1 - (which % 14));
        // What was signed ahead of time may count until 5 s after that time: the exception that the code names.
        const signedMs = heard !== undefined && leapMs > slack ? heard.agentTimeS * 1000 : 0;
        expect(replayed(host, heard, atMs, write)).toBeLessThanOrEqual(Math.max(diedMs, signedMs) + slack);
      }
    });
    fc.assert(property, { seed: 14, numRuns: 1_500 });
  });
});

/** The rule told another way: by all heartbeats that were credited since the clock was last set right, none forgotten. */
function naiveModel() {
  let heard: Heard[] = [];
  let newestS = 0;
  let lastSeenMs = 0;
  return ({ agentTimeS, atMs }: Heard): number | undefined => {
    const earliestMs = Math.min(...heard.map((one) => one.atMs - one.agentTimeS * 1000));
    const isInTime = Math.abs(atMs - agentTimeS * 1000) <= slack;
    const worthMs = heard.length === 0 ? atMs : Math.min(atMs, agentTimeS * 1000 + earliestMs + slack);
    if (heard.length > 0 && !isInTime && agentTimeS <= newestS) return undefined;
    if (worthMs < atMs && isInTime && earliestMs < -slack) {
      heard = [{ agentTimeS, atMs: Math.min(atMs, agentTimeS * 1000) }];
      newestS = agentTimeS;
      lastSeenMs = atMs;
      return atMs;
    }
    if (worthMs < lastSeenMs) return undefined;
    heard.push({ agentTimeS, atMs });
    newestS = Math.max(newestS, agentTimeS);
    lastSeenMs = worthMs;
    return worthMs;
  };
}

describe("promise 6: crediting against a second model", () => {
  it("comes to the same for any heartbeats in any order", () => {
    const anyHeard = fc.record({
      afterMs: fc.integer({ min: 0, max: 6_000 }),
      offS: fc.oneof(fc.integer({ min: -12, max: 12 }), fc.integer({ min: -4_000, max: 4_000 })),
    });
    const property = fc.property(fc.array(anyHeard, { maxLength: 60 }), (all) => {
      const model = naiveModel();
      const host = believed();
      let atMs = startMs;
      for (const { afterMs, offS } of all) {
        atMs += afterMs;
        const heard = { agentTimeS: Math.floor(atMs / 1000) + offS, atMs };
        const credited = host.hear(heard, true);
        expect(credited.kind === "credited" ? credited.lastSeenMs : undefined).toBe(model(heard));
      }
    });
    fc.assert(property, { seed: 15, numRuns: 2_000 });
  });
});

describe("good-byes", () => {
  const left = (agentTimeS: number) => ({ agentTimeS, atMs: startMs });

  it.each([
    ["as new as the newest heartbeat", 0, true],
    ["newer", 1, true],
    ["ahead of what its clock is known to show", 60, false],
    ["overtaken by a newer heartbeat", -1, false],
    ["of an hour ago", -hour, false],
  ] as const)("count when they are %s: %i s", (_, afterS, counts) => {
    expect(leaveCounts(record("h1", startMs, { agentTimeS: nowS }), { agentTimeS: nowS + afterS }, startMs)).toBe(
      counts,
    );
  });

  it("do not count when they are repeated that a clock signed while it ran ahead", () => {
    const host = believed();
    const clock = until(startMs + 60_500, constantSkew(200_000), constantSkew(0));
    for (const heard of heartbeats(clock, startMs, each(90))) host.hear(heard);

    const repeated = { agentTimeS: nowS + 30 + 200 };
    expect(leaveCounts(host.record ?? record("h1"), repeated, startMs + 90_000)).toBe(false);
  });

  it.each([
    ["one sent later", 0, 1, true],
    ["one sent in the same second", 0, 0, false],
    ["one sent before and late", 0, -1, false],
    ["one by a clock an hour ahead, sent later", hour, hour + 1, true],
    ["one by a clock an hour ahead, sent before and late", hour, hour - 1, false],
    ["one by a clock that was an hour ahead and is right", hour, 0, true],
    ["one by a clock that was 4 s ahead and is right: not before it is newer", 4, 0, false],
    ["one by a clock an hour behind, sent later", -hour, -hour + 1, true],
    ["one by a clock an hour behind, sent before and late", -hour, -hour - 1, false],
  ] as const)("are ended by a heartbeat: %s", (_, leftS, sentS, ends) => {
    expect(endsLeave(left(nowS + leftS), { agentTimeS: nowS + sentS }, startMs)).toBe(ends);
  });
});
