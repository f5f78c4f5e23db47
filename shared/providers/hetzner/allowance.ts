import { limits } from "../../domain/limits.ts";
import type { Clock } from "../../ports/clock.ts";

/**
 * What is left of a project's allowance of requests. Unlike a pace of ours alone it is corrected by every answer, since
 * everything that uses the project's API takes from the same allowance, and it can be asked for several requests at
 * once, so that a swap does not begin that could not be finished.
 */
export type Allowance = {
  /** Waits until `calls` requests are left. False when the signal aborted first. Takes nothing. */
  has(calls: number, signal: AbortSignal): Promise<boolean>;
  /** A request was sent. */
  spent(): void;
  /** What an answer's headers say. Without them nothing is left after a request that was throttled. */
  told(headers: { get(name: string): string | null }, wasThrottled: boolean): void;
};

/**
 * A full allowance, until an answer says otherwise. By default 3600 requests an hour for a project, which come back one
 * a second (https://docs.hetzner.cloud, "Rate Limiting").
 */
export function allowance(clock: Clock): Allowance {
  let most: number = limits.hetznerCallsPerHour;
  let left: number = most;
  let filledMs = clock.monotonicMs();
  const fill = (): number => {
    const nowMs = clock.monotonicMs();
    left = Math.min(most, left + ((nowMs - filledMs) / 3_600_000) * most);
    filledMs = nowMs;
    return left;
  };
  return {
    async has(calls, signal) {
      const wanted = Math.min(calls, most);
      while (!signal.aborted) {
        const lackMs = Math.ceil(((wanted - fill()) / most) * 3_600_000);
        if (lackMs <= 0) return true;
        await clock.sleep(lackMs, signal);
      }
      return false;
    },
    spent() {
      left = fill() - 1;
    },
    told(headers, wasThrottled) {
      const limit = numberOf(headers.get("ratelimit-limit"));
      const remaining = numberOf(headers.get("ratelimit-remaining"));
      fill();
      if (limit !== undefined && limit > 0) most = limit;
      if (remaining !== undefined) left = Math.min(most, remaining);
      else if (wasThrottled) left = Math.min(0, left);
    },
  };
}

function numberOf(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
