import { describe, expect, it } from "vitest";
import { decisionOf } from "../../shared/domain/election/decide.ts";
import type { ChangeReason } from "../../shared/domain/records.ts";
import { host } from "../fixtures/network.ts";
import { ago, now, placeIn, type Scene, stateOf } from "./scene.ts";

function decide(scene: Scene, reason: ChangeReason, to: string | null = "a2") {
  const state = stateOf(scene);
  return decisionOf(state, placeIn(state, "here"), { kind: "change", to, reason, evidence: "" }, "sweep", now);
}

describe("a decision", () => {
  it("is the next epoch of its location, for the location's generation and the configuration's version", () => {
    const scene: Scene = { here: { generation: 3 }, heads: { here: { epoch: 41, generation: 2 } } };

    expect(decide(scene, "location-moved", "a1")).toMatchObject({ epoch: 42, generation: 3, networkVersion: 1 });
    expect(decide({ heads: { here: null } }, "first-host")).toMatchObject({ epoch: 1, previousHostId: null });
  });

  for (const reason of ["timed-out", "suspected", "tunnels-down"] as const) {
    it(`${reason} backs the old host off`, () => {
      expect(decide({}, reason).demotedMs).toEqual({ a1: now });
    });
  }

  for (const reason of ["left", "drained", "pinned", "switchover", "higher-priority", "better-reach"] as const) {
    it(`${reason} backs nobody off`, () => {
      expect(decide({}, reason).demotedMs).toEqual({});
    });
  }

  it("carries a back-off over until it, the hold-up and the time-out after it are all past", () => {
    const demoted = (ms: number, more: Parameters<typeof host>[1]) =>
      decide(
        { hosts: [host("a1"), host("a2"), host("a3", more)], heads: { here: { demotedMs: { a3: ago(ms) } } } },
        "left",
      ).demotedMs;

    expect(demoted(59_999, {})).toEqual({ a3: ago(59_999) });
    expect(demoted(60_000, {})).toEqual({});
    expect(demoted(29_999, { backoffMs: 0 })).toEqual({ a3: ago(29_999) });
    expect(demoted(99_999, { backoffMs: 0, timeoutMs: 100_000 })).toEqual({ a3: ago(99_999) });
  });

  it("forgets the back-off of a host that is not configured any more", () => {
    expect(decide({ heads: { here: { demotedMs: { gone: ago(1_000) } } } }, "left").demotedMs).toEqual({});
  });

  it("remembers when the tunnel rule last moved the location", () => {
    const before: Scene = { heads: { here: { tunnelMoveMs: ago(20_000) } } };

    expect(decide(before, "left").tunnelMoveMs).toBe(ago(20_000));
    expect(decide(before, "tunnels-down").tunnelMoveMs).toBe(now);
  });
});
