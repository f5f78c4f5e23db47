import { describe, expect, it } from "vitest";
import { bitsOf } from "../../shared/domain/bits.ts";
import { elect } from "../../shared/domain/election/elect.ts";
import { momentsAhead } from "../../shared/domain/election/next-moment.ts";
import { turningPoints } from "../../shared/domain/election/turning-points.ts";
import type { HostRecord } from "../../shared/domain/records.ts";
import { host, location, suspicion } from "../fixtures/network.ts";
import { ago, inWords, now, placeIn, reaching, type Scene, stateOf } from "./scene.ts";

const operator = { atMs: ago(60_000), by: "operator ann" };
const lost = { ...reaching([1]), lost: { "0": ago(6_000) } };
const doubted = { hostCheck: true };
const mark = suspicion("a1", ago(5_000), { evaluateMs: ago(2_000) });
/** Tunnels of an active host with one other location, down since that many ms. */
const down = (ordinal: number, ms: number): Partial<HostRecord> => ({
  tunnels: { up: bitsOf([]), ever: bitsOf([ordinal]), epoch: 1, down: { [ordinal]: ago(ms) } },
});
const pair = { others: [location("there", ["b1", "b2"])] };

type Row = readonly [turn: string, scene: Scene, afterMs: number, comesTo: string, where?: string];
const rows: readonly Row[] = [
  ["the active host's time-out", { records: { a1: { lastSeenMs: ago(20_000) } } }, 10_001, "a2 timed-out"],
  [
    "its time-out where routes are then removed",
    { records: { a1: { lastSeenMs: ago(20_000) }, a2: null }, here: { removeRoutes: true } },
    10_001,
    "nobody nobody-available",
  ],
  [
    "the end of a hold",
    { records: { a1: { lastSeenMs: ago(40_000) } }, pulse: { holdUntilMs: now + 3_000 } },
    3_000,
    "a2 timed-out",
  ],
  [
    "the end of a hold that kept a host of higher priority from pre-empting",
    { hosts: [host("a1"), host("a2", { priority: 20 })], pulse: { holdUntilMs: now + 3_000 } },
    3_000,
    "a2 higher-priority",
  ],
  [
    "the end of a back-off",
    { hosts: [host("a1"), host("a2", { priority: 20 })], heads: { here: { demotedMs: { a2: ago(55_000) } } } },
    5_000,
    "a2 higher-priority",
  ],
  [
    "the end of a pinned host's back-off, in a hold too",
    {
      wish: { pin: { hostId: "a2", ...operator } },
      heads: { here: { demotedMs: { a2: ago(55_000) } } },
      pulse: { holdUntilMs: now + 60_000 },
    },
    5_000,
    "a2 pinned",
  ],
  [
    "a last-seen that comes out of the future",
    { heads: { here: null }, records: { a1: null, a2: { lastSeenMs: now + 5_000 } } },
    3_000,
    "a2 first-host",
  ],
  [
    "a pulse that comes out of the future",
    { records: { a1: { lastSeenMs: ago(40_000) } }, pulse: { lastCreditedMs: now + 5_000 } },
    3_000,
    "a2 timed-out",
  ],
  [
    "a suspicion that is to be judged",
    {
      link: doubted,
      suspicion: { ...mark, evaluateMs: now + 1_500 },
      records: { a1: { lastSeenMs: ago(5_500) }, b1: lost, b2: lost, c1: lost },
    },
    1_500,
    "a2 suspected",
  ],
  [
    "a remote host that still reached the suspect, and loses its say",
    {
      link: doubted,
      suspicion: mark,
      records: { a1: { lastSeenMs: ago(5_500) }, b1: lost, b2: { ...reaching([0]), lastSeenMs: ago(7_000) }, c1: null },
    },
    3_001,
    "a2 suspected",
  ],
  [
    "tunnels that are down for long enough",
    { ...pair, records: { a1: down(1, 42_000), b1: down(0, 43_000) } },
    3_000,
    "a2 tunnels-down",
  ],
  [
    "the far side's tunnels, too",
    { ...pair, records: { a1: down(1, 60_000), b1: down(0, 43_000) } },
    2_000,
    "a2 tunnels-down",
  ],
  [
    "the end of the tunnel rule's own back-off",
    { ...pair, records: { a1: down(1, 50_000), b1: down(0, 50_000) }, heads: { here: { tunnelMoveMs: ago(58_000) } } },
    2_000,
    "a2 tunnels-down",
  ],
  [
    "the far side whose turn it was loses a witness of its own",
    {
      here: { excludes: ["yonder"] },
      records: {
        a1: down(1, 50_000),
        b1: {
          tunnels: { up: bitsOf([]), ever: bitsOf([0, 2]), epoch: 1, down: { "0": ago(50_000), "2": ago(50_000) } },
        },
        c1: { ...down(1, 50_000), lastSeenMs: ago(9_000) },
      },
    },
    1_001,
    "a2 tunnels-down",
  ],
  [
    "the far side whose turn it was loses its last other host",
    {
      ...pair,
      records: { a1: down(1, 50_000), a2: { lastSeenMs: ago(29_000) }, b1: down(0, 50_000) },
    },
    1_001,
    "b2 tunnels-down",
    "there",
  ],
];

describe("a moment ahead", () => {
  for (const [turn, scene, afterMs, comesTo, where = "here"] of rows) {
    it(`is ${turn}: to the millisecond`, () => {
      const state = stateOf(scene);
      const place = placeIn(state, where);
      const atMs = now + afterMs;

      expect(momentsAhead(state, place, now)).toContain(atMs);
      expect(inWords(elect(state, place, atMs - 1))).toMatch(/^keep /);
      expect(inWords(elect(state, place, atMs))).toBe(comesTo);
      expect(turningPoints(state, place, now, atMs + 1)).toContain(atMs);
    });
  }

  it("is not worth a message where nothing will change at it", () => {
    const alone: Scene = { records: { a1: { lastSeenMs: ago(28_000) }, a2: { lastSeenMs: ago(29_000) } } };
    const state = stateOf(alone);

    expect(turningPoints(state, placeIn(state, "here"), now, now + 60_000)).toEqual([]);
  });

  it("takes for granted that others are heard until then", () => {
    const state = stateOf({ records: { a1: { lastSeenMs: ago(25_000) } }, pulse: { lastCreditedMs: ago(12_000) } });

    expect(turningPoints(state, placeIn(state, "here"), now, now + 6_000)).toEqual([now + 5_001]);
  });

  it("is none while Pointsman is deaf, or the link paused", () => {
    const silent = { a1: { lastSeenMs: ago(29_000) } };
    const deaf = stateOf({ records: silent, pulse: { lastCreditedMs: ago(20_000) } });
    const paused = stateOf({ records: silent, isPaused: true });

    expect(momentsAhead(deaf, placeIn(deaf, "here"), now)).toEqual([]);
    expect(momentsAhead(paused, placeIn(paused, "here"), now)).toEqual([]);
  });

  it("is none for a peer that is gone for days: that keeps nobody awake", () => {
    const scene: Scene = {
      records: { a1: { tunnels: { up: bitsOf([2]), ever: bitsOf([1, 2]), epoch: 1, down: { "1": ago(86_400_000) } } } },
    };
    const state = stateOf({ ...scene, records: { ...scene.records, b1: null, b2: null } });

    expect(momentsAhead(state, placeIn(state, "here"), now)).toEqual([now + 29_001]);
  });
});
