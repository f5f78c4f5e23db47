import { describe, expect, it } from "vitest";
import { reportText } from "../../sim/run/report.ts";
import { summaryOf, summaryTable } from "../../sim/run/summary.ts";
import { countFaults, findingsOf, firstOfEach, inOrder, nothing, withWorld } from "../../sim/run/tally.ts";
import { violation, worldResult } from "./fixtures.ts";

const name = (seed: number) => ({ seed, hours: 1, faults: "heavy" }) as const;
const one = worldResult({ faults: { ...worldResult().faults, replay: 3, "db-slow": 1 } });
const other = worldResult({ seed: 2, heartbeats: 50, faults: { ...worldResult().faults, replay: 4 } });

describe("the tally of a run", () => {
  it("adds worlds up, in whatever order they end", () => {
    const forth = withWorld(withWorld(nothing, one), other);
    const back = withWorld(withWorld(nothing, other), one);

    expect(forth).toEqual(back);
    expect(forth).toMatchObject({ worlds: 2, simulatedMs: 7_200_000, heartbeats: 150, failovers: 8, staleLandings: 2 });
    expect(countFaults(forth)).toBe(8);
  });

  it("orders violations by seed and time, and picks the first of each promise and check", () => {
    const findings = [
      ...findingsOf(name(9), worldResult({ violations: [violation("fence", 5)] })),
      ...findingsOf(name(2), worldResult({ violations: [violation("order", 90), violation("fence", 60)] })),
    ];

    expect(inOrder(findings).map(({ world, atMs }) => [world.seed, atMs])).toEqual([
      [2, 60_000],
      [2, 90_000],
      [9, 5_000],
    ]);
    expect(firstOfEach(findings).map(({ violation: found }) => found.check)).toEqual(["fence", "order"]);
  });

  it("becomes a summary with the share of each kind of fault, and violations by promise", () => {
    const tally = withWorld(withWorld(nothing, one), other);
    const findings = findingsOf(name(2), worldResult({ violations: [violation("fence", 60)] }));
    const parts = { broken: 0, firstSeed: 1, hours: 1, level: "heavy", wallMs: 30_000 };

    const summary = summaryOf({ tally, findings, ...parts });

    expect(summary.simulatedHours).toBe(2);
    expect(summary.faults.find(({ kind }) => kind === "replay")).toEqual({ kind: "replay", count: 7, share: 0.875 });
    expect(summary.violations.filter(({ count }) => count > 0)).toEqual([{ promise: 2, count: 1 }]);
    const lines = summaryTable(summary).split("\n");
    expect(lines.find((line) => line.startsWith("heartbeats"))).toMatch(/150 {2}5 a second of wall time/);
    expect(lines.find((line) => line.includes("  replay"))).toMatch(/7 {2}87\.5 %/);
    expect(lines.find((line) => line.startsWith("  promise 2"))).toMatch(/1$/);
    expect(lines.some((line) => line.includes("broken"))).toBe(false);
  });
});

describe("the report of a violation", () => {
  it("names promise, check, seed, step and time, tells what happened, and how to see it again", () => {
    const [finding] = findingsOf(name(17), worldResult({ violations: [violation("fence", 812.4)] }));
    if (finding === undefined) throw new Error("no finding");

    const text = reportText({
      finding,
      narrowing: { only: [3, 17], untilMs: 812_401 },
      trace: ["  812.000  something"],
      shrinking: "cut down from 60 to 2 incidents (replay) in 14 runs",
    });

    expect(text).toBe(
      [
        "VIOLATION of promise 2 (fence): seed 17, step 77, 812.400 s",
        "  fence failed",
        "  cut down from 60 to 2 incidents (replay) in 14 runs",
        "  trace (seconds since the beginning of the world):",
        "      812.000  something",
        "  replay: npm run sim -- --seed 17 --hours 1 --faults heavy --until 812.401 --only 3,17",
      ].join("\n"),
    );
  });
});
