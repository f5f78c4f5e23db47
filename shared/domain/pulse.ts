import { longestTimeoutMs, shortestTimeoutMs } from "./election/state.ts";
import { limits } from "./limits.ts";
import type { Link } from "./network.ts";
import type { Pulse } from "./records.ts";

/** How old the recorded pulse may get before a credited heartbeat renews it. ms; well under half the shortest time-out. */
export function renewPulseEveryMs(link: Link): number {
  return (shortestTimeoutMs(link) ?? limits.persistMs) / 5;
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
  const holdMs = Math.max(longestTimeoutMs(link), limits.agentRequestMs + limits.agentSleepMs);
  return { lastCreditedMs: nowMs, holdUntilMs: nowMs + holdMs, holdSinceMs: nowMs };
}
