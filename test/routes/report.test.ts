import { describe, expect, it } from "vitest";
import { attemptsSoFar, isNews, nextAttempt, nextReport, type Outcome } from "../../functions/routes/report.ts";
import { type Retry, RouteError } from "../../shared/domain/errors.ts";
import { limits } from "../../shared/domain/limits.ts";

const nowMs = 1_000_000;
const failure = (retry: Retry, code: RouteError["code"] = "CLOUD_FAULT") => ({
  error: new RouteError(code, "it failed", { retry, next: "do this" }),
  table: "t",
  destination: "10.2.0.0/16",
});

function outcome(more: Partial<Outcome> = {}): Outcome {
  return {
    end: "verified",
    steps: [],
    tally: { written: 0, firstWriteMs: undefined },
    failures: [],
    isDone: true,
    ...more,
  };
}

const left = (retry: Retry) => outcome({ isDone: false, end: "out-of-time", failures: [failure(retry)] });
const gettingOn = outcome({ isDone: false, end: "out-of-time", tally: { written: 3, firstWriteMs: 5 } });

describe("work that a run left", () => {
  it("goes on at once while it gets on, for a bounded number of rounds", () => {
    expect(nextAttempt(gettingOn, 1, 0, nowMs)).toEqual({ kind: "continue" });
    expect(nextAttempt(gettingOn, 1, limits.swapRounds - 2, nowMs)).toEqual({ kind: "continue" });
    expect(nextAttempt(gettingOn, 1, limits.swapRounds - 1, nowMs)).toMatchObject({ kind: "reconcile" });
  });

  it("goes on after pauses that double, and then with the reconcile", () => {
    const pauses = [1, 2, 3, 4, 5, 50].map((attempts) => {
      const next = nextAttempt(left("soon"), attempts, 0, nowMs);
      return next.kind === "tick" ? next.dueMs - nowMs : next.kind;
    });

    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, "reconcile", "reconcile"]);
  });

  it("is left to the reconcile when no call can be expected to work", () => {
    expect(nextAttempt(left("never"), 1, 0, nowMs)).toEqual({ kind: "reconcile", dueMs: nowMs + limits.sweepMs });
    const mixed = { ...left("never"), failures: [failure("never"), failure("later")] };
    expect(nextAttempt(mixed, 1, 0, nowMs).kind).toBe("tick");
  });

  it("is none when everything is done", () => {
    expect(nextAttempt(outcome(), 0, 0, nowMs)).toEqual({ kind: "none" });
  });
});

describe("a swap report", () => {
  const first = nextReport(undefined, 7, left("soon"), { kind: "tick", dueMs: 5 }, nowMs);

  it("counts runs in a row that left work in the same epoch", () => {
    expect(attemptsSoFar(undefined, 7, false)).toBe(1);
    expect(attemptsSoFar(first, 7, false)).toBe(2);
    expect(attemptsSoFar(first, 8, false)).toBe(1);
    expect(attemptsSoFar(first, 7, true)).toBe(0);
  });

  it("adds up what was written in an epoch, and keeps the first write and the first verification", () => {
    const second = nextReport(first, 7, { ...gettingOn, isDone: true, end: "verified" }, { kind: "none" }, nowMs + 10);
    const third = nextReport(second, 7, { ...gettingOn, isDone: true }, { kind: "none" }, nowMs + 20);

    expect(second).toMatchObject({ written: 3, firstWriteMs: 5, verifiedMs: nowMs + 10, errors: [], retryAtMs: null });
    expect(third).toMatchObject({ written: 6, firstWriteMs: 5, verifiedMs: nowMs + 10 });
    expect(nextReport(third, 8, outcome(), { kind: "none" }, nowMs)).toMatchObject({ written: 0, firstWriteMs: null });
  });

  it("names a bounded number of errors, with what to do", () => {
    const many = { ...left("soon"), failures: Array.from({ length: 500 }, () => failure("soon")) };

    const { errors } = nextReport(undefined, 7, many, { kind: "reconcile", dueMs: 9 }, nowMs);

    expect(errors).toHaveLength(limits.reportErrors);
    expect(errors[0]).toEqual({
      code: "CLOUD_FAULT",
      message: "it failed; do this",
      table: "t",
      destination: "10.2.0.0/16",
    });
  });

  it("is not written again for nothing but its time", () => {
    const done = nextReport(undefined, 7, outcome(), { kind: "none" }, nowMs);
    const later = nextReport(done, 7, outcome(), { kind: "none" }, nowMs + 60_000);

    expect(isNews(done, later)).toBe(false);
    expect(isNews(undefined, done)).toBe(true);
    expect(isNews(done, nextReport(done, 7, left("soon"), { kind: "tick", dueMs: 5 }, nowMs))).toBe(true);
  });
});
