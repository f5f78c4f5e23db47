import { describe, expect, it } from "vitest";
import { settle, testClock } from "../../dev/test-clock.ts";
import { createHealth } from "../../serve/health.ts";
import { localQueues } from "../../serve/queues/local-queues.ts";
import { type Parting, part } from "../../serve/stop.ts";

const log = { info: () => {}, warn: () => {}, error: () => {} };
const wake = { linkId: "l", locationId: "x", cause: "decision", round: 0 } as const;

/** A server whose swaps take `swapMs`, and a look at what it ended when. */
function world(swapMs: number, drainMs = 0) {
  const clock = testClock();
  const ended: string[] = [];
  const note = (what: string) => void ended.push(`${what} at ${clock.monotonicMs()}`);
  const health = createHealth(clock);
  const queues = localQueues(
    { clock, log, doubleEvery: 0 },
    {
      tick: async () => note("tick"),
      swap: async () => {
        await clock.sleep(swapMs);
        note("swap");
      },
      examine: async () => {},
    },
  );
  const parting: Parting = {
    settings: { drainMs },
    health,
    schedules: async () => note("schedules"),
    server: { port: 1, renew: () => {}, stop: async () => note("server") },
    queues,
    close: async () => note("closed"),
  };
  return { clock, ended, health, queues, stop: () => part(parting, { clock, log }) };
}

describe("a server that is told to stop", () => {
  it("ends swaps that run and swaps that wait before it closes, and no tick that is not due", async () => {
    const { clock, ended, queues, stop } = world(3_000);
    await queues.swapQueue.wake([wake, { ...wake, locationId: "y" }, wake]);
    await queues.tickQueue.send([{ kind: "sweep", dueMs: clock.nowMs() + 5_000 }]);

    const stopped = stop();
    await clock.advance(9_000);

    expect(await stopped).toBe(true);
    expect(ended).toEqual([
      "server at 0",
      "schedules at 0",
      "swap at 3000",
      "swap at 3000",
      "tick at 5000",
      "swap at 6000",
      "closed at 6000",
    ]);
  });

  it("cuts off after 10 s what does not end, and says so", async () => {
    const { clock, ended, queues, stop } = world(20_000);
    await queues.swapQueue.wake([wake]);
    await settle();

    const stopped = stop();
    await clock.advance(10_000);

    expect(await stopped).toBe(false);
    expect(ended.at(-1)).toBe("closed at 10000");
  });

  it("goes on for as long as load balancers need, while its health sends them elsewhere", async () => {
    const { clock, ended, health, stop } = world(0, 30_000);

    const stopped = stop();
    await clock.advance(29_999);
    expect([ended, health.report().failing.includes("stopping")]).toEqual([[], true]);
    await clock.advance(1);

    expect(await stopped).toBe(true);
    expect(ended[0]).toBe("server at 30000");
  });
});
