import type { Clock } from "../../../shared/ports/clock.ts";

type Bucket = { tokens: number; filledMs: number };

/**
 * EC2's own figures: a bucket for every API action, account and region, of 100 requests refilled by 20 a second for
 * what only describes, and of 50 refilled by 5 a second for what changes something.
 */
export const EC2_BUCKETS = {
  read: { size: 100, perSecond: 20 },
  change: { size: 50, perSecond: 5 },
} as const;

/** Takes one token of a bucket (named by `key`) and answers whether there was one. */
export function tokenBuckets(clock: Clock): (key: string, kind: keyof typeof EC2_BUCKETS) => boolean {
  const buckets = new Map<string, Bucket>();
  return (key, kind) => {
    const { size, perSecond } = EC2_BUCKETS[kind];
    const nowMs = clock.monotonicMs();
    const bucket = buckets.get(key) ?? { tokens: size, filledMs: nowMs };
    buckets.set(key, bucket);
    bucket.tokens = Math.min(size, bucket.tokens + ((nowMs - bucket.filledMs) / 1_000) * perSecond);
    bucket.filledMs = nowMs;
    // A refill in binary fractions may fall short of a whole token by less than any clock can measure.
    if (bucket.tokens < 1 - 1e-6) return false;
    bucket.tokens -= 1;
    return true;
  };
}
