import type { Id } from "../ids.ts";
import type { Link, Location } from "../network.ts";
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

type Timeouts = { readonly shortestMs: number | undefined; readonly longestMs: number };

/** Every heartbeat asks for these; a link's configuration never changes. */
const known = new WeakMap<Link, Timeouts>();

function timeoutsOf(link: Link): Timeouts {
  const before = known.get(link);
  if (before !== undefined) return before;
  const hosts = link.locations.flatMap((location) => location.hosts.filter((host) => !host.static));
  const all = hosts.map((host) => host.timeoutMs);
  const timeouts = { shortestMs: all.length === 0 ? undefined : Math.min(...all), longestMs: Math.max(0, ...all) };
  known.set(link, timeouts);
  return timeouts;
}

/** The shortest time-out of the link's hosts that heartbeat, in ms; undefined when there are none. */
export function shortestTimeoutMs(link: Link): number | undefined {
  return timeoutsOf(link).shortestMs;
}

/** The longest time-out of the link's hosts that heartbeat, in ms; 0 when there are none. */
export function longestTimeoutMs(link: Link): number {
  return timeoutsOf(link).longestMs;
}
