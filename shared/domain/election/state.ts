import type { Id } from "../ids.ts";
import type { Host, Link, Location } from "../network.ts";
import type { Decision, HostRecord, LocationWish, Pulse, Suspicion } from "../records.ts";

/** What is known of one location beside its configuration. */
export type LocationFacts = {
  readonly head: Decision | undefined;
  readonly hosts: ReadonlyMap<Id, HostRecord>;
  readonly wish: LocationWish | undefined;
  readonly suspicion: Suspicion | undefined;
};

/** Everything that an election of a location of this link may rest on. Plain data; times are server milliseconds. */
export type LinkState = {
  readonly link: Link;
  readonly networkVersion: number;
  readonly isPaused: boolean;
  readonly pulse: Pulse | undefined;
  readonly facts: ReadonlyMap<Id, LocationFacts>;
};

const nothing: LocationFacts = { head: undefined, hosts: new Map(), wish: undefined, suspicion: undefined };

export function factsOf(state: LinkState, location: Location): LocationFacts {
  return state.facts.get(location.id) ?? nothing;
}

/** The shortest time-out of the link's hosts that heartbeat, in ms; undefined when there are none. */
export function shortestTimeoutMs(link: Link): number | undefined {
  const timeouts = heartbeatingHosts(link).map((host) => host.timeoutMs);
  return timeouts.length === 0 ? undefined : Math.min(...timeouts);
}

/** The longest time-out of the link's hosts that heartbeat, in ms; 0 when there are none. */
export function longestTimeoutMs(link: Link): number {
  return Math.max(0, ...heartbeatingHosts(link).map((host) => host.timeoutMs));
}

function heartbeatingHosts(link: Link): readonly Host[] {
  return link.locations.flatMap((location) => location.hosts.filter((host) => !host.static));
}
