import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitsOf, membersOf } from "../../shared/domain/bits.ts";
import {
  applyLeave,
  applyReport,
  type HostReport,
  persistEveryMs,
  type Role,
} from "../../shared/domain/host-report.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { HostRecord } from "../../shared/domain/records.ts";
import { quietReport } from "../fixtures/agent-clock.ts";
import { host, record, startMs } from "../fixtures/network.ts";

const nowS = startMs / 1000;
const standby: Role = { isActive: false, epoch: 4, peers: bitsOf([]) };
const active: Role = { isActive: true, epoch: 4, peers: bitsOf([1, 2, 3]) };
const bits = (...members: number[]) => bitsOf(members);

type Said = Partial<HostReport> & { readonly lastSeenMs?: number };

/** The record after a heartbeat `afterMs` after the one before it. */
function next(prior: HostRecord | undefined, said: Said = {}, role = standby, afterMs = 1_000) {
  const nowMs = (prior?.lastSeenMs ?? startMs - afterMs) + afterMs;
  const { lastSeenMs = nowMs, ...more } = said;
  const report = { ...quietReport(Math.floor(nowMs / 1000)), ...more };
  const anchor = prior?.anchor ?? { agentTimeS: report.agentTimeS, serverMs: nowMs };
  const credited = { kind: "credited", lastSeenMs, agentTimeS: report.agentTimeS, anchor } as const;
  return applyReport(host("h1"), prior, report, { ...credited, isReanchored: false, isSkewed: false }, role, nowMs);
}

const steady = record("h1");
const checking = (...reached: number[]): Said => ({ checked: bits(0, 1, 2, 3), reached: bits(...reached) });

describe("what is news, and persisted at once", () => {
  it.each([
    ["the first heartbeat", undefined, {}, true],
    ["the same again", steady, {}, false],
    ["a version", steady, { version: "1.1" }, true],
    ["a public address", steady, { publicAddress: "192.0.2.1" }, true],
    ["a local address", steady, { localAddress: "10.0.0.5" }, true],
    ["an IPv6 address", steady, { address6: "2001:db8::1" }, true],
    ["a WireGuard key", steady, { wgPublicKey: "k=" }, true],
    ["a tunnel that comes up", steady, { up: bits(1) }, true],
    ["a host that is reached", steady, checking(1), true],
    ["a latency", steady, { checkMs: 800 }, false],
    ["a nonce and a time", steady, { nonce: "another", agentTimeS: nowS + 2 }, false],
  ] as const)("%s: %s", (_, prior, said, isNews) => {
    expect(next(prior, said).isNews).toBe(isNews);
  });

  it("is a new anchor, on which more rests than on the heartbeat", () => {
    const credited = {
      kind: "credited",
      lastSeenMs: startMs,
      agentTimeS: nowS,
      anchor: steady.anchor,
      isSkewed: false,
    } as const;

    const { isNews } = applyReport(
      host("h1"),
      steady,
      quietReport(nowS),
      { ...credited, isReanchored: true },
      standby,
      startMs,
    );

    expect(isNews).toBe(true);
  });

  it("is a last-seen in the future that is given up", () => {
    const future = record("h1", startMs + 60_000);

    expect(next(future, { lastSeenMs: startMs }, standby, -60_000)).toMatchObject({
      isNews: true,
      record: { upSinceMs: startMs },
    });
  });

  it("is a new role, which tunnels are counted from", () => {
    expect(next(steady, {}, active).isNews).toBe(true);
    expect(next(next(steady, {}, active).record, {}, active).isNews).toBe(false);
    expect(next(next(steady, {}, active).record, {}, { ...active, epoch: 5 }).isNews).toBe(true);
  });
});

describe("how long a record without news stays unwritten", () => {
  it.each([
    [5_000, 5_000 / 6],
    [10_000, 10_000 / 6],
    [30_000, 5_000],
    [600_000, 5_000],
  ])("with a time-out of %i ms: %d ms", (timeoutMs, everyMs) => {
    expect(persistEveryMs(host("h1", { timeoutMs }))).toBe(everyMs);
  });
});

describe("since when a host is up", () => {
  it("stays through a silence of its time-out, and is new after a longer one", () => {
    expect(next(steady, {}, standby, 30_000).record.upSinceMs).toBe(steady.upSinceMs);
    expect(next(steady, {}, standby, 30_001).record.upSinceMs).toBe(startMs + 30_001);
  });

  it("is new after a good-bye, and only once that is over", () => {
    const gone = record("h1", startMs, { left: { agentTimeS: nowS + 1, atMs: startMs + 1_000 } });

    const late = next(gone, { agentTimeS: nowS + 1 });
    const back = next(gone, { agentTimeS: nowS + 2 }, standby, 2_000);

    expect(late.record).toMatchObject({ left: gone.left, upSinceMs: gone.upSinceMs });
    expect(back).toMatchObject({ isNews: true, record: { left: null, upSinceMs: startMs + 2_000 } });
  });
});

describe("reachability samples", () => {
  const reaches = (found: HostRecord) => found.reach.map(membersOf);
  const beats = (...all: Said[]) =>
    all.reduce<{ record: HostRecord; isNews: boolean }>((so, said) => next(so.record, said), {
      record: steady,
      isNews: false,
    });

  it("shift in one a heartbeat, newest first, and are no news once all are equal", () => {
    expect(reaches(beats(checking(1)).record)).toEqual([[1]]);
    expect(reaches(beats(checking(1), checking(1, 2)).record)).toEqual([[1, 2], [1]]);
    const full = beats(checking(1), checking(1), checking(1));
    expect(reaches(full.record)).toEqual([[1], [1], [1]]);
    expect(full.isNews).toBe(true);
    expect(beats(checking(1), checking(1), checking(1), checking(1)).isNews).toBe(false);
    expect(beats(checking(1), checking(1), checking(1), checking(2)).isNews).toBe(true);
  });

  it("count a heartbeat once that comes through several endpoints", () => {
    const [first, copy] = [next(steady, checking(1)), { ...checking(1), agentTimeS: nowS + 1 }];

    const again = next(first.record, copy, standby, 20);

    expect(reaches(again.record)).toEqual([[1]]);
    expect(again.isNews).toBe(false);
  });

  it("are forgotten when nothing is checked any more, as after a restart of the agent", () => {
    expect(reaches(beats(checking(1), {}).record)).toEqual([]);
  });

  it("keep a host that is checked and reached by nobody as an empty sample", () => {
    expect(reaches(beats(checking()).record)).toEqual([[]]);
  });
});

describe("hosts that were lost", () => {
  const lostIn = (...all: Said[]) => all.reduce((so, said) => next(so, said).record, steady).lost;

  it("are those that the heartbeat before reached, from then on, for ten minutes", () => {
    expect(lostIn(checking(1, 2), checking(2))).toEqual({ 1: startMs + 2_000 });
    expect(lostIn(checking(1, 2), checking(2), checking(2), checking())).toEqual({
      1: startMs + 2_000,
      2: startMs + 4_000,
    });
    const long = next(
      next(next(steady, checking(1)).record, checking()).record,
      checking(),
      standby,
      limits.reachedWithinMs + 1,
    );
    expect(long.record.lost).toEqual({});
  });

  it("are not those that are reached again, or are no longer checked", () => {
    expect(lostIn(checking(1), checking(), checking(1))).toEqual({});
    expect(lostIn(checking(1, 2), { checked: bits(2), reached: bits(2) })).toEqual({});
  });

  it("are not those that were never reached", () => {
    expect(lostIn(checking(), checking(), checking())).toEqual({});
  });
});

describe("tunnels of an active host", () => {
  const beats = (role: Role, ...ups: number[][]) =>
    ups.reduce((so, up) => next(so, { up: bits(...up) }, role).record, steady).tunnels;

  it("count from when they were first connected in this epoch, and are down since they are not", () => {
    const tunnels = beats(active, [1, 2], [2], [2]);

    expect(membersOf(tunnels.ever)).toEqual([1, 2]);
    expect(tunnels.down).toEqual({ 1: startMs + 2_000 });
    expect(beats(active, [1, 2], [2], [1, 2]).down).toEqual({});
    expect(beats(active, [], []).down).toEqual({});
  });

  it("count anew in a new epoch", () => {
    const before = next(next(steady, { up: bits(1) }, active).record, { up: bits() }, active).record;

    expect(next(before, { up: bits() }, { ...active, epoch: 5 }).record.tunnels).toMatchObject({ epoch: 5, down: {} });
  });

  it("are none of a standby, nor with locations that it is not to hold any with", () => {
    expect(beats(standby, [1], [])).toMatchObject({ epoch: 0, down: {} });
    expect(membersOf(beats(active, [1, 7]).ever)).toEqual([1]);
  });
});

describe("intervals", () => {
  it.each([
    [0, 1_000],
    [40, 1_040],
    [3_000, 4_000],
    [9_000_000, 4_000],
  ])("of a host whose checks took %i ms are %i ms", (checkMs, intervalMs) => {
    expect(next(steady, { checkMs }).record.intervalMs).toBe(intervalMs);
  });
});

describe("a good-bye on record", () => {
  const at = (agentTimeS: number) => ({ agentTimeS });

  it("keeps everything else, and notes time and nonce", () => {
    const left = applyLeave(steady, at(nowS + 1), "bye", startMs + 1_500);

    expect(left).toEqual({ ...steady, nonce: "bye", left: { agentTimeS: nowS + 1, atMs: startMs + 1_500 } });
  });

  it("is written once for the same second, and moves on with a later one without forgetting when it began", () => {
    const once = applyLeave(steady, at(nowS + 1), "bye", startMs + 1_500) ?? steady;

    expect(applyLeave(once, at(nowS + 1), "bye2", startMs + 1_900)).toBeUndefined();
    expect(applyLeave(once, at(nowS), "bye2", startMs + 1_900)).toBeUndefined();
    expect(applyLeave(once, at(nowS + 3), "bye2", startMs + 3_500)?.left).toEqual({
      agentTimeS: nowS + 3,
      atMs: startMs + 1_500,
    });
  });
});

describe("a record, whatever is reported", () => {
  it("never loses what it knows by a heartbeat that says the same, and holds only numbers that count", () => {
    const anySet = fc.subarray([0, 1, 2, 3, 8, 63]);
    const anySaid = fc.record({ reached: anySet, up: anySet, checkMs: fc.double({ min: 0, max: 1e300, noNaN: true }) });
    const property = fc.property(fc.array(anySaid, { minLength: 1, maxLength: 20 }), fc.boolean(), (all, isActive) => {
      let known = steady;
      for (const { reached, up, checkMs } of all) {
        const said = { checked: bits(0, 1, 2, 3, 8, 63), reached: bits(...reached), up: bits(...up), checkMs };
        const role = { ...active, isActive, peers: bits(0, 1, 2, 3, 8, 63) };
        known = next(known, said, role).record;
        for (const ordinal of reached) expect(known.lost[ordinal]).toBeUndefined();
        for (const ordinal of up) expect(known.tunnels.down[ordinal]).toBeUndefined();
        expect(known.reach.length).toBeLessThanOrEqual(limits.reachSamples);
        expect(known.intervalMs).toBeGreaterThanOrEqual(1_000);
        expect(known.intervalMs).toBeLessThanOrEqual(4_000);
        let last = next(known, said, role);
        for (let n = 0; n < 3; n++) last = next(last.record, said, role);
        expect(last.isNews).toBe(false);
      }
    });
    fc.assert(property, { seed: 21, numRuns: 100 });
  });
});
