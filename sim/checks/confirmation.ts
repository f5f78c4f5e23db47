import type { Id } from "../../shared/domain/ids.ts";
import { limits } from "../../shared/domain/limits.ts";
import { allowances } from "./allowances.ts";
import type { Court, MakeCheck } from "./check.ts";
import { type Chronicle, chronicleOf } from "./chronicle.ts";
import { desiredPlaces, isDesired, isOf, networksSince, placeOf } from "./places.ts";

const check = "confirmed when in place";

/** Places of a location whose routes were not seen at the active host's interface since the decision. */
type Open = {
  readonly activeHostId: Id;
  readonly spots: Map<string, { readonly table: string; readonly destination: string }>;
};

/**
 * "Confirmed" means verified: every route that is Pointsman's stood at the active host's interface at some moment
 * between decision and confirmation. A part of promise 7: all routes are in place, or it goes on.
 */
export const confirmation: MakeCheck = (court) => {
  const chronicle = chronicleOf(court.truth);
  const open = new Map<Id, Open>();
  /** When somebody else last changed a route, by its place. */
  const meddled = new Map<string, number>();
  const strike = (table: string, destination: string, target: string | undefined): void => {
    for (const { activeHostId, spots } of open.values()) {
      const key = `${table} ${destination}`;
      // What somebody else changes meanwhile is not Pointsman's to put right before it confirms.
      if (spots.has(key) && (target === undefined || isOf(court.truth, target, activeHostId))) spots.delete(key);
    }
  };
  return {
    promise: 7,
    name: check,
    observe(fact) {
      chronicle.note(fact);
      switch (fact.kind) {
        case "head": {
          const { decision, before, writer } = fact;
          if (before?.epoch !== decision.epoch) {
            begin(court, chronicle, open, decision.locationId, decision.activeHostId);
            // Reads may not show yet what somebody did just before: the next reconcile finds it.
            const isFresh = (key: string) => (meddled.get(key) ?? 0) > fact.atMs - limits.routeSettleMs;
            const spots = open.get(decision.locationId)?.spots;
            for (const key of [...(spots?.keys() ?? [])].filter(isFresh)) spots?.delete(key);
          } else if (decision.swap.state === "confirmed") {
            judge(
              court,
              chronicle,
              open,
              decision.locationId,
              `epoch ${decision.epoch} was confirmed by ${writer.process}`,
            );
          }
          return;
        }
        case "call-landed":
          if (fact.call.result === "ok" && open.size > 0 && fact.call.after !== undefined)
            strike(fact.call.table, fact.call.destination, fact.call.after);
          return;
        case "foreign-change":
          if (fact.table !== "") {
            meddled.set(`${fact.table} ${fact.destination}`, fact.atMs);
            strike(fact.table, fact.destination, undefined);
          }
          return;
        default:
          return;
      }
    },
    quiet: () => undefined,
  };
};

function begin(
  court: Court,
  { routes }: Chronicle,
  open: Map<Id, Open>,
  locationId: Id,
  activeHostId: Id | null,
): void {
  open.delete(locationId);
  const place = placeOf(court.truth, locationId);
  if (place === undefined || activeHostId === null) return;
  const spots = new Map<string, { readonly table: string; readonly destination: string }>();
  for (const spot of desiredPlaces(place)) {
    const { target, by, isClaimed } = routes.at(spot.table, spot.destination);
    const isInPlace = target !== undefined && isOf(court.truth, target, activeHostId);
    const isAnothers = target !== undefined && (by === "somebody" || !isClaimed);
    if (!isInPlace && !isAnothers) spots.set(`${spot.table} ${spot.destination}`, spot);
  }
  if (spots.size > 0) open.set(locationId, { activeHostId, spots });
}

function judge(court: Court, { routes }: Chronicle, open: Map<Id, Open>, locationId: Id, what: string): void {
  const left = open.get(locationId);
  open.delete(locationId);
  const place = placeOf(court.truth, locationId);
  if (left === undefined || place === undefined) return;
  // A run goes by the configuration that was in force when it began.
  const networks = networksSince(court.truth, court.truth.nowMs() - allowances.runKnowledgeMs);
  // What is still of a location that was just removed is told as a conflict, and is written when that one has let go.
  const isAnothers = ({ table, destination }: { readonly table: string; readonly destination: string }): boolean => {
    const { claimant } = routes.at(table, destination);
    return claimant !== undefined && claimant !== locationId;
  };
  const wanted = [...left.spots.values()].filter((spot) => isDesired(networks, spot.table, spot.destination));
  const missing = wanted.filter((spot) => !isAnothers(spot));
  const [first] = missing;
  if (first === undefined) return;
  const { target } = routes.at(first.table, first.destination);
  const named = `${first.destination} in ${first.table}, which points at ${target ?? "nothing"}`;
  const message = `${what} before ${missing.length} routes stood at the active host, such as ${named}`;
  court.violate({ promise: 7, check, message, about: [locationId, first.table] });
}
