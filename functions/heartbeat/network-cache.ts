import type { Id } from "../../shared/domain/ids.ts";
import { limits } from "../../shared/domain/limits.ts";
import { type HostPlace, hostIndex, type Link, type Network } from "../../shared/domain/network.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Store } from "../../shared/ports/store.ts";

/** Ordinals of a link's hosts and locations by id: how a heartbeat's maps become bits. */
export type Ordinals = { readonly hosts: ReadonlyMap<Id, number>; readonly locations: ReadonlyMap<Id, number> };

/** The configuration in force as a container holds it, with what is derived from it once. */
export type CachedNetwork = {
  readonly network: Network;
  readonly hosts: ReadonlyMap<Id, HostPlace>;
  readonly ordinals: ReadonlyMap<Id, Ordinals>;
};

/** Configuration and keys may be cached; a container learns of a new version from its snapshot of a link. */
export type NetworkCache = {
  /** What is known, read again after `limits.networkMs`: of a link that is gone no snapshot tells. */
  get(): CachedNetwork | Promise<CachedNetwork>;
  /** Reads again when a version at least this new is known to exist. */
  atLeast(version: number): CachedNetwork | Promise<CachedNetwork>;
  /** Reads again, at most once in `refreshMs`: for a good-bye, a host that is not known, a signature that does not fit. */
  refresh(): Promise<CachedNetwork>;
};

/** Wrong tokens may not make a container read the configuration more often than this. ms */
const refreshMs = 1_000;

export function networkCache(store: Pick<Store, "readNetwork">, clock: Clock): NetworkCache {
  let cached: CachedNetwork | undefined;
  let reading: Promise<CachedNetwork> | undefined;
  let readMs = Number.NEGATIVE_INFINITY;

  const read = (): Promise<CachedNetwork> => {
    reading ??= store
      .readNetwork()
      .then((observed) => {
        readMs = clock.monotonicMs();
        const { network } = observed.value;
        if (cached === undefined || cached.network.version !== network.version) cached = derive(network);
        return cached;
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  const get = (): CachedNetwork | Promise<CachedNetwork> => {
    const known = cached;
    if (known === undefined) return read();
    return clock.monotonicMs() - readMs < limits.networkMs ? known : read().catch(() => known);
  };

  return {
    get,
    atLeast(version) {
      if (cached !== undefined && cached.network.version >= version) return get();
      return read();
    },
    async refresh() {
      const now = await get();
      return clock.monotonicMs() - readMs < refreshMs ? now : read();
    },
  };
}

function derive(network: Network): CachedNetwork {
  return {
    network,
    hosts: hostIndex(network),
    ordinals: new Map(network.links.map((link) => [link.id, ordinalsOf(link)])),
  };
}

function ordinalsOf(link: Link): Ordinals {
  return {
    locations: new Map(link.locations.map((location) => [location.id, location.ordinal])),
    hosts: new Map(
      link.locations.flatMap((location) => location.hosts.map((host) => [host.id, host.ordinal] as const)),
    ),
  };
}
