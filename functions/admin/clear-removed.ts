import { limits } from "../../shared/domain/limits.ts";
import { hostIndex, type Link } from "../../shared/domain/network.ts";
import type { LocationWish } from "../../shared/domain/records.ts";
import { inParallel } from "../../shared/platform/parallel.ts";
import type { LinkRecords } from "../../shared/ports/store.ts";
import type { AdminDeps } from "./deps.ts";
import { changeWish } from "./situation.ts";

/**
 * Removes what the links' partitions hold of hosts that are not configured any more. The configuration is read after
 * the records, so that a host which somebody adds meanwhile keeps what it has.
 */
export async function clearRemoved(deps: AdminDeps, links: readonly Link[]): Promise<void> {
  const found = await inParallel(links, limits.parallelLocations, async ({ id }) => ({
    linkId: id,
    records: (await deps.store.readLink(id, "strong")).value,
  }));
  const configured = hostIndex((await deps.store.readNetwork()).value.network);
  const isGone = (hostId: string) => !configured.has(hostId);
  await inParallel(found, limits.parallelLocations, ({ linkId, records }) => clearLink(deps, linkId, records, isGone));
}

/** A record that a late heartbeat writes again is read by nobody: losing the race here does no harm. */
async function clearLink(
  deps: AdminDeps,
  linkId: string,
  records: LinkRecords,
  isGone: (hostId: string) => boolean,
): Promise<void> {
  for (const [locationId, { hosts, wish }] of records.locations) {
    for (const [hostId, { revision }] of hosts) {
      if (isGone(hostId)) await deps.store.removeHost(linkId, locationId, hostId, revision);
    }
    const gone = wish === undefined ? [] : wishedHosts(wish.value).filter(isGone);
    if (gone.length > 0) await changeWish(deps, linkId, locationId, (now) => withoutHosts(now, gone));
  }
}

function wishedHosts({ pin, switchover, drains }: LocationWish): readonly string[] {
  return [...Object.keys(drains), ...[pin, switchover].flatMap((one) => (one === null ? [] : [one.hostId]))];
}

function withoutHosts({ pin, switchover, drains }: LocationWish, gone: readonly string[]): LocationWish {
  const kept = <T extends { readonly hostId: string }>(one: T | null) =>
    one === null || gone.includes(one.hostId) ? null : one;
  return {
    pin: kept(pin),
    switchover: kept(switchover),
    drains: Object.fromEntries(Object.entries(drains).filter(([id]) => !gone.includes(id))),
  };
}
