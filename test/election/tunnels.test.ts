import { describe, expect, it } from "vitest";
import { bitsOf } from "../../shared/domain/bits.ts";
import { decisionOf } from "../../shared/domain/election/decide.ts";
import { elect } from "../../shared/domain/election/elect.ts";
import type { LinkState } from "../../shared/domain/election/state.ts";
import { isTunnelMoveFutile } from "../../shared/domain/election/tunnels.ts";
import type { Location } from "../../shared/domain/network.ts";
import type { HostRecord } from "../../shared/domain/records.ts";
import { location, staticHost } from "../fixtures/network.ts";
import { ago, inWords, now, outcome, placeIn, type Scene, stateOf } from "./scene.ts";

/** Tunnels of an active host: connected with `ever` at some time in `epoch`, of which `down` are down since that many ms. */
function tunnels(ever: readonly number[], down: Readonly<Record<number, number>>, epoch = 1): Partial<HostRecord> {
  const lost = Object.fromEntries(Object.entries(down).map(([ordinal, ms]) => [ordinal, ago(ms)]));
  const up = ever.filter((ordinal) => down[ordinal] === undefined);
  return { tunnels: { up: bitsOf(up), ever: bitsOf(ever), epoch, down: lost } };
}

/** Ordinals of the default locations: here 0, there 1, yonder 2. Everything between `here` and the others is dead. */
const dead: Scene["records"] = {
  a1: tunnels([1, 2], { 1: 45_000, 2: 45_000 }),
  b1: tunnels([0, 2], { 0: 45_000 }),
  c1: tunnels([0, 1], { 0: 45_000 }),
};

describe("the tunnel rule", () => {
  it("(1: heartbeat fine, forwarding dead) moves a location whose tunnels both sides report down for the tunnel time-out", () => {
    expect(outcome({ records: dead })).toBe("a2 tunnels-down");
  });

  it("moves the hub whose forwarding is dead, and none of its spokes", () => {
    expect(outcome({ records: dead }, now, "there")).toBe("keep active-healthy");
    expect(outcome({ records: dead }, now, "yonder")).toBe("keep active-healthy");
  });

  const cases: readonly (readonly [string, Scene, string])[] = [
    [
      "waits for the time-out on the near side",
      { records: { ...dead, a1: tunnels([1, 2], { 1: 44_999, 2: 44_999 }) } },
      "keep active-healthy",
    ],
    [
      "waits for the time-out on the far sides",
      { records: { ...dead, b1: tunnels([0, 2], { 0: 44_999 }), c1: tunnels([0, 1], { 0: 44_999 }) } },
      "keep active-healthy",
    ],
    [
      "believes no near side alone",
      { records: { ...dead, b1: tunnels([0, 2], {}), c1: tunnels([0, 1], {}) } },
      "keep active-healthy",
    ],
    ["believes no far sides alone", { records: { ...dead, a1: tunnels([1, 2], {}) } }, "keep active-healthy"],
    ["needs more than half of the tunnels", { records: { ...dead, c1: tunnels([0, 1], {}) } }, "keep active-healthy"],
    [
      "counts only tunnels that were connected since the host became active",
      { records: { ...dead, a1: tunnels([1], { 1: 45_000 }), b1: tunnels([0, 2], { 0: 45_000 }) } },
      "a2 tunnels-down",
    ],
    [
      "is silent about tunnels that never came up",
      { records: { ...dead, a1: tunnels([], {}) } },
      "keep active-healthy",
    ],
    [
      "is silent about what an earlier epoch had connected",
      { records: dead, heads: { here: { epoch: 2 } } },
      "keep active-healthy",
    ],
    [
      "takes a far side that became active and never connected for one that agrees, once it had the time",
      {
        records: { ...dead, b1: tunnels([], {}, 2), c1: tunnels([], {}, 2) },
        heads: { there: { epoch: 2, decidedMs: ago(45_000) }, yonder: { epoch: 2, decidedMs: ago(45_000) } },
      },
      "a2 tunnels-down",
    ],
    [
      "gives a far side that just became active time to connect",
      {
        records: { ...dead, b1: tunnels([], {}, 2), c1: tunnels([], {}, 2) },
        heads: { there: { epoch: 2, decidedMs: ago(44_999) }, yonder: { epoch: 2, decidedMs: ago(44_999) } },
      },
      "keep active-healthy",
    ],
    [
      "hears only far sides that are fresh",
      { records: { ...dead, b1: { ...dead["b1"], lastSeenMs: ago(10_001) } } },
      "keep active-healthy",
    ],
    [
      "hears no far side that has left",
      { records: { ...dead, b1: { ...dead["b1"], left: { agentTimeS: 1, atMs: ago(1) } } } },
      "keep active-healthy",
    ],
    [
      "hears the near side only when it is fresh",
      { records: { ...dead, a1: { ...dead["a1"], lastSeenMs: ago(10_001) } } },
      "keep active-healthy",
    ],
    ["needs another available host", { records: { ...dead, a2: null } }, "keep nobody-available"],
    [
      "moves to no host that is backed off: the active one is heard",
      { records: dead, heads: { here: { demotedMs: { a2: ago(30_000) } } } },
      "keep nobody-available",
    ],
    [
      "does not stop a move of the location when there is nobody to move to",
      { records: { ...dead, a2: null }, here: { generation: 2 } },
      "a1 location-moved",
    ],
    [
      "moves a location at most once in a back-off",
      { records: dead, heads: { here: { tunnelMoveMs: ago(59_999) } } },
      "keep active-healthy",
    ],
    ["moves it again after that", { records: dead, heads: { here: { tunnelMoveMs: ago(60_000) } } }, "a2 tunnels-down"],
    ["waits for a hold", { records: dead, pulse: { holdUntilMs: now + 1 } }, "keep hold"],
    ["is silent in a link that is offline", { records: dead, link: { online: false } }, "keep active-healthy"],
    [
      "does not count peers that are excluded",
      { records: dead, here: { excludes: ["there", "yonder"] } },
      "keep active-healthy",
    ],
    ["has its own time-out per link", { records: dead, link: { tunnelTimeoutMs: 45_001 } }, "keep active-healthy"],
    [
      "gives static peers no vote and does not count them",
      {
        others: [location("there", ["b1", "b2"]), location("office", [staticHost("router", "203.0.113.9")])],
        records: { a1: tunnels([1, 2], { 1: 45_000 }), b1: tunnels([0, 2], { 0: 45_000, 2: 45_000 }) },
      },
      "a2 tunnels-down",
    ],
    [
      "is silent when static peers alone are down",
      {
        others: [location("office", [staticHost("router", "203.0.113.9")])],
        records: { a1: tunnels([1], { 1: 45_000 }) },
      },
      "keep active-healthy",
    ],
  ];
  for (const [behaviour, scene, comesTo] of cases) {
    it(behaviour, () => {
      expect(outcome(scene)).toBe(comesTo);
    });
  }
});

describe("two locations that accuse each other", () => {
  const pair: Scene = {
    others: [location("there", ["b1", "b2"])],
    records: { a1: tunnels([1], { 1: 45_000 }), b1: tunnels([0], { 0: 45_000 }) },
  };

  it("only the lower id moves", () => {
    expect(outcome(pair)).toBe("a2 tunnels-down");
    expect(outcome(pair, now, "there")).toBe("keep active-healthy");
  });

  it("the higher id moves where the lower one has no host to move to", () => {
    const stuck = { ...pair, records: { ...pair.records, a2: null } };

    expect(outcome(stuck)).toBe("keep nobody-available");
    expect(outcome(stuck, now, "there")).toBe("b2 tunnels-down");
  });

  it("the higher id has its turn when the move of the lower one was in vain", () => {
    const state = afterMove(stateOf(pair), "here");

    expect(inWords(elect(heardAt(state, now + 44_999), placeIn(state, "there"), now + 44_999))).toBe(
      "keep active-healthy",
    );
    expect(inWords(elect(heardAt(state, now + 45_000), placeIn(state, "there"), now + 45_000))).toBe("b2 tunnels-down");
  });

  it("a whole mesh that lost every tunnel moves one location at a time", () => {
    const mesh: Scene = {
      others: [location("there", ["b1", "b2"]), location("yonder", ["c1", "c2"])],
      records: {
        a1: tunnels([1, 2], { 1: 45_000, 2: 45_000 }),
        b1: tunnels([0, 2], { 0: 45_000, 2: 45_000 }),
        c1: tunnels([0, 1], { 0: 45_000, 1: 45_000 }),
      },
    };

    const moving = ["here", "there", "yonder"].filter((id) => outcome(mesh, now, id).endsWith("tunnels-down"));

    expect(moving).toEqual(["here"]);
  });
});

describe("a move of the tunnel rule", () => {
  const moved = (more: Partial<HostRecord>): Scene => ({
    heads: {
      here: { epoch: 2, activeHostId: "a2", reason: "tunnels-down", decidedMs: ago(45_000), tunnelMoveMs: ago(45_000) },
    },
    records: { ...dead, a2: more },
  });
  const isFutile = (scene: Scene, atMs = now) => {
    const state = stateOf(scene);
    return isTunnelMoveFutile(state, placeIn(state, "here"), atMs);
  };

  it("was in vain when the successor connects no better; it stays", () => {
    const scene = moved(tunnels([], {}, 2));

    expect(isFutile(scene)).toBe(true);
    expect(outcome(scene)).toBe("keep active-healthy");
  });

  it("is not judged before a tunnel time-out has passed", () => {
    expect(isFutile(moved(tunnels([], {}, 2)), now - 1)).toBe(false);
  });

  it("helped when most tunnels are up", () => {
    expect(isFutile(moved(tunnels([1, 2], {}, 2)))).toBe(false);
  });

  it("did not help when only half of them are", () => {
    expect(isFutile(moved(tunnels([1], {}, 2)))).toBe(true);
  });

  it("notes when it was, and backs the old host off", () => {
    const state = stateOf({ records: dead });
    const head = afterMove(state, "here").facts.get("here")?.head;

    expect(head).toMatchObject({ epoch: 2, activeHostId: "a2", tunnelMoveMs: now, demotedMs: { a1: now } });
  });
});

/** The state after the election of a location was committed. */
function afterMove(state: LinkState, id: string): LinkState {
  const place: Location = placeIn(state, id);
  const verdict = elect(state, place, now);
  if (verdict.kind === "keep") throw new Error(`no change: ${verdict.evidence}`);
  const facts = state.facts.get(id);
  if (facts === undefined) throw new Error("no facts");
  const head = decisionOf(state, place, verdict, "sweep", now);
  return { ...state, facts: new Map(state.facts).set(id, { ...facts, head }) };
}

/** The same state with everybody heard, and nothing else changed, a second before a time. */
function heardAt(state: LinkState, atMs: number): LinkState {
  const facts = [...state.facts].map(([id, one]) => {
    const hosts = [...one.hosts].map(([hostId, each]) => [hostId, { ...each, lastSeenMs: atMs - 1_000 }] as const);
    return [id, { ...one, hosts: new Map(hosts) }] as const;
  });
  const pulse = { lastCreditedMs: atMs - 1_000, holdUntilMs: 0, holdSinceMs: 0 };
  return { ...state, pulse, facts: new Map(facts) };
}
