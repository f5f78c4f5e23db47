import { limits } from "../limits.ts";
import { type LinkState, shortestTimeoutMs } from "./state.ts";

/** Whether a hold is in force: nothing that rests on silence, and no pre-emption, is decided. */
export function isHeld(state: LinkState, nowMs: number): boolean {
  return state.pulse !== undefined && nowMs < state.pulse.holdUntilMs;
}

/**
 * Whether Pointsman itself may be deaf: nobody was credited for half the shortest time-out, or the pulse lies in the
 * future and so says nothing. What rests on silence, and a pre-emption that its host could not learn of, has to wait.
 */
export function isDeaf(state: LinkState, nowMs: number): boolean {
  const shortestMs = shortestTimeoutMs(state.link);
  if (shortestMs === undefined) return false;
  const { pulse } = state;
  if (pulse === undefined || pulse.lastCreditedMs > nowMs + limits.clockSkewMs) return true;
  return nowMs - pulse.lastCreditedMs > shortestMs / 2;
}

export function holdText(state: LinkState, nowMs: number): string {
  const leftMs = (state.pulse?.holdUntilMs ?? nowMs) - nowMs;
  return `after an outage nothing is decided for another ${leftMs} ms`;
}

export const deafText = "no heartbeat of any host was credited lately: this may be an outage of Pointsman";
