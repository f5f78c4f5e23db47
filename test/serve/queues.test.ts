import { describe, expect, it } from "vitest";
import { settle, type TestClock, testClock } from "../../dev/test-clock.ts";
import type { QueueOptions } from "../../serve/queues/delivery.ts";
import { createFifoQueue } from "../../serve/queues/fifo-queue.ts";
import { createStandardQueue } from "../../serve/queues/standard-queue.ts";

const silent = { warn: () => {}, error: () => {} };

type Run = { readonly message: string; readonly atMs: number; readonly attempt: number };

/** Queue options over a virtual clock, whose function notes its runs and then does what `work` says. */
function noting(clock: TestClock, runs: Run[], work: (run: Run) => Promise<void> = async () => {}) {
  const options: QueueOptions<string> = {
    name: "queue",
    clock,
    log: silent,
    visibilityMs: 35_000,
    functionMs: 30_000,
    maxReceives: 3,
    concurrency: 2,
    handle: async (message, attempt) => {
      const run = { message, atMs: clock.monotonicMs(), attempt };
      runs.push(run);
      await work(run);
    },
  };
  return options;
}

const failing = async (): Promise<void> => {
  throw new Error("no");
};

describe("the local standard queue", () => {
  it("delivers after the delay, in whole seconds as the cloud's queue counts it", async () => {
    const clock = testClock();
    const runs: Run[] = [];
    const queue = createStandardQueue({ ...noting(clock, runs), doubleEvery: 0 });

    queue.send("late", 7_900);
    queue.send("now", 0);
    await clock.advance(60_000);

    expect(runs.map((run) => [run.message, run.atMs])).toEqual([
      ["now", 0],
      ["late", 7_000],
    ]);
  });

  it("takes no delay of more than 15 minutes", async () => {
    const clock = testClock();
    const runs: Run[] = [];
    const queue = createStandardQueue({ ...noting(clock, runs), doubleEvery: 0 });

    queue.send("far", 3_600_000);
    await clock.advance(900_000);

    expect(runs).toHaveLength(1);
  });

  it("delivers some messages twice", async () => {
    const clock = testClock();
    const runs: Run[] = [];
    const queue = createStandardQueue({ ...noting(clock, runs), doubleEvery: 2 });

    for (const message of ["a", "b", "c", "d"]) queue.send(message, 0);
    await clock.advance(1);

    expect(runs.map((run) => run.message).sort()).toEqual(["a", "b", "b", "c", "d", "d"]);
  });

  it("delivers a failed message again when its visibility ends, and buries it after the last attempt", async () => {
    const clock = testClock();
    const runs: Run[] = [];
    const queue = createStandardQueue({ ...noting(clock, runs, failing), doubleEvery: 0 });

    queue.send("bad", 0);
    await clock.advance(200_000);

    expect(runs.map((run) => [run.atMs, run.attempt])).toEqual([
      [0, 1],
      [35_000, 2],
      [70_000, 3],
    ]);
    expect(queue.state).toEqual({ held: 0, deadLetters: ["bad"] });
  });

  it("runs no more at a time than it may, and a failed message keeps no slot", async () => {
    const clock = testClock();
    const runs: Run[] = [];
    const work = async (run: Run) => (run.message === "bad" ? failing() : clock.sleep(1_000));
    const queue = createStandardQueue({ ...noting(clock, runs, work), concurrency: 1, doubleEvery: 0 });

    for (const message of ["bad", "one", "two"]) queue.send(message, 0);
    await clock.advance(10_000);

    expect(runs.map((run) => [run.message, run.atMs])).toEqual([
      ["bad", 0],
      ["one", 0],
      ["two", 1_000],
    ]);
  });
});

describe("the local FIFO queue", () => {
  it("keeps the order of a group with one message in flight, while other groups go on", async () => {
    const clock = testClock();
    const runs: Run[] = [];
    const queue = createFifoQueue(noting(clock, runs, () => clock.sleep(1_000)));

    queue.send("a1", "a");
    queue.send("a2", "a");
    queue.send("b1", "b");
    await clock.advance(10_000);

    expect(runs.map((run) => [run.message, run.atMs])).toEqual([
      ["a1", 0],
      ["b1", 0],
      ["a2", 1_000],
    ]);
  });

  it("blocks a group behind a failed message until it succeeds or is buried", async () => {
    const clock = testClock();
    const runs: Run[] = [];
    const work = async (run: Run) => (run.message === "bad" ? failing() : undefined);
    const queue = createFifoQueue(noting(clock, runs, work));

    queue.send("bad", "a");
    queue.send("good", "a");
    queue.send("other", "b");
    await clock.advance(200_000);

    expect(runs.map((run) => [run.message, run.atMs])).toEqual([
      ["bad", 0],
      ["other", 0],
      ["bad", 35_000],
      ["bad", 70_000],
      ["good", 105_000],
    ]);
    expect(queue.state.deadLetters).toEqual(["bad"]);
  });

  it("counts a run that is longer than the function may take as failed", async () => {
    const clock = testClock();
    const runs: Run[] = [];
    const work = async (run: Run) => (run.attempt === 1 ? clock.sleep(3_600_000) : undefined);
    const queue = createFifoQueue(noting(clock, runs, work));

    queue.send("frozen", "a");
    await clock.advance(60_000);

    expect(runs.map((run) => run.atMs)).toEqual([0, 35_000]);
  });

  it("ends when no run is under way, and delivers nothing afterwards", async () => {
    const clock = testClock();
    const runs: Run[] = [];
    const queue = createFifoQueue(noting(clock, runs, () => clock.sleep(5_000)));
    queue.send("first", "a");
    queue.send("second", "a");
    await settle();

    let isStopped = false;
    const stopping = queue.stop().then(() => {
      isStopped = true;
    });
    await clock.advance(4_000);
    expect(isStopped).toBe(false);
    await clock.advance(1_000);
    await stopping;

    queue.send("third", "a");
    await clock.advance(60_000);
    expect(runs.map((run) => run.message)).toEqual(["first"]);
  });
});
