import type { Id } from "../../shared/domain/ids.ts";
import type { Suspicion } from "../../shared/domain/records.ts";
import type { Fact } from "../facts.ts";

/** A mark against an active host, and when it was put into the table. True time, ms. */
export type Mark = { readonly suspicion: Suspicion; readonly atMs: number };

/** What operators asked for, and which hosts are marked. */
export type AskedLog = {
  note(fact: Fact): void;
  /** Since when a host is drained; undefined when it is not. */
  drainedSinceMs(locationId: Id, hostId: Id): number | undefined;
  /** When the wish of a location last changed; 0 for never. */
  changedMs(locationId: Id): number;
  isPaused(linkId: Id): boolean;
  /** When a pause last began or ended; 0 for never. */
  pauseChangedMs(linkId: Id): number;
  mark(locationId: Id): Mark | undefined;
};

export function createAskedLog(): AskedLog {
  const drains = new Map<Id, ReadonlyMap<Id, number>>();
  const changed = new Map<Id, number>();
  const pauses = new Map<Id, { readonly isPaused: boolean; readonly atMs: number }>();
  const marks = new Map<Id, Mark>();
  return {
    drainedSinceMs: (locationId, hostId) => drains.get(locationId)?.get(hostId),
    changedMs: (locationId) => changed.get(locationId) ?? 0,
    isPaused: (linkId) => pauses.get(linkId)?.isPaused === true,
    pauseChangedMs: (linkId) => pauses.get(linkId)?.atMs ?? 0,
    mark: (locationId) => marks.get(locationId),
    note(fact) {
      switch (fact.kind) {
        case "wish": {
          const { locationId, wish, atMs } = fact;
          const before = drains.get(locationId);
          const ids = Object.keys(wish?.drains ?? {});
          drains.set(locationId, new Map(ids.map((id) => [id, before?.get(id) ?? atMs])));
          changed.set(locationId, atMs);
          return;
        }
        case "paused":
          if (pauses.get(fact.linkId)?.isPaused !== fact.isPaused)
            pauses.set(fact.linkId, { isPaused: fact.isPaused, atMs: fact.atMs });
          return;
        case "suspicion":
          if (fact.suspicion !== undefined) marks.set(fact.locationId, { suspicion: fact.suspicion, atMs: fact.atMs });
          return;
        default:
          return;
      }
    },
  };
}
