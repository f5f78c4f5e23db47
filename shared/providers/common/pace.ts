import { limits } from "../../domain/limits.ts";
import type { Clock } from "../../ports/clock.ts";

/** Keeps changing calls within what a cloud lets through. `lane`: what the cloud counts apart, such as an action. */
export type Pace = {
  /** Waits for a turn. False when the signal aborted first: the turn is then given back. */
  turn(lane: string, signal: AbortSignal): Promise<boolean>;
  /** The cloud throttled a call, so that others use the same allowance: nothing of ours is left of it. */
  exhausted(lane: string): void;
};

type Bucket = { tokens: number; filledMs: number };

/** What a cloud lets through at once, and then a second. */
export type Allowance = { readonly burst: number; readonly perSecond: number };

/** A token bucket for each lane. Tokens below zero are turns that somebody waits for already. */
export function pace(clock: Clock, { burst, perSecond }: Allowance): Pace {
  const buckets = new Map<string, Bucket>();

  const filled = (lane: string): Bucket => {
    const nowMs = clock.monotonicMs();
    const bucket = buckets.get(lane) ?? { tokens: burst, filledMs: nowMs };
    buckets.set(lane, bucket);
    const earned = ((nowMs - bucket.filledMs) / 1_000) * perSecond;
    bucket.tokens = Math.min(burst, bucket.tokens + earned);
    bucket.filledMs = nowMs;
    return bucket;
  };

  return {
    async turn(lane, signal) {
      if (signal.aborted) return false;
      const bucket = filled(lane);
      bucket.tokens -= 1;
      const waitMs = Math.ceil((-bucket.tokens / perSecond) * 1_000);
      if (waitMs <= 0) return true;
      await clock.sleep(waitMs, signal);
      if (!signal.aborted) return true;
      bucket.tokens += 1;
      return false;
    },
    exhausted(lane) {
      const bucket = filled(lane);
      bucket.tokens = Math.min(0, bucket.tokens);
    },
  };
}

/**
 * Turns that come with what calls are signed with: to fetch that after the guard has been asked would make its answer
 * old. `entered` resolves when it is there, or when it will not be; why not is told by the call that needs it.
 */
export function enteredPace(turns: Pace, clock: Clock, entered: () => Promise<void>): Pace {
  return {
    exhausted: turns.exhausted,
    async turn(lane, signal) {
      if (!(await turns.turn(lane, signal))) return false;
      const over = new AbortController();
      await Promise.race([entered(), clock.sleep(limits.routeCallMs, AbortSignal.any([signal, over.signal]))]);
      over.abort();
      return !signal.aborted;
    },
  };
}

/** Resolves when something was tried, however that ended. */
export async function tried(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch {
    // Told by whoever needs what it gives.
  }
}
