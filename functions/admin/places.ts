import type { Host, HostPlace, Link, Location, Network } from "../../shared/domain/network.ts";
import { Refusal, type RefusalCode } from "./refusal.ts";

const shownNames = 20;

export type LocationPlace = { readonly link: Link; readonly location: Location };

/** The link of a name. Throws `Refusal` 404 that lists the names there are. */
export function findLink(network: Network, name: string): Link {
  return find(network.links, name, "unknown-link", `there is no link "${short(name)}"`, "links");
}

/** The location of a name in a link. Throws `Refusal` 404. */
export function findLocation(network: Network, linkName: string, name: string): LocationPlace {
  const link = findLink(network, linkName);
  const what = `link ${link.name} has no location "${short(name)}"`;
  return { link, location: find(link.locations, name, "unknown-location", what, "locations") };
}

/** The host of a name in a location. Throws `Refusal` 404. */
export function findHost(network: Network, linkName: string, locationName: string, name: string): HostPlace {
  const place = findLocation(network, linkName, locationName);
  return { ...place, host: hostOf(place, name) };
}

/** The host of a name in a location that was found. Throws `Refusal` 404. */
export function hostOf({ link, location }: LocationPlace, name: string): Host {
  const what = `location ${link.name}/${location.name} has no host "${short(name)}"`;
  return find(location.hosts, name, "unknown-host", what, "hosts");
}

/** `LINK/LOCATION`. */
export function locationName({ link, location }: LocationPlace): string {
  return `${link.name}/${location.name}`;
}

/** `LINK/LOCATION/HOST`. */
export function hostName(place: HostPlace): string {
  return `${locationName(place)}/${place.host.name}`;
}

function find<T extends { readonly name: string }>(
  all: readonly T[],
  name: string,
  code: RefusalCode,
  message: string,
  plural: string,
): T {
  const found = all.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = all.slice(0, shownNames).map((one) => one.name);
  const more = all.length > shownNames ? `, and ${all.length - shownNames} more` : "";
  throw new Refusal(404, code, message, {
    next: names.length === 0 ? "apply a network file first" : `the ${plural} are: ${names.join(", ")}${more}`,
  });
}

function short(name: string): string {
  return name.length <= 63 ? name : `${name.slice(0, 63)}…`;
}
