import { describe, expect, it } from "vitest";
import type { Fact, Writer } from "../../sim/facts.ts";
import { concerns, createStory } from "../../sim/run/story.ts";
import { beganMs } from "./fixtures.ts";

const writer: Writer = { process: "routes-2", role: "routes", clockOffsetMs: 12 };
const call = {
  number: 7,
  writer,
  cloud: "replace",
  kind: "replace",
  table: "rtb-1",
  destination: "10.2.0.0/16",
  target: "eni-b",
  startedMs: beganMs + 1_000,
  sentMs: beganMs + 1_000,
  landedMs: beganMs + 1_250,
  result: "ok",
  before: "eni-a",
  after: "eni-b",
} as const;

describe("the story of a world", () => {
  it("says when, what and by whom", () => {
    const story = createStory(beganMs);

    expect(story.tell({ kind: "call-landed", atMs: beganMs + 1_250, call })).toBe(
      "    1.250  call #7 replace 10.2.0.0/16 in rtb-1 -> eni-b landed after 250 ms: eni-a -> eni-b",
    );
    expect(story.tell({ kind: "call-started", atMs: beganMs + 1_000, call })).toContain("started by routes-2");
  });

  it("says when the clock of a process is off", () => {
    const story = createStory(beganMs);
    const off = { ...writer, clockOffsetMs: -31_000.4 };

    expect(story.tell({ kind: "archived", atMs: beganMs, decision: decision("loc1"), writer: off })).toContain(
      "loc1: epoch 4 archived by routes-2 (clock -31000 ms off)",
    );
  });

  it("leaves out the routine of hosts, and keeps what is out of order", () => {
    const story = createStory(beganMs);
    const answered = { kind: "answered", atMs: beganMs, hostId: "h1", isGenuine: true, signedMs: 0, writer } as const;
    const facts: readonly Fact[] = [
      { kind: "sent", atMs: beganMs, hostId: "h1", method: "PUT", agentTimeS: 0 },
      { ...answered, method: "PUT", status: 200 },
      { ...answered, method: "PUT", status: 503 },
      { ...answered, method: "PUT", status: 200, isGenuine: false },
      { kind: "sent", atMs: beganMs, hostId: "h1", method: "DELETE", agentTimeS: 0 },
    ];

    expect(facts.flatMap((fact) => story.tell(fact) ?? []).map((line) => line.trim().slice(7))).toEqual([
      "PUT of h1 answered 503 by routes-2",
      "forged or replayed: PUT of h1 answered 200 by routes-2",
      "h1 sent DELETE",
    ]);
  });

  it("knows what a fact is about, as a whole word", () => {
    const fact: Fact = { kind: "call-landed", atMs: beganMs, call };

    expect(concerns(fact, ["rtb-1"])).toBe(true);
    expect(concerns(fact, ["rtb", "loc1"])).toBe(false);
  });
});

function decision(locationId: string): Extract<Fact, { kind: "head" }>["decision"] {
  return {
    linkId: "link1",
    locationId,
    epoch: 4,
    generation: 1,
    activeHostId: "h1",
    previousHostId: null,
    reason: "timed-out",
    decidedMs: beganMs,
    by: "sweep",
    networkVersion: 1,
    evidence: "",
    demotedMs: {},
    tunnelMoveMs: 0,
    swap: { state: "pending" },
  };
}
