import type { Clock } from "../../../shared/ports/clock.ts";

/** A project's allowance: so many requests, of which one comes back every `3600 / limit` seconds. */
export type RateLimit = {
  /** Counts a request; false when none was left. */
  take(): boolean;
  headers(): Readonly<Record<string, string>>;
  /** Sets the allowance of an hour and what is left of it. */
  set(limit: number, remaining: number): void;
};

/** The documented limit: 3600 requests an hour, which come back gradually. */
const PER_HOUR = 3_600;

export function rateLimit(clock: Clock): RateLimit {
  let limit = PER_HOUR;
  let left = PER_HOUR;
  let filledMs = clock.monotonicMs();
  const fill = (): void => {
    const nowMs = clock.monotonicMs();
    left = Math.min(limit, left + ((nowMs - filledMs) / 3_600_000) * limit);
    filledMs = nowMs;
  };
  return {
    take() {
      fill();
      // A refill in binary fractions may fall short of a whole request by less than any clock can measure.
      if (left < 1 - 1e-6) return false;
      left = Math.max(0, left - 1);
      return true;
    },
    headers() {
      fill();
      const fullS = Math.ceil((clock.nowMs() + ((limit - left) / limit) * 3_600_000) / 1_000);
      return {
        "ratelimit-limit": String(limit),
        "ratelimit-remaining": String(Math.floor(left)),
        "ratelimit-reset": String(fullS),
      };
    },
    set(perHour, remaining) {
      limit = perHour;
      left = remaining;
      filledMs = clock.monotonicMs();
    },
  };
}
