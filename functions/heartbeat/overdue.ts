import { presenceBy } from "../../shared/domain/election/availability.ts";
import { elect } from "../../shared/domain/election/elect.ts";
import type { LinkState } from "../../shared/domain/election/state.ts";
import type { HostPlace, Location } from "../../shared/domain/network.ts";
import type { Pulse } from "../../shared/domain/records.ts";
import type { LinkRecords, LocationRecords } from "../../shared/ports/store.ts";
import { linkState } from "../failover/link-state.ts";

/** Whether the sender's location has nobody active, or somebody who cannot be it any more: cheap, on every heartbeat. */
export function isOverdue(location: Location, records: LocationRecords, nowMs: number): boolean {
  const activeId = records.head?.value.activeHostId;
  if (activeId == null) return true;
  const active = location.hosts.find((host) => host.id === activeId);
  if (active === undefined) return true;
  if (records.wish?.value.drains[active.id] !== undefined) return true;
  return presenceBy(active, records.hosts.get(active.id)?.value, nowMs) !== "available";
}

/** The link as this container last saw it, with the sender's location as it was just read. */
export function seenState(
  place: HostPlace,
  networkVersion: number,
  seen: LinkRecords,
  location: LocationRecords,
  pulse: Pulse | undefined,
): LinkState {
  const locations = new Map(seen.locations).set(place.location.id, location);
  const state = linkState(place.link, networkVersion, { ...seen, locations });
  return { ...state, pulse: pulse ?? state.pulse };
}

/** Whether an election on what was seen would change something: then it is worth running on strong evidence. */
export function wouldChange(state: LinkState, location: Location, nowMs: number): boolean {
  return elect(state, location, nowMs).kind === "change";
}
