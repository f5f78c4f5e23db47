import { RouteError } from "../../shared/domain/errors.ts";
import type { Id } from "../../shared/domain/ids.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Store } from "../../shared/ports/store.ts";
import { acquireLease, type HeldLease, releaseLease } from "./lease.ts";

/** Why a run may not write any more. `busy`: another run of the same epoch is at work until then. */
export type Lost = { readonly why: "superseded" | "lease-gone" } | { readonly why: "busy"; readonly untilMs: number };

/** Whether what the run rests on is still in force, and when that was asked, by the monotonic clock. */
export type Standing = { readonly isLatest: boolean; readonly monotonicMs: number };

export type FenceParts = {
  readonly store: Store;
  readonly clock: Clock;
  readonly locationId: Id;
  readonly claim: { readonly owner: string; readonly epoch: number };
  /** Asks, strongly consistent, whether this run's epoch is still the latest. Throws `DatabaseError`. */
  readonly ask: () => Promise<Standing>;
  /** When that was last known to be so. */
  readonly knownMs: number;
  /** Told once when the lease of an older epoch that may still be writing was taken over. */
  readonly overlapped: (untilMs: number) => Promise<void>;
};

/** Stands before every call that changes a route. */
export type Fence = {
  /** Takes the lease, if it is not held yet; false when it cannot be had. Throws `DatabaseError`. */
  take(): Promise<boolean>;
  /**
   * Resolves when a route call may start: after a strongly consistent read at most `limits.fenceMs` old, measured from
   * before it was sent on a clock that a frozen container cannot stop, this epoch is the latest and holds the lease.
   * Rejects with `RouteError` SUPERSEDED otherwise, also when the database cannot be asked. `sinceMs`: a read that was sent
   * before this moment of the monotonic clock is too old as well.
   */
  guard(sinceMs?: number): Promise<void>;
  /** Whether `guard` would let a call through. */
  stands(): Promise<boolean>;
  /** Asks whether a newer decision was made; a database that does not answer is no answer. Needs no lease. */
  isSuperseded(): Promise<boolean>;
  lost(): Lost | undefined;
  /** Until when reads may show routes as they stood before an older epoch wrote them; monotonic clock, 0 for never. */
  settlesMs(): number;
  /** Ends the lease, if it is still held. Throws `DatabaseError`. */
  release(): Promise<void>;
};

export function createFence(parts: FenceParts): Fence {
  const { store, clock, locationId, claim } = parts;
  let lease: HeldLease | undefined;
  let taking: Promise<boolean> | undefined;
  let reading: Promise<void> | undefined;
  let overlapping: Promise<void> | undefined;
  let lost: Lost | undefined;
  let askedMs = parts.knownMs;
  let leaseSeenMs = Number.NEGATIVE_INFINITY;

  const acquire = async (): Promise<boolean> => {
    const outcome = await acquireLease(store, clock, locationId, claim);
    if (outcome.kind === "held") {
      lease = outcome.lease;
      leaseSeenMs = lease.takenMs;
      if (lease.overlapUntilMs !== undefined) overlapping = parts.overlapped(lease.overlapUntilMs);
      return true;
    }
    lost = outcome.kind === "busy" ? { why: "busy", untilMs: outcome.untilMs } : { why: "superseded" };
    return false;
  };
  const take = (): Promise<boolean> => {
    taking ??= acquire().catch((error: unknown) => {
      taking = undefined;
      throw error;
    });
    return taking;
  };

  const isYoung = (sinceMs: number): boolean => {
    const knownMs = Math.min(askedMs, leaseSeenMs);
    return knownMs >= sinceMs && clock.monotonicMs() - knownMs <= limits.fenceMs;
  };
  const isExpired = (): boolean => lease !== undefined && clock.monotonicMs() - lease.takenMs >= limits.leaseMs;

  const read = async (): Promise<void> => {
    const [standing, found] = await Promise.all([parts.ask(), store.readLease(locationId)]);
    const holder = found.value?.value;
    if (!standing.isLatest) lost = { why: "superseded" };
    else if (holder?.owner !== claim.owner || holder.epoch !== claim.epoch) lost = { why: "lease-gone" };
    askedMs = standing.monotonicMs;
    leaseSeenMs = found.monotonicMs;
  };
  const readOnce = (): Promise<void> => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };

  const check = async (sinceMs: number): Promise<void> => {
    if (lost === undefined) await take();
    for (let attempt = 0; attempt < limits.writeAttempts; attempt++) {
      if (isExpired()) lost ??= { why: "lease-gone" };
      if (lost !== undefined) throw superseded(lost, claim.epoch);
      if (isYoung(sinceMs)) return;
      await readOnce();
    }
    throw unverified(`no read of epoch ${claim.epoch} within ${limits.fenceMs} ms`);
  };

  const guard = async (sinceMs = Number.NEGATIVE_INFINITY): Promise<void> => {
    try {
      await check(sinceMs);
    } catch (error) {
      if (error instanceof RouteError) throw error;
      throw unverified(`epoch ${claim.epoch} cannot be verified`, error);
    }
  };

  return {
    take,
    guard,
    stands: () =>
      guard().then(
        () => true,
        () => false,
      ),
    async isSuperseded() {
      const standing = await parts.ask().catch(() => undefined);
      if (standing?.isLatest === false) lost ??= { why: "superseded" };
      return lost !== undefined;
    },
    lost: () => lost,
    settlesMs: () => lease?.settlesMs ?? 0,
    async release() {
      await overlapping;
      if (lease === undefined || lost !== undefined) return;
      // Whatever of the run is still under way must not go on without it.
      lost = { why: "lease-gone" };
      await releaseLease(store, clock, locationId, lease);
    },
  };
}

function superseded(lost: Lost, epoch: number): RouteError {
  const next = "nothing: a newer decision, or another run, has taken over";
  return new RouteError("SUPERSEDED", `epoch ${epoch} may not write: ${lost.why}`, { retry: "never", next });
}

function unverified(message: string, cause?: unknown): RouteError {
  return new RouteError("SUPERSEDED", message, { cause, retry: "soon", next: "look at the state of the database" });
}
