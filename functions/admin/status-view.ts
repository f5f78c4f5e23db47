import { hasBit, membersOf, noBits } from "../../shared/domain/bits.ts";
import { cloudText } from "../../shared/domain/clouds/cloud.ts";
import { availabilityOf } from "../../shared/domain/election/availability.ts";
import { isHeld } from "../../shared/domain/election/elect.ts";
import { factsOf, type LinkState, type LocationFacts } from "../../shared/domain/election/state.ts";
import type { Host, Link, Location } from "../../shared/domain/network.ts";
import type { HostRecord, LinkSwitches, SwapReport } from "../../shared/domain/records.ts";
import { peersOf } from "../../shared/domain/topology.ts";
import type { DrainState, HostStatus, LinkStatus, LocationStatus, SwapStatus } from "./status-schemas.ts";

/** Reports of the routes function by location id. */
export type SwapReports = ReadonlyMap<string, SwapReport>;

/** What is shown of a link. Pure: the same state and time give the same answer. */
export function viewLink(
  state: LinkState,
  switches: LinkSwitches | undefined,
  reports: SwapReports,
  nowMs: number,
): LinkStatus {
  const { link, pulse } = state;
  return {
    id: link.id,
    name: link.name,
    online: link.online,
    hostCheck: link.hostCheck,
    paused: switches?.paused ?? null,
    lastCreditedMs: pulse?.lastCreditedMs ?? null,
    holdUntilMs: pulse !== undefined && isHeld(state, nowMs) ? pulse.holdUntilMs : null,
    locations: link.locations.map((location) => viewLocation(state, location, reports.get(location.id), nowMs)),
  };
}

/** What is shown of a location. */
export function viewLocation(
  state: LinkState,
  location: Location,
  report: SwapReport | undefined,
  nowMs: number,
): LocationStatus {
  const facts = factsOf(state, location);
  return {
    id: location.id,
    name: location.name,
    cloud: location.cloud === undefined ? null : cloudText(location.cloud),
    active: activeHostOf(location, facts)?.name ?? null,
    epoch: facts.head?.epoch ?? 0,
    sinceMs: facts.head?.decidedMs ?? null,
    reason: facts.head?.reason ?? null,
    by: facts.head?.by ?? null,
    swap: viewSwap(facts, report),
    hosts: location.hosts.map((host) => viewHost(state, location, host, nowMs)),
  };
}

/** The host that carries the location's traffic: its static one, or the one that was decided on. */
export function activeHostOf(location: Location, facts: LocationFacts): Host | undefined {
  return location.hosts.find((host) => host.static || host.id === facts.head?.activeHostId);
}

/**
 * How far a drain is. `released`: another decision stands and its routes are verified, or the host never was active:
 * nothing is sent to it any more.
 */
export function drainStateOf(host: Host, facts: LocationFacts): DrainState {
  if (facts.wish?.drains[host.id] === undefined) return "none";
  return isReleased(host, facts) ? "released" : "draining";
}

/** Whether a host carries no traffic, as far as routes are verified. */
export function isReleased(host: Host, { head }: LocationFacts): boolean {
  return head === undefined || (head.activeHostId !== host.id && head.swap.state === "confirmed");
}

/** Whether a host is heard, left or silent, leaving aside that it is drained. */
export function healthOf(host: Host, facts: LocationFacts, nowMs: number): string {
  if (host.static) return "static";
  const wish = facts.wish === undefined ? undefined : { ...facts.wish, drains: {} };
  return availabilityOf(host, { ...facts, wish }, nowMs);
}

function viewHost(state: LinkState, location: Location, host: Host, nowMs: number): HostStatus {
  const facts = factsOf(state, location);
  const record = facts.hosts.get(host.id);
  const demotedMs = facts.head?.demotedMs[host.id];
  const isBackedOff = demotedMs !== undefined && nowMs < demotedMs + host.backoffMs;
  return {
    id: host.id,
    name: host.name,
    isStatic: host.static,
    isActive: activeHostOf(location, facts)?.id === host.id,
    priority: host.priority,
    state: healthOf(host, facts, nowMs),
    lastSeenMs: record?.lastSeenMs ?? null,
    upSinceMs: record?.upSinceMs ?? null,
    drain: drainStateOf(host, facts),
    isPinned: facts.wish?.pin?.hostId === host.id,
    backoffUntilMs: isBackedOff ? demotedMs + host.backoffMs : null,
    version: record?.version ?? "",
    publicAddress: host.publicAddress ?? record?.publicAddress ?? "",
    localAddress: record?.localAddress ?? "",
    ...viewTunnels(state.link, record),
    ...viewReach(state.link, location, record),
  };
}

function viewTunnels(link: Link, record: HostRecord | undefined): Pick<HostStatus, "tunnelsUp" | "tunnelsDown"> {
  const names = (ordinals: readonly number[]) =>
    link.locations.filter((location) => ordinals.includes(location.ordinal)).map((location) => location.name);
  return {
    tunnelsUp: names(membersOf(record?.tunnels.up ?? noBits)),
    tunnelsDown: names(Object.keys(record?.tunnels.down ?? {}).map(Number)),
  };
}

function viewReach(
  link: Link,
  location: Location,
  record: HostRecord | undefined,
): Pick<HostStatus, "reaches" | "doesNotReach"> {
  const sample = record?.reach[0];
  if (sample === undefined || !link.hostCheck) return { reaches: [], doesNotReach: [] };
  const checked = peersOf(link, location).filter((peer) => peer.hosts.some((host) => !host.static));
  const isReached = (peer: Location) => peer.hosts.some((host) => hasBit(sample, host.ordinal));
  return {
    reaches: checked.filter(isReached).map((peer) => peer.name),
    doesNotReach: checked.filter((peer) => !isReached(peer)).map((peer) => peer.name),
  };
}

function viewSwap({ head }: LocationFacts, report: SwapReport | undefined): SwapStatus {
  const current = report !== undefined && report.epoch === head?.epoch ? report : undefined;
  const swap = head?.swap;
  return {
    state: swap?.state ?? "none",
    confirmedMs: swap?.state === "confirmed" ? swap.atMs : null,
    routes: swap?.state === "confirmed" ? swap.routes : (current?.total ?? 0),
    written: current?.written ?? 0,
    foreign: current?.foreign ?? 0,
    attempts: current?.attempts ?? 0,
    retryAtMs: current?.retryAtMs ?? null,
    errors: current?.errors ?? [],
  };
}
