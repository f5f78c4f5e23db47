import { describe, expect, it } from "vitest";
import { bitsOf } from "../../shared/domain/bits.ts";
import type { HostRecord, Suspicion } from "../../shared/domain/records.ts";
import { host, location, staticHost, suspicion } from "../fixtures/network.ts";
import { ago, judge, now, outcome, reaching, type Scene } from "./scene.ts";

type Row = readonly [behaviour: string, scene: Scene, comesTo: string];

function table(rows: readonly Row[]): void {
  for (const [behaviour, scene, comesTo] of rows) {
    it(behaviour, () => {
      expect(outcome({ ...scene, link: { hostCheck: true, ...scene.link } })).toBe(comesTo);
    });
  }
}

/** Newest sample first. Ordinals: a1 0, a2 1, b1 2, b2 3 (both in `there`), c1 4 (in `yonder`). */
const samples = (...each: readonly (readonly number[])[]): Pick<HostRecord, "reach"> => ({ reach: each.map(bitsOf) });
const prioritised = (a1: number, a2: number) => [host("a1", { priority: a1 }), host("a2", { priority: a2 })];
const silentActive = { lastSeenMs: ago(31_000) };

describe("reachability", () => {
  table([
    [
      "pre-empts on a difference of a full location",
      { records: { a1: reaching([2]), a2: reaching([2, 4]) } },
      "a2 better-reach",
    ],
    [
      "counts locations, not hosts: any host of a location is enough",
      { records: { a1: reaching([2, 4]), a2: reaching([2, 3, 4]) } },
      "keep active-healthy",
    ],
    [
      "counts a location as reached throughout when its hosts take turns",
      { records: { a1: reaching([4]), a2: samples([2, 4], [3, 4], [2, 4]) } },
      "a2 better-reach",
    ],
    [
      "of equals stays with the active host",
      { records: { a1: reaching([2, 4]), a2: reaching([3, 4]) } },
      "keep active-healthy",
    ],
    [
      "goes before priority: a host of higher priority that reaches less does not pre-empt",
      { hosts: prioritised(1, 2), records: { a1: reaching([2, 4]), a2: reaching([2]) } },
      "keep active-healthy",
    ],
    [
      "is not asked for more: a host of higher priority that reaches no less pre-empts",
      { hosts: prioritised(1, 2), records: { a1: reaching([2, 4]), a2: reaching([3, 4]) } },
      "a2 higher-priority",
    ],
    [
      "believes a standby only when all its last samples agree",
      { records: { a1: reaching([2]), a2: samples([2, 4], [2, 4], [2]) } },
      "keep active-healthy",
    ],
    [
      "(10: before its first health check) believes a standby only when it has made enough checks",
      { records: { a1: reaching([2]), a2: reaching([2, 4], 2) } },
      "keep active-healthy",
    ],
    [
      "takes a location from the active host only when its last two samples missed it",
      { records: { a1: samples([2], [2, 4], [2, 4]), a2: reaching([2, 4]) } },
      "keep active-healthy",
    ],
    [
      "takes it after two misses",
      { records: { a1: samples([2], [2], [2, 4]), a2: reaching([2, 4]) } },
      "a2 better-reach",
    ],
    [
      "takes nothing from an active host whose agent just started and has checked nobody yet",
      { records: { a1: reaching([], 0), a2: reaching([2, 4]) } },
      "keep active-healthy",
    ],
    [
      "takes nothing from it for a single sample either, nor for priority",
      { hosts: prioritised(1, 2), records: { a1: reaching([], 1), a2: reaching([2, 4]) } },
      "keep active-healthy",
    ],
    [
      "does not stand in the way of priority where nobody has anyone to check",
      { hosts: prioritised(1, 2), records: { a1: reaching([], 0), a2: reaching([], 0) } },
      "a2 higher-priority",
    ],
    [
      "needs a steady host",
      { records: { a1: reaching([2]), a2: { ...reaching([2, 4]), upSinceMs: ago(30_999) } } },
      "keep active-healthy",
    ],
    [
      "moves a location with manual failback too: the active host has got worse",
      { here: { failback: "manual" }, records: { a1: reaching([2]), a2: reaching([2, 4]) } },
      "a2 better-reach",
    ],
    [
      "means nothing where host checking is off",
      { link: { hostCheck: false }, records: { a1: reaching([2]), a2: reaching([2, 4]) } },
      "keep active-healthy",
    ],
    [
      "of locations that are excluded from peering does not count",
      { here: { excludes: ["yonder"] }, records: { a1: reaching([2]), a2: reaching([2, 4]) } },
      "keep active-healthy",
    ],
    [
      "goes before priority in the choice of a successor",
      {
        hosts: [host("a1"), host("a2", { priority: 9 }), host("a3", { priority: 1 })],
        others: [location("there", ["b1"]), location("yonder", ["c1"])],
        records: { a1: silentActive, a2: reaching([3]), a3: reaching([3, 4]) },
      },
      "a3 timed-out",
    ],
  ]);
});

const marked = (more: Partial<Suspicion> = {}): Suspicion => suspicion("a1", ago(2_300), { evaluateMs: now, ...more });
/** The active host was last heard before the mark. */
const quiet = { lastSeenMs: ago(2_400) };
const lost = (ms = 2_300): Partial<HostRecord> => ({ ...reaching([1]), lost: { "0": ago(ms) } });
const reaches: Partial<HostRecord> = reaching([0, 1]);
const never: Partial<HostRecord> = reaching([1]);
const everyoneLost = { b1: lost(), b2: lost(), c1: lost() };

describe("the suspect rule", () => {
  table([
    [
      "fails a host over that was silent for two of its intervals and that most remote hosts lost",
      { suspicion: marked(), records: { a1: quiet, b1: lost(), b2: lost(), c1: reaches } },
      "a2 suspected",
    ],
    [
      "needs most of them: half is not enough",
      { suspicion: marked(), records: { a1: quiet, b1: lost(), b2: reaches, c1: null } },
      "keep active-healthy",
    ],
    [
      "is not moved by the remote hosts alone: a host that was heard after the mark stays",
      { suspicion: marked(), records: { a1: { lastSeenMs: ago(2_300) }, ...everyoneLost } },
      "keep active-healthy",
    ],
    [
      "is not moved by silence alone: remote hosts that still reach it are believed",
      { suspicion: marked(), records: { a1: quiet, b1: reaches, b2: reaches, c1: reaches } },
      "keep active-healthy",
    ],
    [
      "is not moved by silence and the loss of hosts without anybody's mark",
      { records: { a1: quiet, ...everyoneLost } },
      "keep active-healthy",
    ],
    [
      "waits for two of its intervals",
      { suspicion: marked({ evaluateMs: now + 1 }), records: { a1: quiet, ...everyoneLost } },
      "keep active-healthy",
    ],
    [
      "is silent where port 9790 was never open",
      { suspicion: marked(), records: { a1: quiet, b1: never, b2: never, c1: never } },
      "keep active-healthy",
    ],
    [
      "hears only those that reached the host within ten minutes",
      { suspicion: marked(), records: { a1: quiet, b1: lost(600_001), b2: lost(600_001), c1: reaches } },
      "keep active-healthy",
    ],
    [
      "hears them until ten minutes have passed",
      { suspicion: marked(), records: { a1: quiet, b1: lost(600_000), b2: lost(600_000), c1: reaches } },
      "a2 suspected",
    ],
    [
      "hears only those that are fresh themselves",
      {
        suspicion: marked(),
        records: {
          a1: quiet,
          b1: { ...lost(), lastSeenMs: ago(10_001) },
          b2: { ...lost(), lastSeenMs: ago(10_001) },
          c1: reaches,
        },
      },
      "keep active-healthy",
    ],
    [
      "does not hear those whose last-seen lies in the future",
      {
        suspicion: marked(),
        records: {
          a1: quiet,
          b1: { ...lost(), lastSeenMs: now + 5_000 },
          b2: { ...lost(), lastSeenMs: now + 5_000 },
          c1: reaches,
        },
      },
      "keep active-healthy",
    ],
    [
      "does not hear those that have left",
      {
        suspicion: marked(),
        records: {
          a1: quiet,
          b1: { ...lost(), left: { agentTimeS: 1, atMs: ago(1_000) } },
          b2: { ...lost(), left: { agentTimeS: 1, atMs: ago(1_000) } },
          c1: reaches,
        },
      },
      "keep active-healthy",
    ],
    [
      "does not hear an agent that just started and checks nobody",
      {
        suspicion: marked(),
        records: { a1: quiet, b1: { ...lost(), reach: [] }, b2: { ...lost(), reach: [] }, c1: reaches },
      },
      "keep active-healthy",
    ],
    [
      "does not hear a host that is not configured any more",
      {
        suspicion: marked(),
        others: [location("there", ["b1"]), location("yonder", ["c1"])],
        records: { a1: quiet, b1: reaches, b2: lost(), c1: null },
      },
      "keep active-healthy",
    ],
    [
      "does not hear the host's own location, nor one that is no peer",
      {
        here: { excludes: ["there"] },
        suspicion: marked(),
        records: { a1: quiet, a2: lost(), b1: lost(), b2: lost(), c1: reaches },
      },
      "keep active-healthy",
    ],
    [
      "forgets a mark of an older epoch",
      { suspicion: marked({ epoch: 1 }), heads: { here: { epoch: 2 } }, records: { a1: quiet, ...everyoneLost } },
      "keep active-healthy",
    ],
    [
      "means nothing where host checking is off",
      { link: { hostCheck: false }, suspicion: marked(), records: { a1: quiet, ...everyoneLost } },
      "keep active-healthy",
    ],
    [
      "waits for a hold",
      { suspicion: marked(), pulse: { holdUntilMs: now + 1 }, records: { a1: quiet, ...everyoneLost } },
      "keep hold",
    ],
    [
      "decides nothing while Pointsman may be deaf",
      { suspicion: marked(), pulse: { lastCreditedMs: ago(15_001) }, records: { a1: quiet, ...everyoneLost } },
      "keep deaf",
    ],
    [
      "keeps the routes where no other host is available, even where routes are removed then: the host is not gone yet",
      { here: { removeRoutes: true }, suspicion: marked(), records: { a1: quiet, a2: null, ...everyoneLost } },
      "keep nobody-available",
    ],
    [
      "does not elect the suspect again before it was heard, when the successor fails",
      {
        heads: { here: { activeHostId: "a2", demotedMs: { a1: ago(1_000) } } },
        records: { a1: quiet, a2: { lastSeenMs: ago(31_000) } },
      },
      "keep nobody-available",
    ],
  ]);

  it("says how many of how many cannot reach the host", () => {
    const scene: Scene = {
      link: { hostCheck: true },
      suspicion: marked(),
      records: { a1: quiet, b1: lost(), b2: lost(), c1: reaches },
    };

    expect(judge(scene).evidence).toContain("2 of 3 remote hosts cannot reach it");
  });

  it("does not ask static hosts, which check nobody", () => {
    const others = [location("office", [staticHost("router", "203.0.113.9")]), location("there", ["b1"])];
    const scene: Scene = { others, suspicion: marked(), records: { a1: quiet, b1: lost() } };

    expect(outcome({ ...scene, link: { hostCheck: true } })).toBe("a2 suspected");
  });
});
