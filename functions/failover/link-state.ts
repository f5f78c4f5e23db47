import type { LinkState, LocationFacts } from "../../shared/domain/election/state.ts";
import type { Link } from "../../shared/domain/network.ts";
import { type LinkRecords, type LocationRecords, noRecords } from "../../shared/ports/store.ts";

/** The records of a link as an election takes them. */
export function linkState(link: Link, networkVersion: number, records: LinkRecords): LinkState {
  const facts = link.locations.map(
    (location) => [location.id, locationFacts(records.locations.get(location.id) ?? noRecords)] as const,
  );
  return {
    link,
    networkVersion,
    isPaused: records.switches?.value.paused != null,
    pulse: records.pulse?.value,
    facts: new Map(facts),
  };
}

export function locationFacts(records: LocationRecords): LocationFacts {
  return {
    head: records.head?.value,
    hosts: new Map([...records.hosts].map(([id, record]) => [id, record.value])),
    wish: records.wish?.value,
    suspicion: records.suspicion?.value,
  };
}
