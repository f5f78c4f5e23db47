import type { Clock } from "../../../shared/ports/clock.ts";

/** What a cloud lets through: so many requests at once, refilled by so many a second. */
export type BucketSize = { readonly size: number; readonly perSecond: number };

type Bucket = { tokens: number; filledMs: number };

/** Takes one token of a bucket (named by `key`, full at first) and answers whether there was one. */
export function tokenBuckets(clock: Clock): (key: string, size: BucketSize) => boolean {
  const buckets = new Map<string, Bucket>();
  return (key, { size, perSecond }) => {
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
