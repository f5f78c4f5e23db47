import { limits } from "../../domain/limits.ts";
import type { Clock } from "../../ports/clock.ts";

/** Keeps the calls of each changing action within what EC2 lets through in one account and region. */
export type Pace = {
  /** Waits for a turn. False when the signal aborted first: the turn is then given back. */
  turn(action: string, signal: AbortSignal): Promise<boolean>;
  /** EC2 throttled a call, so that others use the same allowance: nothing of ours is left of it. */
  exhausted(action: string): void;
};

type Bucket = { tokens: number; filledMs: number };

/** A token bucket for each action. Tokens below zero are turns that somebody waits for already. */
export function pace(clock: Clock): Pace {
  const buckets = new Map<string, Bucket>();

  const filled = (action: string): Bucket => {
    const nowMs = clock.monotonicMs();
    const bucket = buckets.get(action) ?? { tokens: limits.awsBurstCalls, filledMs: nowMs };
    buckets.set(action, bucket);
    const earned = ((nowMs - bucket.filledMs) / 1_000) * limits.awsCallsPerSecond;
    bucket.tokens = Math.min(limits.awsBurstCalls, bucket.tokens + earned);
    bucket.filledMs = nowMs;
    return bucket;
  };

  return {
    async turn(action, signal) {
      if (signal.aborted) return false;
      const bucket = filled(action);
      bucket.tokens -= 1;
      const waitMs = Math.ceil((-bucket.tokens / limits.awsCallsPerSecond) * 1_000);
      if (waitMs <= 0) return true;
      await clock.sleep(waitMs, signal);
      if (!signal.aborted) return true;
      bucket.tokens += 1;
      return false;
    },
    exhausted(action) {
      const bucket = filled(action);
      bucket.tokens = Math.min(0, bucket.tokens);
    },
  };
}
