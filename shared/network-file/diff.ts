import type { Id } from "../domain/ids.ts";
import { hostIndex, type Network } from "../domain/network.ts";
import { type Change, changesOf } from "./changes.ts";
import { type LostRoutes, lostRoutes } from "./lost-routes.ts";
import { type Rename, renames } from "./renames.ts";
import { type Warning, warnings } from "./warnings.ts";

/** A location whose routes go to other tables, network, region or account. */
type Move = { readonly path: string; readonly id: Id; readonly from: number; readonly to: number };

/** What a new configuration changes, before it is applied. Plain data. */
export type NetworkDiff = {
  /** In order of link, location and host. */
  readonly changes: readonly Change[];
  /** Paths of hosts that must be given a URI that they do not have yet. */
  readonly newUris: readonly string[];
  readonly renames: readonly Rename[];
  /** Locations that get a new generation of routes. */
  readonly moves: readonly Move[];
  readonly routesLost: readonly LostRoutes[];
  /** All routes of `routesLost` together; a choice of tables that only the cloud can count counts as one table. */
  readonly routesLostCount: number;
  readonly warnings: readonly Warning[];
};

/** Compares two configurations by ids. Both the same gives a difference that `isEmptyDiff`. */
export function diffNetworks(current: Network, next: Network): NetworkDiff {
  const [before, after] = [without(current, next), without(next, current)];
  const found = renames(before, after);
  const routesLost = lostRoutes(before, after);
  return {
    changes: changesOf(before, after),
    newUris: newUris(before, after),
    renames: found,
    moves: moves(before, after),
    routesLost,
    routesLostCount: routesLost.reduce((total, { routes }) => total + routes, 0),
    warnings: warnings(before, after, found),
  };
}

/** A network less the links that the other has just the same: a network may have many, and a change is mostly of one. */
function without(network: Network, other: Network): Network {
  const same = new Set(other.links.map((link) => JSON.stringify(link)));
  return { ...network, links: network.links.filter((link) => !same.has(JSON.stringify(link))) };
}

/** Whether applying would change nothing. */
export function isEmptyDiff(diff: NetworkDiff): boolean {
  return diff.changes.length === 0 && diff.moves.length === 0;
}

function newUris(current: Network, next: Network): string[] {
  const before = hostIndex(current);
  const hasUri = (id: Id) => before.get(id)?.host.static === false;
  return [...hostIndex(next).values()]
    .filter(({ host }) => !host.static && !hasUri(host.id))
    .map(({ link, location, host }) => `${link.name}/${location.name}/${host.name}`);
}

function moves(current: Network, next: Network): Move[] {
  const before = new Map(current.links.flatMap((link) => link.locations).map((location) => [location.id, location]));
  return next.links.flatMap((link) =>
    link.locations.flatMap(({ id, name, generation }) => {
      const from = before.get(id)?.generation ?? generation;
      return from === generation ? [] : [{ path: `${link.name}/${name}`, id, from, to: generation }];
    }),
  );
}
