import { executorLimits } from "./limits.ts";

/** Requests of this process that could still be sent again. */
export type Nonces = {
  /** Takes a nonce until its request expires; refuses one that is taken, and all while there are too many. */
  take(nonce: string, expiresMs: number, nowMs: number): "taken" | "replayed" | "busy";
};

/** None yet. Times are those of the executor's wall clock, as the expiry is. */
export function createNonces(): Nonces {
  const held = new Map<string, number>();
  let prunedMs = 0;
  const prune = (nowMs: number): void => {
    prunedMs = nowMs;
    for (const [nonce, untilMs] of held) if (untilMs <= nowMs) held.delete(nonce);
  };
  return {
    take(nonce, expiresMs, nowMs) {
      // One by one would cost as much as there are for each request.
      if (held.size >= executorLimits.nonces || nowMs - prunedMs > executorLimits.expiryMostMs) prune(nowMs);
      if (held.has(nonce)) return "replayed";
      if (held.size >= executorLimits.nonces) return "busy";
      held.set(nonce, expiresMs);
      return "taken";
    },
  };
}
