import type { Id } from "../../shared/domain/ids.ts";
import type { Link, Location, Network } from "../../shared/domain/network.ts";
import { reachedNetworks } from "../../shared/domain/topology.ts";
import type { Truth } from "../world/truth.ts";

export type Place = { readonly link: Link; readonly location: Location };

/** The configurations that were in force at some time since then, newest first. */
export function networksSince(truth: Truth, sinceMs: number): readonly Network[] {
  const networks: Network[] = [];
  for (let at = truth.networks.length - 1; at >= 0; at--) {
    const one = truth.networks[at];
    if (one === undefined) break;
    networks.push(one.network);
    if (one.atMs < sinceMs) break;
  }
  return networks;
}

/** The tables of a location, by the cloud's own ids. */
export function tablesOf(location: Location): readonly string[] {
  const tables = location.cloud?.routeTables;
  return tables?.by === "id" ? tables.ids : [];
}

/** The locations whose routes live in a table, in any of these configurations. */
export function placesOfTable(networks: readonly Network[], table: string): readonly Place[] {
  const places: Place[] = [];
  for (const network of networks) {
    for (const link of network.links) {
      for (const location of link.locations) if (tablesOf(location).includes(table)) places.push({ link, location });
    }
  }
  return places;
}

/** Whether all of these configurations want a route for the destination in the table. */
export function isDesired(networks: readonly Network[], table: string, destination: string): boolean {
  return networks.every((network) =>
    placesOfTable([network], table).some(({ link, location }) => reachedNetworks(link, location).includes(destination)),
  );
}

/** Every place in a location's tables that has to have a route. */
export function desiredPlaces({
  link,
  location,
}: Place): readonly { readonly table: string; readonly destination: string }[] {
  const destinations = reachedNetworks(link, location);
  return tablesOf(location).flatMap((table) => destinations.map((destination) => ({ table, destination })));
}

/** Where a location stands in the newest configuration. */
export function placeOf(truth: Truth, locationId: Id): Place | undefined {
  for (const link of truth.network.links) {
    const location = link.locations.find((one) => one.id === locationId);
    if (location !== undefined) return { link, location };
  }
  return undefined;
}

type Named = { readonly location: string; readonly host: string };

/** What a host is, or was, called. */
export function nameOf(truth: Truth, hostId: Id): Named | undefined {
  const place = truth.place(hostId);
  if (place !== undefined) return { location: place.location.name, host: place.host.name };
  for (let at = truth.networks.length - 1; at >= 0; at--) {
    for (const link of truth.networks[at]?.network.links ?? []) {
      for (const location of link.locations) {
        const host = location.hosts.find((one) => one.id === hostId);
        if (host !== undefined) return { location: location.name, host: host.name };
      }
    }
  }
  return undefined;
}

/** Whether an interface is, or was, a host's own. */
export function isOf(truth: Truth, interfaceId: string, hostId: Id | null): boolean {
  if (hostId === null) return false;
  const owner = truth.ownerOf(interfaceId);
  if (owner === undefined) return false;
  const name = nameOf(truth, hostId);
  return name?.host === owner.host && name.location === owner.location;
}
