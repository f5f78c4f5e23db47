import type { Id } from "../../shared/domain/ids.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Store } from "../../shared/ports/store.ts";

/** A lease that this run holds. `takenMs` is by the monotonic clock, from before the write was sent. */
export type HeldLease = {
  readonly revision: number;
  readonly takenMs: number;
  /** Until when an older epoch's owner, whose lease was taken over, may still be writing; wall clock, ms. */
  readonly overlapUntilMs: number | undefined;
  /** Until when reads may not show yet what an older epoch's owner wrote last, by the monotonic clock; 0 for never. */
  readonly settlesMs: number;
};

export type LeaseOutcome =
  | { readonly kind: "held"; readonly lease: HeldLease }
  /** A run of the same epoch is at work. */
  | { readonly kind: "busy"; readonly untilMs: number }
  /** A newer epoch has been here. */
  | { readonly kind: "superseded" };

/**
 * Takes the lease on a location's routes for `limits.leaseMs`. A newer epoch does not wait for an older one's end.
 * Throws `DatabaseError`.
 */
export async function acquireLease(
  store: Store,
  clock: Clock,
  locationId: Id,
  claim: { readonly owner: string; readonly epoch: number },
): Promise<LeaseOutcome> {
  for (let attempt = 0; attempt < limits.writeAttempts; attempt++) {
    const found = (await store.readLease(locationId)).value;
    const held = found?.value;
    const isLive = held !== undefined && held.owner !== claim.owner && held.untilMs > clock.nowMs();
    if (held !== undefined && held.epoch > claim.epoch) return { kind: "superseded" };
    if (held !== undefined && isLive && held.epoch === claim.epoch) return { kind: "busy", untilMs: held.untilMs };
    const takenMs = clock.monotonicMs();
    const next = { ...claim, untilMs: clock.nowMs() + limits.leaseMs };
    const written = await store.writeLease(locationId, next, found?.revision);
    if (written.kind === "won") {
      const overlapUntilMs = isLive ? held.untilMs : undefined;
      const isOlder = held !== undefined && held.epoch < claim.epoch;
      const agoMs = isOlder ? Math.max(0, clock.nowMs() - held.untilMs) : limits.routeSettleMs;
      const settlesMs = agoMs < limits.routeSettleMs ? takenMs + limits.routeSettleMs - agoMs : 0;
      return { kind: "held", lease: { revision: written.revision, takenMs, overlapUntilMs, settlesMs } };
    }
  }
  return { kind: "busy", untilMs: clock.nowMs() + limits.leaseMs };
}

/** Ends a lease at once, so that the next run need not wait; lost when another one has taken it. */
export async function releaseLease(
  store: Store,
  clock: Clock,
  locationId: Id,
  claim: { readonly owner: string; readonly epoch: number },
  lease: HeldLease,
): Promise<void> {
  await store.writeLease(locationId, { ...claim, untilMs: clock.nowMs() }, lease.revision);
}
