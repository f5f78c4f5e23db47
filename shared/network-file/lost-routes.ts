import { type Cloud, isSameNetwork, tablesText } from "../domain/clouds/cloud.ts";
import type { Id } from "../domain/ids.ts";
import type { Link, Location, Network } from "../domain/network.ts";
import { reachedNetworks } from "../domain/topology.ts";

/** Routes of one location that are wanted now and will not be any more. */
export type LostRoutes = {
  /** `LINK/LOCATION`. */
  readonly path: string;
  readonly cause: "location-removed" | "cloud-removed" | "tables-left" | "unreached";
  readonly destinations: readonly string[];
  /** Ids of the tables, or one text for a choice of tables that only the cloud can count. */
  readonly tables: readonly string[];
  /** Destinations times tables. */
  readonly routes: number;
};

type Place = { readonly link: Link; readonly location: Location };

/**
 * For every location with a cloud, the routes that are lost. A route that another location takes over counts all the
 * same: until that one has an active host, nobody keeps it.
 */
export function lostRoutes(current: Network, next: Network): LostRoutes[] {
  const after = placesById(next);
  return [...placesById(current).values()].flatMap((before) => {
    const { cloud, id } = before.location;
    return cloud ? lostOf(before, cloud, after.get(id)) : [];
  });
}

function lostOf({ link, location }: Place, cloud: Cloud, after: Place | undefined): LostRoutes[] {
  const reached = reachedNetworks(link, location);
  const lost = (
    cause: LostRoutes["cause"],
    destinations: readonly string[],
    tables: readonly string[],
  ): LostRoutes[] => {
    const routes = destinations.length * tables.length;
    return routes === 0 ? [] : [{ path: `${link.name}/${location.name}`, cause, destinations, tables, routes }];
  };
  const tables = tablesOf(cloud);
  if (after === undefined) return lost("location-removed", reached, tables);
  if (after.location.cloud === undefined) return lost("cloud-removed", reached, tables);
  const left = tablesLeft(cloud, after.location.cloud);
  const kept = tables.filter((table) => !left.includes(table));
  const still = new Set(reachedNetworks(after.link, after.location));
  const unreached = reached.filter((destination) => !still.has(destination));
  return [...lost("tables-left", reached, left), ...lost("unreached", unreached, kept)];
}

function tablesOf({ routeTables }: Cloud): readonly string[] {
  return routeTables.by === "id" ? routeTables.ids : [tablesText(routeTables)];
}

/** The tables of `before` that `after` does not hold for certain. */
function tablesLeft(before: Cloud, after: Cloud): readonly string[] {
  const [from, to] = [before.routeTables, after.routeTables];
  if (from.by === "id" && to.by === "id") return from.ids.filter((id) => !to.ids.includes(id));
  const holdsAll = isSameNetwork(before, after) && (to.by === "network" || tablesText(from) === tablesText(to));
  return holdsAll ? [] : tablesOf(before);
}

function placesById(network: Network): ReadonlyMap<Id, Place> {
  return new Map(
    network.links.flatMap((link) => link.locations.map((location) => [location.id, { link, location }] as const)),
  );
}
