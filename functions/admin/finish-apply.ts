import { limits } from "../../shared/domain/limits.ts";
import { hostIndex, type Link, type Location, type Network } from "../../shared/domain/network.ts";
import { inParallel } from "../../shared/platform/parallel.ts";
import type { LocationRef } from "../../shared/ports/queues.ts";
import type { AppliedNetwork } from "../../shared/ports/store.ts";
import { electNow } from "../failover/failover.ts";
import { clearRemoved } from "./clear-removed.ts";
import type { AdminDeps } from "./deps.ts";
import { changeSwitches, wakeRoutes } from "./situation.ts";

/**
 * What follows from a configuration that is in force: everyone is told, the locations concerned are elected and swapped
 * anew, and what belongs to removed hosts is cleared. Every step can be done twice, so that an apply that was
 * interrupted is finished by the next one, and sweep and reconcile do without it.
 */
export async function finishApply(
  deps: AdminDeps,
  { before, applied }: { readonly before: Network; readonly applied: AppliedNetwork },
): Promise<void> {
  const { network } = applied;
  if (network.version === 0) return;
  await tellApplied(deps, applied);
  await inParallel(network.links, limits.parallelLocations, (link) => announce(deps, link, network.version));
  const gone = before.links.filter((link) => find(network.links, link.id) === undefined);
  const changed = network.links.filter((link) => !isSame(link, find(before.links, link.id)));
  await wakeRoutes(deps, withRoutes([...changed, ...gone], before));
  const refs = changed.flatMap((link) => changedLocations(link, find(before.links, link.id)));
  await inParallel(refs, limits.parallelLocations, (ref) => electNow(deps, ref, applied.by));

  // A heartbeat container takes a removed host's heartbeats until it looks at the link again.
  const configured = hostIndex(network);
  const hasRemoved = [...hostIndex(before).keys()].some((id) => !configured.has(id));
  if (hasRemoved) await deps.clock.sleep(2 * limits.snapshotMs);
  await clearRemoved(deps, [...network.links, ...gone]);
}

/** Tells of a configuration that was put in force. Can be done twice. */
export async function tellApplied(deps: AdminDeps, { network, atMs, by, why }: AppliedNetwork): Promise<void> {
  if (network.version === 0) return;
  const message = `version ${network.version} is in force${why === "" ? "" : `: ${why}`}`;
  const once = `network#${network.version}`;
  await deps.store.tell({ atMs, kind: "network-applied", severity: "info", by, message, once });
}

/** Heartbeat containers learn of a new configuration from the link's switches. */
async function announce(deps: AdminDeps, link: Link, version: number): Promise<void> {
  await changeSwitches(deps, link.id, version, (switches) => ({
    ...switches,
    networkVersion: Math.max(switches.networkVersion, version),
  }));
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

function find<T extends { readonly id: string }>(all: readonly T[], id: string): T | undefined {
  return all.find((one) => one.id === id);
}

function isSame(a: object, b: object | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
