import { carrierOf, type Standing } from "./standing.ts";

/** What a swap does to the routes of one destination: perhaps one is added, then others are deleted, in this order. */
export type SwapPlan = {
  /** The priority of the route to add; null when one that stands is kept instead. */
  readonly addAt: number | null;
  readonly clear: readonly string[];
};

export type SwapWish = {
  /** The routes of ours for the destination, with the one that an operator gave to us. */
  readonly claimed: readonly Standing[];
  readonly target: string;
  readonly epoch: number;
  /** Routes of ours stand at this number or at the next one. */
  readonly priority: number;
  /** Nothing is to be changed by what was read: it is asked for since reads may be old, and older calls about to land. */
  readonly isAnew?: boolean;
};

/**
 * How to point a destination at another target without ever leaving it without a route. The new route is added at a
 * lower number than the one that carries the traffic where it can, and takes over at once; else it takes over when that
 * one is deleted, which is therefore deleted last. A right route that stands already is kept, unless a newer decision
 * than that route's has wanted it deleted, or may have where it is written anew: a call of that decision may still be on
 * its way.
 */
export function planSwap({ claimed, target, epoch, priority, isAnew = false }: SwapWish): SwapPlan {
  const kept = keeperOf(claimed, target, epoch, isAnew);
  const rest = claimed.filter((route) => route !== kept);
  const carrier = carrierOf(rest);
  const clear = [...rest.filter((route) => route !== carrier), ...(carrier === undefined ? [] : [carrier])];
  const names = clear.map(({ name }) => name);
  if (kept !== undefined) return { addAt: null, clear: names };
  const isAbove = carrier !== undefined && carrier.priority > priority;
  return { addAt: isAbove ? priority : priority + 1, clear: names };
}

/** Of the right routes the newest: no delete of an older decision can be meant for it. */
function keeperOf(claimed: readonly Standing[], target: string, epoch: number, isAnew: boolean): Standing | undefined {
  const right = claimed.filter((route) => route.target === target);
  const newest = right.sort((a, b) => b.epoch - a.epoch || a.priority - b.priority)[0];
  if (newest === undefined || newest.epoch >= epoch) return newest;
  return isAnew || claimed.some((other) => other.epoch > newest.epoch) ? undefined : newest;
}
