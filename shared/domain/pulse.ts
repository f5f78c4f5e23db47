import { longestTimeoutMs, shortestTimeoutMs } from "./election/state.ts";
import { limits } from "./limits.ts";
import type { Link } from "./network.ts";
import type { Pulse } from "./records.ts";

/** The longest interval of an agent, whose host checks run into their time-out, and the way of its heartbeat. ms */
const spareMs = 6_000;

/**
 * How old the recorded pulse may get before a credited heartbeat renews it, in ms: a fifth of the shortest time-out, or
 * where that is long, so much less than half of it that a host's next heartbeat still comes in time.
 */
export function renewPulseEveryMs(link: Link): number {
  const shortestMs = shortestTimeoutMs(link) ?? limits.persistMs;
  return Math.max(shortestMs / 5, shortestMs / 2 - spareMs);
}

/**
 * The pulse after a heartbeat credited at `nowMs`. When nobody was credited for half the shortest time-out before it,
 * Pointsman itself may have been away, and a hold begins: until this heartbeat plus the longest time-out, and at least
 * until an agent whose request hung during the outage can have tried again. The first heartbeat ever holds nothing.
 */
export function nextPulse(link: Link, prior: Pulse | undefined, nowMs: number): Pulse {
  if (prior === undefined) return { lastCreditedMs: nowMs, holdUntilMs: 0, holdSinceMs: 0 };
  const halfMs = (shortestTimeoutMs(link) ?? 0) / 2;
  const isSilent = nowMs - prior.lastCreditedMs > halfMs;
  // A pulse from the future was written by a clock that was wrong: it says nothing of the time before.
  const isFuture = prior.lastCreditedMs > nowMs + limits.clockSkewMs;
  if (!isSilent && !isFuture) return { ...prior, lastCreditedMs: Math.max(prior.lastCreditedMs, nowMs) };
  const holdMs = Math.max(longestTimeoutMs(link), limits.shortestHoldMs);
  return { lastCreditedMs: nowMs, holdUntilMs: nowMs + holdMs, holdSinceMs: nowMs };
}
