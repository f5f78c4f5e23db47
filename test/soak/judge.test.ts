import { describe, expect, it } from "vitest";
import type { History } from "../../soak/judge/history.ts";
import { judge } from "../../soak/judge/judge.ts";
import { at, decision, eventOf, host, LOCATION, story } from "./stories.ts";

const first = decision(1, 0, [null, "a"], "first-host");
const b = host("b", [[0, undefined]]);
const aAlways = host("a", [[0, undefined]]);
const aVanishes = host("a", [[0, 30]]);
const failover = decision(2, 40, ["a", "b"]);

const promisesOf = (history: History) => judge(history).findings.map(({ promise }) => promise);

describe("the soak's judge", () => {
  it("finds nothing where a vanished host was failed over", () => {
    const { findings, failovers } = judge(story([aVanishes, b], [first, failover]));

    expect(findings).toEqual([]);
    expect(failovers).toEqual([
      { name: "link/site/a", stoppedMs: at(30), how: "silent", dueMs: at(40), decidedMs: at(40) },
    ]);
  });

  describe("of lost decisions", () => {
    const seen = { locationId: LOCATION, epoch: 2, active: "b", seenMs: at(41), where: "status" as const };

    it.each<[string, History]>([
      ["an epoch that is missing", story([aVanishes, b], [first, { ...failover, epoch: 3 }])],
      ["a location without any decision", story([host("c", []), b], [])],
      [
        "a decision that does not follow from the one before",
        story([aAlways, b], [first, decision(2, 40, ["c", "b"], "higher-priority")]),
      ],
      ["a decision that was seen once", story([aAlways, b], [first], { seen: [seen] })],
      [
        "a decision that was seen to be another",
        story([aVanishes, b], [first, failover], { seen: [{ ...seen, active: "c" }] }),
      ],
      ["the event of a decision", story([aVanishes, b], [first, failover], { events: [eventOf(first)] })],
      ["the decision of an event", story([aAlways, b], [first], { events: [first, failover].map(eventOf) })],
      [
        "a decision that a host was told of",
        story([aAlways, { ...b, toldActive: [{ sentMs: at(41), answeredMs: at(41) + 20 }] }], [first]),
      ],
    ])("finds %s", (_, history) => {
      expect(promisesOf(history)).toEqual(["lost-decision"]);
    });

    it("takes what was seen and is on record", () => {
      expect(promisesOf(story([aVanishes, b], [first, failover], { seen: [seen] }))).toEqual([]);
    });
  });

  describe("of false failovers", () => {
    it("finds one away from a host that was answered just before", () => {
      const [finding] = judge(story([aAlways, b], [first, failover])).findings;

      expect(finding).toMatchObject({ promise: "false-failover" });
      expect(finding?.text).toBe(
        "link/site epoch 2 (timed-out) away from link/site/a, whose heartbeat of 1000 ms before was answered",
      );
    });

    it("takes one for another reason than silence", () => {
      expect(promisesOf(story([aAlways, b], [first, decision(2, 40, ["a", "b"], "higher-priority")]))).toEqual([]);
    });

    it("takes one away from a host that was silent for nearly its time-out, as its record may be older", () => {
      expect(promisesOf(story([host("a", [[0, 32]]), b], [first, failover]))).toEqual([]);
    });

    it("finds one away from a host that ran and was not answered, as in an outage without a hold", () => {
      const deaf: readonly (readonly [number, number])[] = [[25, 45]];
      const outages = [{ victim: "server" as const, killedMs: at(25), upMs: at(38) }];
      const [finding] = judge(
        story([host("a", [[0, undefined]], deaf), host("b", [[0, undefined]], deaf)], [first, failover], { outages }),
      ).findings;

      expect(finding).toMatchObject({ promise: "false-failover" });
      expect(finding?.text).toContain(
        "which ran all the time, and was last answered 16000 ms before; 15 s after the server was killed",
      );
    });
  });

  it("tells one away from a host that a slow server did not answer apart from a false one", () => {
    const slow = host("a", [[0, undefined]], [[25, 60]]);
    const outages = [{ victim: "server" as const, killedMs: at(15), upMs: at(17) }];

    for (const history of [story([slow, b], [first, failover]), story([slow, b], [first, failover], { outages })]) {
      expect(promisesOf(history)).toEqual([]);
      expect(judge(history).starved).toEqual([
        "link/site epoch 2 (timed-out) away from link/site/a, which ran all the time, and was last answered 16000 ms before",
      ]);
    }
  });

  describe("of missed failovers", () => {
    it("finds an active host that vanished and was never replaced", () => {
      expect(promisesOf(story([aVanishes, b], [first]))).toEqual(["missed-failover"]);
    });

    it("expects none where nobody could take over", () => {
      const { findings, failovers } = judge(story([aVanishes, host("b", [[0, 35]])], [first]));

      expect([findings, failovers]).toEqual([[], []]);
    });

    it("expects none of a standby", () => {
      expect(judge(story([aAlways, host("b", [[0, 30]])], [first])).failovers).toEqual([]);
    });

    it("expects none of a host that was back before it was due", () => {
      expect(
        judge(
          story(
            [
              host("a", [
                [0, 30],
                [33, undefined],
              ]),
              b,
            ],
            [first],
          ),
        ).failovers,
      ).toEqual([]);
    });

    it("grants the hold after an outage", () => {
      const outages = [{ victim: "database" as const, killedMs: at(35), upMs: at(45) }];
      const back = host("a", [
        [0, 30],
        [62, undefined],
      ]);
      const { findings } = judge(story([back, b], [first], { outages }));
      const late = judge(story([aVanishes, b], [first, decision(2, 60, ["a", "b"])], { outages }));

      expect(findings).toEqual([]);
      expect(late.findings).toEqual([]);
      expect(late.failovers).toMatchObject([{ dueMs: at(65), decidedMs: at(60) }]);
    });
  });

  it("finds a route that does not point at the active host, and a process that died", () => {
    const route = { locationId: LOCATION, table: "rtb-1", destination: "10.1.0.0/16", wanted: "eni-b", found: "eni-a" };
    const history = story([aVanishes, b], [first, failover], {
      routes: [route, { ...route, found: "eni-b" }],
      deaths: ["the server ended"],
    });

    expect(judge(history).findings).toEqual([
      { promise: "wrong-route", text: "link/site: 10.1.0.0/16 in rtb-1 points at eni-a, not at eni-b" },
      { promise: "died", text: "the server ended" },
    ]);
  });
});
