import { describe, expect, it } from "vitest";
import type { FaultKind, Incident } from "../../sim/faults/kinds.ts";
import { type Candidate, shrink } from "../../sim/run/shrink.ts";

const kinds: readonly FaultKind[] = ["host-vanish", "replay", "db-stale", "net-lose", "cloud-late"];

function incidents(count: number): readonly Incident[] {
  return Array.from({ length: count }, (_, number) => {
    const kind = kinds[number % kinds.length] ?? "replay";
    return { number, kind, fromMs: number * 10_000, toMs: number * 10_000 + 5_000, roll: 0.5 };
  });
}

/** A world that fails at a time when all of some incidents are in it. */
function world(needed: readonly number[], atMs: number) {
  const tried: Candidate[] = [];
  return {
    tried,
    stillFails: async (candidate: Candidate): Promise<number | undefined> => {
      tried.push(candidate);
      const numbers = candidate.incidents.map((incident) => incident.number);
      return needed.every((number) => numbers.includes(number)) && candidate.untilMs >= atMs ? atMs : undefined;
    },
  };
}

const bounds = { mostRuns: 60, mostMs: Number.POSITIVE_INFINITY };
const numbersOf = ({ incidents: kept }: Candidate) => kept.map((incident) => incident.number);

describe("shrinking a world that fails", () => {
  it("leaves nothing in that is not needed, and ends just after the violation", async () => {
    const { stillFails } = world([3, 17], 199_999.4);

    const shrunk = await shrink({ incidents: incidents(100), untilMs: 400_000 }, { stillFails, ...bounds });

    expect(numbersOf(shrunk)).toEqual([3, 17]);
    expect(shrunk.untilMs).toBe(200_001);
    expect(shrunk.isThrough).toBe(true);
  });

  it("finds with one run that no incident is needed at all", async () => {
    const { stillFails, tried } = world([], 200_000);

    const shrunk = await shrink({ incidents: incidents(100), untilMs: 400_000 }, { stillFails, ...bounds });

    expect(shrunk.incidents).toEqual([]);
    expect(tried).toHaveLength(1);
  });

  it("keeps what is needed only together, of different kinds and times", async () => {
    const { stillFails } = world([0, 6, 12, 18], 500_000);

    const shrunk = await shrink({ incidents: incidents(40), untilMs: 500_001 }, { stillFails, ...bounds });

    expect(numbersOf(shrunk)).toEqual([0, 6, 12, 18]);
  });

  it("never runs more often than it may, and answers the smallest that failed", async () => {
    const { stillFails, tried } = world([1, 5, 9, 14, 22, 31, 44, 57, 63, 78], 900_000);

    const shrunk = await shrink(
      { incidents: incidents(90), untilMs: 900_000 },
      { stillFails, ...bounds, mostRuns: 12 },
    );

    expect(tried).toHaveLength(12);
    expect(shrunk.runs).toBe(12);
    expect(shrunk.isThrough).toBe(false);
    expect(await stillFails(shrunk)).toBe(900_000);
  });

  it("stops when its simulated time is used up", async () => {
    const { stillFails, tried } = world([0, 89], 900_000);

    await shrink({ incidents: incidents(90), untilMs: 900_000 }, { stillFails, mostRuns: 60, mostMs: 2_000_000 });

    expect(tried).toHaveLength(3);
  });

  it("drops what begins after the end without a run", async () => {
    const { stillFails, tried } = world([2], 25_000);

    const shrunk = await shrink({ incidents: incidents(50), untilMs: 25_000 }, { stillFails, ...bounds });

    expect(numbersOf(shrunk)).toEqual([2]);
    expect(tried.every((candidate) => candidate.incidents.length <= 3)).toBe(true);
  });

  it("comes to the same when it is done again", async () => {
    const once = world([4, 33], 350_000);
    const again = world([4, 33], 350_000);
    const start = { incidents: incidents(60), untilMs: 360_000 };

    await shrink(start, { stillFails: once.stillFails, ...bounds });
    await shrink(start, { stillFails: again.stillFails, ...bounds });

    expect(again.tried).toEqual(once.tried);
  });
});
