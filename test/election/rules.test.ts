import { describe, expect, it } from "vitest";
import { host, location, staticHost } from "../fixtures/network.ts";
import { ago, judge, now, outcome, type Scene } from "./scene.ts";

type Row = readonly [behaviour: string, scene: Scene, comesTo: string];

function table(rows: readonly Row[]): void {
  for (const [behaviour, scene, comesTo] of rows) {
    it(behaviour, () => {
      expect(outcome(scene)).toBe(comesTo);
    });
  }
}

const heard = (ms: number) => ({ lastSeenMs: ago(ms) });
const left = { left: { agentTimeS: Math.floor(now / 1_000), atMs: ago(500) } };
const operator = { atMs: ago(1_000), by: "operator ann" };
const prioritised = (a1: number, a2: number) => [host("a1", { priority: a1 }), host("a2", { priority: a2 })];
const alone: Scene["records"] = { a2: null };
const held = { holdUntilMs: now + 10_000, holdSinceMs: ago(1_000) };

describe("the active host", () => {
  table([
    ["stays as long as it is heard", {}, "keep active-healthy"],
    ["is available exactly at its time-out", { records: { a1: heard(30_000) } }, "keep active-healthy"],
    ["is failed over one millisecond later", { records: { a1: heard(30_001) } }, "a2 timed-out"],
    [
      "has a time-out of its own",
      { hosts: [host("a1", { timeoutMs: 5_000 }), host("a2")], records: { a1: heard(5_001) } },
      "a2 timed-out",
    ],
    ["stays when it was last seen two seconds ahead of now", { records: { a1: heard(-2_000) } }, "keep active-healthy"],
    [
      "is not believed when it was last seen further ahead than that",
      { records: { a1: heard(-2_001) } },
      "a2 timed-out",
    ],
    ["is failed over when there is no record of it", { records: { a1: null } }, "a2 timed-out"],
    ["is failed over at once when it leaves", { records: { a1: left } }, "a2 left"],
    ["stays when it leaves and nobody else is available", { records: { a1: left, a2: null } }, "keep nobody-available"],
    [
      "is failed over when it was removed from the configuration",
      { hosts: [host("a2"), host("a3")], heads: { here: { activeHostId: "a1" } } },
      "a2 removed",
    ],
    [
      "keeps its routes when it was removed and nobody else is available",
      { hosts: [host("a2")], heads: { here: { activeHostId: "a1" } }, records: { a2: null } },
      "keep nobody-available",
    ],
  ]);
});

describe("nobody else available", () => {
  const silent: Scene = { records: { a1: heard(60_000), a2: heard(60_000) } };
  table([
    ["keeps the last active host, and so the routes", silent, "keep nobody-available"],
    [
      "removes the routes where the location says so",
      { ...silent, here: { removeRoutes: true } },
      "nobody nobody-available",
    ],
    [
      "removes them after a good-bye too",
      { records: { ...alone, a1: left }, here: { removeRoutes: true } },
      "nobody nobody-available",
    ],
    [
      "does not remove them while Pointsman may be deaf",
      { ...silent, here: { removeRoutes: true }, pulse: { lastCreditedMs: ago(20_000) } },
      "keep deaf",
    ],
    ["does not remove them in a hold", { ...silent, here: { removeRoutes: true }, pulse: held }, "keep hold"],
    [
      "(5: all down, one returns) promotes the first to return at once, where the last active host had stayed",
      { records: { a1: heard(60_000), a2: { ...heard(0), upSinceMs: now } } },
      "a2 timed-out",
    ],
    [
      "(5: all down, one returns) promotes it at once where the routes had been removed",
      { heads: { here: { activeHostId: null } }, records: { a1: heard(60_000), a2: { ...heard(0), upSinceMs: now } } },
      "a2 returned",
    ],
    [
      "keeps the active host when it is the one that returns",
      { records: { a1: { ...heard(0), upSinceMs: now }, a2: heard(60_000) } },
      "keep active-healthy",
    ],
  ]);
});

describe("a location without an active host", () => {
  const fresh = { ...heard(0), upSinceMs: now };
  const empty: Scene = { heads: { here: null } };
  table([
    ["takes the first available one at once", { ...empty, records: { a1: null, a2: fresh } }, "a2 first-host"],
    ["takes the one of highest priority of several", { ...empty, hosts: prioritised(1, 2) }, "a2 first-host"],
    ["takes the lowest id of equal ones", empty, "a1 first-host"],
    [
      "takes a pinned one before one of higher priority",
      { ...empty, hosts: prioritised(2, 1), wish: { pin: { hostId: "a2", ...operator } } },
      "a2 first-host",
    ],
    ["takes one in a hold too: there is nothing that could be given up", { ...empty, pulse: held }, "a1 first-host"],
    [
      "waits while nobody is available",
      { ...empty, records: { a1: null, a2: heard(31_000) } },
      "keep nobody-available",
    ],
    ["takes none that is drained", { ...empty, wish: { drains: { a1: operator } } }, "a2 first-host"],
    ["takes none that has left", { ...empty, records: { a1: left } }, "a2 first-host"],
    ["takes none while the link is paused", { ...empty, isPaused: true }, "keep paused"],
  ]);
});

describe("a static host", () => {
  it("is always active: nothing is decided", () => {
    const office = location("office", [staticHost("router", "203.0.113.9")]);

    expect(outcome({ others: [office] }, now, "office")).toBe("keep static");
  });
});

describe("a drain", () => {
  const drained: Scene = { wish: { drains: { a1: operator } } };
  table([
    ["moves the location to another host", drained, "a2 drained"],
    ["is pending while nobody else is available", { ...drained, records: alone }, "keep drain-pending"],
    [
      "is pending, and removes nothing, while the drained host is alive",
      { ...drained, records: alone, here: { removeRoutes: true } },
      "keep drain-pending",
    ],
    [
      "ends in removal when the drained host is gone and the location says so",
      { ...drained, records: { a1: left, a2: null }, here: { removeRoutes: true } },
      "nobody nobody-available",
    ],
    ["is not stopped by a hold: it rests on no silence", { ...drained, pulse: held }, "a2 drained"],
    [
      "(6: a disabled host elected) keeps a host from being elected",
      { wish: { drains: { a2: operator } }, records: { a1: heard(60_000) } },
      "keep nobody-available",
    ],
    [
      "(6: a deleted host elected) a host that is not configured is not elected, whatever its record says",
      { hosts: [host("a1")], records: { a1: heard(60_000), a2: heard(0) } },
      "keep nobody-available",
    ],
    [
      "keeps a pinned host from being elected too",
      { wish: { drains: { a2: operator }, pin: { hostId: "a2", ...operator } } },
      "keep active-healthy",
    ],
  ]);
});

describe("a pin", () => {
  const pin = { pin: { hostId: "a2", ...operator } };
  const demoted = { here: { demotedMs: { a2: ago(30_000) } } };
  table([
    ["moves the location to the pinned host while that is available", { wish: pin }, "a2 pinned"],
    ["beats priority", { wish: pin, hosts: prioritised(100, 1) }, "a2 pinned"],
    ["beats reachability", { wish: pin, link: { hostCheck: true } }, "a2 pinned"],
    ["needs no hold-up", { wish: pin, records: { a2: { upSinceMs: ago(1_000) } } }, "a2 pinned"],
    [
      "waits while the pinned host is unavailable",
      { wish: pin, records: { a2: heard(31_000) } },
      "keep active-healthy",
    ],
    ["waits while the pinned host is backed off", { wish: pin, heads: demoted }, "keep active-healthy"],
    [
      "keeps the pinned host before one of higher priority",
      { wish: { pin: { hostId: "a1", ...operator } }, hosts: prioritised(1, 100) },
      "keep active-healthy",
    ],
    [
      "does not keep a pinned host that is silent",
      { wish: { pin: { hostId: "a1", ...operator } }, records: { a1: heard(31_000) } },
      "a2 timed-out",
    ],
    [
      "chooses the successor",
      {
        hosts: [host("a1"), host("a2", { priority: 5 }), host("a3", { priority: 9 })],
        wish: pin,
        records: { a1: heard(31_000) },
      },
      "a2 timed-out",
    ],
    ["is not stopped by a hold", { wish: pin, pulse: held }, "a2 pinned"],
    ["waits while the link is paused", { wish: pin, isPaused: true }, "keep paused"],
  ]);
});

describe("a switchover", () => {
  const asked = (ms: number, hostId = "a2") => ({ switchover: { hostId, atMs: ago(ms), by: "operator ann" } });
  const done = { here: { activeHostId: "a2", reason: "switchover" as const, decidedMs: ago(500) } };
  table([
    ["moves the location to the host that was asked for", { wish: asked(1_000) }, "a2 switchover"],
    ["moves it to a host of lower priority too", { wish: asked(1_000), hosts: prioritised(20, 1) }, "a2 switchover"],
    ["is not stopped by a hold", { wish: asked(1_000), pulse: held }, "a2 switchover"],
    ["is open for a minute", { wish: asked(60_000) }, "a2 switchover"],
    ["is forgotten after that", { wish: asked(60_001) }, "keep active-healthy"],
    ["is consumed by the decision that it led to", { wish: asked(1_000), heads: done }, "keep active-healthy"],
    ["does not move to a host that is not available", { wish: asked(1_000), records: alone }, "keep active-healthy"],
    [
      "does not move away from a pinned host",
      { wish: { ...asked(1_000), pin: { hostId: "a1", ...operator } } },
      "keep active-healthy",
    ],
    [
      "holds where no other has a higher priority",
      { wish: asked(1_000), heads: done, hosts: prioritised(10, 10) },
      "keep active-healthy",
    ],
    [
      "holds only until a host of higher priority pre-empts",
      { wish: asked(1_000), heads: done, hosts: prioritised(20, 10) },
      "a1 higher-priority",
    ],
  ]);

  it("says that it held only until a higher priority pre-empted", () => {
    const verdict = judge({ wish: asked(1_000), heads: done, hosts: prioritised(20, 10) });

    expect(verdict.evidence).toContain("the switchover held only until now");
  });
});

describe("a pause", () => {
  table([
    ["stops a fail-over", { isPaused: true, records: { a1: heard(60_000) } }, "keep paused"],
    [
      "stops a leave, a drain and a removal",
      { isPaused: true, records: { a1: left }, wish: { drains: { a1: operator } } },
      "keep paused",
    ],
    ["stops a move of the location", { isPaused: true, here: { generation: 2 } }, "keep paused"],
  ]);
});

describe("a hold", () => {
  table([
    ["blocks a time-out", { pulse: held, records: { a1: heard(60_000) } }, "keep hold"],
    ["blocks pre-emption", { pulse: held, hosts: prioritised(1, 2) }, "keep hold"],
    ["does not block a leave", { pulse: held, records: { a1: left } }, "a2 left"],
    [
      "does not block the removal of a host",
      { pulse: held, hosts: [host("a2")], heads: { here: { activeHostId: "a1" } } },
      "a2 removed",
    ],
    ["does not block a move of the location", { pulse: held, here: { generation: 2 } }, "a1 location-moved"],
    ["ends at its time", { pulse: { ...held, holdUntilMs: now }, records: { a1: heard(60_000) } }, "a2 timed-out"],
  ]);
});

describe("deaf, when no heartbeat of any host was credited for half the shortest time-out", () => {
  const deaf = { lastCreditedMs: ago(15_001) };
  table([
    ["nobody is failed over for silence", { pulse: deaf, records: { a1: heard(60_000) } }, "keep deaf"],
    [
      "half the time-out exactly is not deaf",
      { pulse: { lastCreditedMs: ago(15_000) }, records: { a1: heard(60_000) } },
      "a2 timed-out",
    ],
    [
      "the shortest time-out of the whole link counts",
      {
        pulse: { lastCreditedMs: ago(2_501) },
        others: [location("there", [host("b1", { timeoutMs: 5_000 })])],
        records: { a1: heard(60_000) },
      },
      "keep deaf",
    ],
    ["without any pulse nothing is known", { pulse: null, records: { a1: heard(60_000) } }, "keep deaf"],
    [
      "a pulse from the future says nothing",
      { pulse: { lastCreditedMs: now + 2_001 }, records: { a1: heard(60_000) } },
      "keep deaf",
    ],
    ["a leave is heard, not missed", { pulse: deaf, records: { a1: left } }, "a2 left"],
    [
      "nobody pre-empts: the new host could not learn that it is active",
      { pulse: deaf, hosts: prioritised(1, 2), records: { a2: heard(9_000) } },
      "keep deaf",
    ],
    ["a healthy host stays healthy", { pulse: deaf }, "keep active-healthy"],
  ]);
});

describe("back-off", () => {
  const three = [host("a1"), host("a2", { priority: 20 }), host("a3", { priority: 5 })];
  const demoted = (ms: number) => ({ here: { demotedMs: { a2: ago(ms) } } });
  table([
    [
      "passes a host over while another is available",
      { hosts: three, heads: demoted(30_000), records: { a1: heard(31_000) } },
      "a3 timed-out",
    ],
    [
      "takes it when it is the only one left",
      { hosts: three, heads: demoted(30_000), records: { a1: heard(31_000), a3: null } },
      "a2 timed-out",
    ],
    [
      "ends after the host's own time",
      { hosts: three, heads: demoted(60_000), records: { a1: heard(31_000) } },
      "a2 timed-out",
    ],
    [
      "keeps a host of higher priority from pre-empting",
      { hosts: prioritised(1, 2), heads: demoted(59_999) },
      "keep active-healthy",
    ],
    ["lets it pre-empt when it is over", { hosts: prioritised(1, 2), heads: demoted(60_000) }, "a2 higher-priority"],
    [
      "a host that was not heard since it was failed over from is not available",
      { heads: { here: { demotedMs: { a2: ago(1_000) } } }, records: { a1: heard(31_000), a2: heard(1_000) } },
      "keep nobody-available",
    ],
  ]);
});

describe("pre-emption without host checking", () => {
  table([
    ["happens to a strictly higher priority", { hosts: prioritised(1, 2) }, "a2 higher-priority"],
    [
      "(8: flapping between equal hosts) never happens between equal priorities",
      { hosts: prioritised(2, 2) },
      "keep active-healthy",
    ],
    [
      "waits until the host has been heard over the whole hold-up",
      { hosts: prioritised(1, 2), records: { a2: { upSinceMs: ago(30_999) } } },
      "keep active-healthy",
    ],
    [
      "happens when the hold-up is over",
      { hosts: prioritised(1, 2), records: { a2: { upSinceMs: ago(31_000) } } },
      "a2 higher-priority",
    ],
    [
      "counts the hold-up anew from when the host was failed over from",
      {
        hosts: [host("a1", { priority: 1 }), host("a2", { priority: 2, backoffMs: 0 })],
        heads: { here: { demotedMs: { a2: ago(30_999) } } },
      },
      "keep active-healthy",
    ],
    [
      "(10: a booting host takes routes) does not happen to a host that was heard for the first time",
      { hosts: prioritised(1, 2), records: { a2: { ...heard(0), upSinceMs: now } } },
      "keep active-healthy",
    ],
    [
      "does not happen to a host that was not heard lately",
      { hosts: prioritised(1, 2), records: { a2: heard(10_001) } },
      "keep active-healthy",
    ],
    [
      "does not happen where failback is manual",
      { hosts: prioritised(1, 2), here: { failback: "manual" } },
      "keep active-healthy",
    ],
    [
      "(15: too tight a time-out under load) takes nothing from a host that is late, but within its time-out",
      { hosts: prioritised(2, 1), records: { a1: heard(29_000) } },
      "keep active-healthy",
    ],
  ]);
});

describe("the choice of a successor", () => {
  const gone = { a1: heard(31_000) };
  const three = (a2: number, a3: number) => [host("a1"), host("a2", { priority: a2 }), host("a3", { priority: a3 })];
  table([
    ["takes the highest priority", { hosts: three(1, 2), records: gone }, "a3 timed-out"],
    ["takes the lowest id of equals", { hosts: three(2, 2), records: gone }, "a2 timed-out"],
    [
      "takes one that was heard just now before one that may be dying too",
      { hosts: three(2, 1), records: { ...gone, a2: heard(20_000) } },
      "a3 timed-out",
    ],
    [
      "takes one that was silent for long rather than none",
      { records: { ...gone, a2: heard(30_000) } },
      "a2 timed-out",
    ],
    [
      "(10: a booting host takes routes) takes a steady one before one that just came up",
      { hosts: three(9, 1), records: { ...gone, a2: { upSinceMs: ago(2_000) } } },
      "a3 timed-out",
    ],
    [
      "takes one that just came up rather than none",
      { records: { ...gone, a2: { upSinceMs: ago(500) } } },
      "a2 timed-out",
    ],
  ]);
});

describe("a move of the location", () => {
  table([
    ["is a decision of its own, for the same host", { here: { generation: 2 } }, "a1 location-moved"],
    [
      "gives way to a failure of the active host",
      { here: { generation: 2 }, records: { a1: heard(31_000) } },
      "a2 timed-out",
    ],
    [
      "waits while nobody is there",
      { here: { generation: 2 }, records: { a1: heard(31_000), a2: null } },
      "keep nobody-available",
    ],
    [
      "does not wait for a drain that has nowhere to go",
      { here: { generation: 2 }, records: alone, wish: { drains: { a1: operator } } },
      "a1 location-moved",
    ],
    [
      "happens once",
      { here: { generation: 2 }, heads: { here: { generation: 2, activeHostId: "a1" } } },
      "keep active-healthy",
    ],
  ]);
});
