import type { Id } from "../../shared/domain/ids.ts";
import { ableHosts } from "../world/truth.ts";
import { allowances } from "./allowances.ts";
import type { Court, MakeCheck } from "./check.ts";
import { type Chronicle, chronicleOf } from "./chronicle.ts";
import { desiredPlaces, isOf, type Place, placesOfTable } from "./places.ts";

const check = "in order again";

/** Refused calls for one decision of one location: what failed for long has to be told of. */
type Refusals = { readonly epoch: number; readonly firstMs: number; lastMs: number; count: number };

/**
 * The second half of promise 7: when nothing is wrong any more, every location with a host that could carry its traffic
 * has one that does, its routes stand there, and the swap is confirmed; and what a cloud refused for long was told of.
 */
export const promise7: MakeCheck = (court) => {
  const chronicle = chronicleOf(court.truth);
  const refusals = new Map<Id, Refusals>();
  /** By location: when a failed swap was last told of. */
  const told = new Map<Id, number>();
  return {
    promise: 7,
    name: check,
    observe(fact) {
      chronicle.note(fact);
      switch (fact.kind) {
        case "call-landed": {
          if (fact.call.result !== "refused") return;
          for (const { location } of placesOfTable([court.truth.network], fact.call.table)) {
            noteRefusal(chronicle, refusals, location.id, fact.atMs);
          }
          return;
        }
        case "event":
          if (fact.event.kind === "swap-failed" && fact.event.locationId !== undefined) {
            told.set(fact.event.locationId, fact.atMs);
          }
          return;
        default:
          return;
      }
    },
    quiet() {
      const { truth } = court;
      for (const [locationId, { epoch, firstMs, lastMs, count }] of refusals) {
        const isLong = count >= allowances.manyRefusals && lastMs - firstMs >= allowances.longFailureMs;
        if (!isLong || (told.get(locationId) ?? 0) >= firstMs) continue;
        blame(court, `the cloud refused ${count} calls of epoch ${epoch}, and nobody was told`, locationId);
      }
      refusals.clear();
      const calmMs = truth.calmSinceMs === undefined ? 0 : truth.nowMs() - truth.calmSinceMs;
      if (calmMs < allowances.calmMs) return;
      for (const link of truth.network.links) {
        if (chronicle.asked.isPaused(link.id)) continue;
        for (const location of link.locations) judgeLocation(court, chronicle, { link, location });
      }
    },
  };
};

function blame(court: Court, message: string, ...about: readonly string[]): void {
  court.violate({ promise: 7, check, message, about });
}

function noteRefusal({ heads }: Chronicle, refusals: Map<Id, Refusals>, locationId: Id, atMs: number): void {
  const log = heads.of(locationId);
  if (log === undefined || log.head.swap.state === "confirmed") return;
  const { epoch } = log.head;
  const known = refusals.get(locationId);
  if (known?.epoch === epoch) {
    known.count++;
    known.lastMs = atMs;
    // One that failed for long under an older decision is kept until it was judged.
  } else if (known === undefined || known.count < allowances.manyRefusals) {
    refusals.set(locationId, { epoch, firstMs: atMs, lastMs: atMs, count: 1 });
  }
}

function judgeLocation(court: Court, chronicle: Chronicle, place: Place): void {
  const { truth } = court;
  const { location } = place;
  const able = ableHosts(truth, location).filter(
    ({ id }) => chronicle.asked.drainedSinceMs(location.id, id) === undefined,
  );
  if (able.length === 0) return;
  const log = chronicle.heads.of(location.id);
  if (log === undefined) {
    blame(court, `${location.name} has ${able.length} hosts that are well, and nothing was ever decided`, location.id);
    return;
  }
  if (log.newest.atMs > truth.nowMs() - allowances.settleMs) return;
  const { activeHostId, epoch, swap } = log.head;
  if (activeHostId === null || !able.some(({ id }) => id === activeHostId)) {
    const who = activeHostId ?? "nobody";
    blame(
      court,
      `${location.name} has ${who} active in epoch ${epoch}, while ${able.map(({ id }) => id).join(", ")} could be`,
      location.id,
    );
    return;
  }
  if (swap.state !== "confirmed") blame(court, `epoch ${epoch} of ${location.name} is not confirmed`, location.id);
  for (const { table, destination } of desiredPlaces(place)) {
    const standing = truth.routes(table).find((route) => route.destination === destination);
    const spot = chronicle.routes.at(table, destination);
    const isTheirs = spot.by === "somebody" && !isRepaired(court, chronicle, place, table, destination);
    const isForeign = spot.target !== undefined && (isTheirs || !spot.isClaimed);
    const [now = ""] = truth.interfacesOf(activeHostId);
    if (isForeign || standing?.target === now) continue;
    const message = `${destination} in ${table} of ${location.name} points at ${standing?.target ?? "nothing"}, the active host is at ${now}`;
    blame(court, message, location.id, table);
  }
}

/** Whether what somebody else put there is Pointsman's to put right: it points at a host of the location. */
function isRepaired(
  { truth }: Court,
  { routes }: Chronicle,
  { location }: Place,
  table: string,
  destination: string,
): boolean {
  const { target, isClaimed } = routes.at(table, destination);
  return isClaimed && target !== undefined && location.hosts.some(({ id }) => isOf(truth, target, id));
}
