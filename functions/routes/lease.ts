import type { Id } from "../../shared/domain/ids.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Lease } from "../../shared/domain/records.ts";
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
  /** As it stands on record. */
  readonly written: Lease;
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
    const nowMs = clock.nowMs();
    const isLive = held !== undefined && held.owner !== claim.owner && isRunning(held.untilMs, nowMs);
    if (held !== undefined && held.epoch > claim.epoch) return { kind: "superseded" };
    if (held !== undefined && isLive && held.epoch === claim.epoch) return { kind: "busy", untilMs: held.untilMs };
    const takenMs = clock.monotonicMs();
    const settlesMs = settlesAt(held, claim.epoch, nowMs);
    const next = { ...claim, untilMs: nowMs + limits.leaseMs, settlesMs };
    const written = await store.writeLease(locationId, next, found?.revision);
    if (written.kind === "won") {
      const { revision } = written;
      const overlapUntilMs = isLive ? held.untilMs : undefined;
      const settles = settlesMs > nowMs ? takenMs + (settlesMs - nowMs) : 0;
      return { kind: "held", lease: { revision, takenMs, overlapUntilMs, settlesMs: settles, written: next } };
    }
  }
  return { kind: "busy", untilMs: clock.nowMs() + limits.leaseMs };
}

/** A lease that lasts longer than any does was written by a clock that was wrong: nobody is kept out by it. */
function isRunning(untilMs: number, nowMs: number): boolean {
  return untilMs > nowMs && untilMs <= nowMs + limits.leaseMs + 2 * limits.clockSkewMs;
}

/** Until when reads may not show yet what an older epoch's owner wrote last; as the epoch's first lease said, for its later ones. */
function settlesAt(held: Lease | undefined, epoch: number, nowMs: number): number {
  if (held === undefined) return 0;
  const mostMs = nowMs + limits.routeSettleMs;
  if (held.epoch === epoch) return Math.min(held.settlesMs, mostMs);
  return Math.min(Math.max(held.untilMs + limits.routeSettleMs, held.settlesMs), mostMs);
}

/** Ends a lease at once, so that the next run need not wait; lost when another one has taken it. */
export async function releaseLease(store: Store, clock: Clock, locationId: Id, lease: HeldLease): Promise<void> {
  const untilMs = Math.min(clock.nowMs(), lease.written.untilMs);
  await store.writeLease(locationId, { ...lease.written, untilMs }, lease.revision);
}
