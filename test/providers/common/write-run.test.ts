import { describe, expect, it } from "vitest";
import { testClock } from "../../../dev/test-clock.ts";
import { RouteError } from "../../../shared/domain/errors.ts";
import type { RouteChange } from "../../../shared/ports/route-provider.ts";
import { pace } from "../../../shared/providers/common/pace.ts";
import { writeRun } from "../../../shared/providers/common/write-run.ts";

const clock = testClock();
const change: RouteChange = {
  kind: "create",
  table: { id: "rt-1", key: "cloud/rt-1" },
  destination: "10.2.0.0/16",
  target: "nic-1",
};

const run = () =>
  writeRun<string>({
    cloud: "cloud",
    pace: pace(clock, { burst: 10, perSecond: 10 }),
    guard: async () => undefined,
    signal: new AbortController().signal,
    nowMs: () => clock.nowMs(),
    routeError: (code, call, message) => new RouteError(code, `${call}: ${message}`, { retry: "soon", next: "wait" }),
    textOf: (call) => call,
  });

describe("a change that fails in a way that no provider foresaw", () => {
  it("has an outcome like any other, since other changes of the run go on", async () => {
    const surprise = new TypeError("cannot read properties of undefined");
    const lanes = run();

    const outcomes = await Promise.all([
      lanes.outcome(change, () => Promise.reject(surprise)),
      lanes.outcome(change, async () => undefined),
    ]);

    expect(outcomes).toMatchObject([
      { result: "failed", error: { code: "UNKNOWN", retry: "soon", cause: surprise } },
      { result: "written", landedMs: clock.nowMs() },
    ]);
    expect(outcomes[0]).toHaveProperty("error.message", expect.stringContaining("10.2.0.0/16 in rt-1"));
  });
});
