import { factsOf, type LinkState, type LocationFacts } from "../../shared/domain/election/state.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Link, Location } from "../../shared/domain/network.ts";
import type { LinkSwitches, LocationWish } from "../../shared/domain/records.ts";
import type { LocationRef } from "../../shared/ports/queues.ts";
import type { AppliedNetwork, LinkRecords } from "../../shared/ports/store.ts";
import { linkState } from "../failover/link-state.ts";
import type { AdminDeps } from "./deps.ts";
import { findLocation, type LocationPlace, locationName } from "./places.ts";
import { Refusal } from "./refusal.ts";

/** A location with everything that is known of it, read strongly consistently. */
export type Situation = LocationPlace & {
  readonly applied: AppliedNetwork;
  readonly records: LinkRecords;
  readonly state: LinkState;
  readonly facts: LocationFacts;
  /** `LINK/LOCATION`. */
  readonly name: string;
};

/** Reads a location by names. Throws `Refusal` 404 and `DatabaseError`. */
export async function readSituation(deps: AdminDeps, linkName: string, locationName: string): Promise<Situation> {
  const applied = (await deps.store.readNetwork()).value;
  const place = findLocation(applied.network, linkName, locationName);
  return situationOf(deps, applied, place.link, place.location);
}

/** Reads a location that was found in the configuration. */
export async function situationOf(
  deps: AdminDeps,
  applied: AppliedNetwork,
  link: Link,
  location: Location,
): Promise<Situation> {
  const records = (await deps.store.readLink(link.id, "strong")).value;
  const state = linkState(link, applied.network.version, records);
  const name = locationName({ link, location });
  return { applied, link, location, records, state, facts: factsOf(state, location), name };
}

/** The same location, read anew. */
export function reread(deps: AdminDeps, situation: Situation): Promise<Situation> {
  return situationOf(deps, situation.applied, situation.link, situation.location);
}

const noWish: LocationWish = { pin: null, drains: {}, switchover: null };

/** Changes what operators asked of a location, whoever else does so at the same time. Throws `Refusal` lost-race. */
export async function changeWish(
  deps: AdminDeps,
  linkId: string,
  locationId: string,
  change: (wish: LocationWish) => LocationWish,
): Promise<void> {
  for (let attempt = 0; attempt < limits.writeAttempts; attempt++) {
    const { wish } = (await deps.store.readLocation(linkId, locationId, "strong")).value;
    const next = change(wish?.value ?? noWish);
    if (wish !== undefined && JSON.stringify(next) === JSON.stringify(wish.value)) return;
    const claim = await deps.store.writeWish(linkId, locationId, next, wish?.revision);
    if (claim.kind === "won") return;
  }
  throw lostRace();
}

/** Changes a link's switches, whoever else does so at the same time. Throws `Refusal` lost-race. */
export async function changeSwitches(
  deps: AdminDeps,
  linkId: string,
  version: number,
  change: (switches: LinkSwitches) => LinkSwitches,
): Promise<void> {
  for (let attempt = 0; attempt < limits.writeAttempts; attempt++) {
    const { switches } = (await deps.store.readPulse(linkId)).value;
    const prior = switches?.value ?? { paused: null, networkVersion: version };
    const next = change(prior);
    if (switches !== undefined && JSON.stringify(next) === JSON.stringify(switches.value)) return;
    const claim = await deps.store.writeSwitches(linkId, next, switches?.revision);
    if (claim.kind === "won") return;
  }
  throw lostRace();
}

export function lostRace(): Refusal {
  return new Refusal(409, "lost-race", "somebody else changed the same thing at the same moment", {
    next: "look at what they did, then try again",
  });
}

/**
 * Wakes the routes function for locations. A message that cannot be sent is left to the reconcile of the next minute.
 */
export async function wakeRoutes(deps: AdminDeps, refs: readonly LocationRef[]): Promise<void> {
  if (refs.length === 0) return;
  try {
    const queue = await deps.swapQueue();
    await queue.wake(refs.map((ref) => ({ ...ref, cause: "reconcile", round: 0 })));
  } catch (error) {
    deps.log.warn("routes function not woken: the reconcile of the next minute does it", { error: String(error) });
  }
}

/**
 * Tells an operator's command: before it is carried out, so that nothing is ever changed without a record. `why` is left
 * out when it is empty.
 */
export async function tellOperator(
  deps: AdminDeps,
  command: {
    readonly by: string;
    readonly message: string;
    readonly why: string;
    readonly linkId?: string;
    readonly locationId?: string;
    readonly hostId?: string;
  },
): Promise<void> {
  const { why, message, ...rest } = command;
  await deps.store.tell({
    ...rest,
    atMs: deps.clock.nowMs(),
    kind: "operator",
    severity: "info",
    message: why === "" ? message : `${message}: ${why}`,
  });
}
