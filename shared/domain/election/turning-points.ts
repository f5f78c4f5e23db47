import type { Location } from "../network.ts";
import { elect } from "./elect.ts";
import { momentsAhead } from "./next-moment.ts";
import type { LinkState } from "./state.ts";

/**
 * The moments after `nowMs` and before `untilMs` at which an election will come to a change unless something is heard
 * until then, in order; taking for granted that Pointsman goes on hearing others.
 */
export function turningPoints(state: LinkState, location: Location, nowMs: number, untilMs: number): readonly number[] {
  return momentsAhead(state, location, nowMs).filter(
    (atMs) => atMs < untilMs && elect(hearingUntil(state, atMs), location, atMs).kind === "change",
  );
}

function hearingUntil(state: LinkState, atMs: number): LinkState {
  const { pulse } = state;
  if (pulse === undefined) return state;
  return { ...state, pulse: { ...pulse, lastCreditedMs: Math.max(pulse.lastCreditedMs, atMs) } };
}
