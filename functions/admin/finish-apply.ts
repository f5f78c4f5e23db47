import { limits } from "../../shared/domain/limits.ts";
import type { Link, Location, Network } from "../../shared/domain/network.ts";
import type { LocationWish } from "../../shared/domain/records.ts";
import { inParallel } from "../../shared/platform/parallel.ts";
import type { LocationRef } from "../../shared/ports/queues.ts";
import type { AppliedNetwork, LinkRecords } from "../../shared/ports/store.ts";
import { electNow } from "../failover/failover.ts";
import type { AdminDeps } from "./deps.ts";
import { changeSwitches, changeWish, wakeRoutes } from "./situation.ts";

/**
 * What follows from a configuration that is in force: everyone is told, what belongs to removed hosts is cleared, and
 * the locations concerned are elected and swapped anew. Every step can be done twice, so that an apply that was
 * interrupted is finished by the next one, and sweep and reconcile do without it.
 */
export async function finishApply(
  deps: AdminDeps,
  { before, applied }: { readonly before: Network; readonly applied: AppliedNetwork },
): Promise<void> {
  const { network } = applied;
  if (network.version === 0) return;
  await tellApplied(deps, applied);
  await inParallel(network.links, limits.parallelLocations, (link) => catchUp(deps, link, network.version));
  await inParallel(goneLinks(before, network), limits.parallelLocations, (link) => clearLink(deps, link, undefined));

  const changed = network.links.filter((link) => !isSame(link, find(before.links, link.id)));
  await wakeRoutes(deps, withRoutes([...changed, ...goneLinks(before, network)], before));
  const refs = changed.flatMap((link) => changedLocations(link, find(before.links, link.id)));
  await inParallel(refs, limits.parallelLocations, (ref) => electNow(deps, ref, applied.by));
}

async function tellApplied(deps: AdminDeps, { network, atMs, by, why }: AppliedNetwork): Promise<void> {
  const message = `version ${network.version} is in force${why === "" ? "" : `: ${why}`}`;
  const once = `network#${network.version}`;
  await deps.store.tell({ atMs, kind: "network-applied", severity: "info", by, message, once });
}

/** Heartbeat containers learn of a new configuration from the link's switches; records of removed hosts go. */
async function catchUp(deps: AdminDeps, link: Link, version: number): Promise<void> {
  const records = (await deps.store.readLink(link.id, "strong")).value;
  if ((records.switches?.value.networkVersion ?? -1) < version) {
    await changeSwitches(deps, link.id, version, (switches) => ({
      ...switches,
      networkVersion: Math.max(switches.networkVersion, version),
    }));
  }
  await clearRecords(deps, link.id, records, link);
}

async function clearLink(deps: AdminDeps, link: Link, configured: Link | undefined): Promise<void> {
  await clearRecords(deps, link.id, (await deps.store.readLink(link.id, "strong")).value, configured);
}

/** A record that a late heartbeat writes again is garbage that nobody reads: losing the race here does no harm. */
async function clearRecords(
  deps: AdminDeps,
  linkId: string,
  records: LinkRecords,
  configured: Link | undefined,
): Promise<void> {
  for (const [locationId, location] of records.locations) {
    const hosts = new Set(find(configured?.locations ?? [], locationId)?.hosts.map((host) => host.id));
    for (const [hostId, record] of location.hosts) {
      if (!hosts.has(hostId)) await deps.store.removeHost(linkId, locationId, hostId, record.revision);
    }
    const wish = location.wish?.value;
    if (wish !== undefined && !isSame(wish, wishOf(wish, hosts))) {
      await changeWish(deps, linkId, locationId, (now) => wishOf(now, hosts));
    }
  }
}

/** A wish without what concerns hosts that are gone. */
function wishOf(wish: LocationWish, hosts: ReadonlySet<string>): LocationWish {
  return {
    pin: wish.pin !== null && hosts.has(wish.pin.hostId) ? wish.pin : null,
    switchover: wish.switchover !== null && hosts.has(wish.switchover.hostId) ? wish.switchover : null,
    drains: Object.fromEntries(Object.entries(wish.drains).filter(([id]) => hosts.has(id))),
  };
}

/** Locations of these links that have routes, or had some before. */
function withRoutes(links: readonly Link[], before: Network): readonly LocationRef[] {
  return links.flatMap((link) => {
    const old = find(before.links, link.id)?.locations ?? [];
    const ids = new Set([...link.locations, ...old].filter(({ cloud }) => cloud !== undefined).map(({ id }) => id));
    return [...ids].map((locationId) => ({ linkId: link.id, locationId }));
  });
}

function changedLocations(link: Link, before: Link | undefined) {
  const isChanged = (location: Location) => !isSame(location, find(before?.locations ?? [], location.id));
  return link.locations.filter(isChanged).map((location) => ({ linkId: link.id, locationId: location.id }));
}

function goneLinks(before: Network, now: Network): readonly Link[] {
  return before.links.filter((link) => find(now.links, link.id) === undefined);
}

function find<T extends { readonly id: string }>(all: readonly T[], id: string): T | undefined {
  return all.find((one) => one.id === id);
}

function isSame(a: object, b: object | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
