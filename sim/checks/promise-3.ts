import type { RouteCall } from "../facts.ts";
import { allowances } from "./allowances.ts";
import type { Court, MakeCheck } from "./check.ts";
import { type Chronicle, chronicleOf } from "./chronicle.ts";
import { routeFaults } from "./fault-log.ts";
import { networksSince, placesOfTable } from "./places.ts";
import type { Spot } from "./route-log.ts";

const check = "others' routes";

/** Routes that Pointsman did not create or was not told to adopt are never changed or removed. */
export const promise3: MakeCheck = (court) => {
  const chronicle = chronicleOf(court.truth);
  return {
    promise: 3,
    name: check,
    observe(fact) {
      chronicle.note(fact);
      if (fact.kind === "call-landed" && fact.call.result === "ok") judge(court, chronicle, fact.call);
    },
    quiet() {
      for (const { table, destination, target, by } of chronicle.routes.all()) {
        if (by !== "somebody") continue;
        const stands = court.truth.routes(table).find((route) => route.destination === destination);
        if (stands?.target === target) continue;
        const message = `${destination} in ${table} is somebody's and points at ${stands?.target ?? "nothing"} instead of ${target ?? "nothing"}, by nobody's call`;
        court.violate({ promise: 3, check, message, about: [table] });
      }
    },
  };
};

function judge(court: Court, chronicle: Chronicle, call: RouteCall): void {
  const spot = chronicle.routes.at(call.table, call.destination).before;
  if (spot?.target === undefined || call.before === undefined) return;
  const ageMs = readAgeMs(chronicle, call);
  // Somebody changed it after the last read that the call can have rested on: a provider is told what to write, not what
  // was seen to stand there, so that an etag, which is read later, does not prevent that either.
  const isUnseen = spot.meddledMs >= call.startedMs - ageMs;
  if (isUnseen || mayTouch(court, spot, call.startedMs - ageMs)) return;
  const whose = spot.isClaimed ? "somebody has pointed away" : "is somebody's";
  const what = call.kind === "remove" ? "removed" : `pointed at ${call.target}`;
  const message = `${call.writer.process} ${what} ${call.destination} in ${call.table}, which ${whose} and pointed at ${spot.target}`;
  court.violate({ promise: 3, check, message, about: [call.table] });
}

function readAgeMs({ faults }: Chronicle, call: RouteCall): number {
  const wasStruck = faults.wasOn(routeFaults, call.startedMs - allowances.oldRouteReadMs);
  return wasStruck ? allowances.oldRouteReadMs : allowances.routeReadMs;
}

/**
 * Whether a route may be changed: Pointsman put it there; or it is Pointsman's and was handed over as it stands, or
 * points at a host of its location, or carries nothing. `readMs`: what was given up since counts as held.
 */
function mayTouch(court: Court, spot: Omit<Spot, "before">, readMs: number): boolean {
  const { table, target, by, isClaimed, adopted, givenUpMs } = spot;
  if (target === undefined || by === "pointsman" || adopted === target) return true;
  if (!isClaimed && givenUpMs < readMs) return false;
  const owner = court.truth.ownerOf(target);
  if (owner === undefined) return false;
  return placesOfTable(networksSince(court.truth, readMs), table).some(
    ({ location }) => location.name === owner.location,
  );
}
