import { isSameNetwork } from "../domain/clouds/cloud.ts";
import type { Id } from "../domain/ids.ts";
import type { Host, Link, Location, Network } from "../domain/network.ts";

/** Something that is removed and something much like it that is added: most likely meant as a rename. */
export type Rename = { readonly subject: "link" | "location" | "host"; readonly from: string; readonly to: string };

/** Pairs that look like renames, each thing in at most one pair. Paths as the commands take them. */
export function renames(current: Network, next: Network): Rename[] {
  const links = matched(current.links, next.links, looksLikeLink).map(([from, to]) =>
    rename("link", from.name, to.name),
  );
  const inner = staying(current.links, next.links).flatMap(([before, after]) => {
    const locations = matched(before.locations, after.locations, looksLikeLocation).map(([from, to]) =>
      rename("location", `${after.name}/${from.name}`, `${after.name}/${to.name}`),
    );
    const hosts = staying(before.locations, after.locations).flatMap(([old, now]) =>
      hostRenames(`${after.name}/${now.name}`, old, now),
    );
    return [...locations, ...hosts];
  });
  return [...links, ...inner];
}

function rename(subject: Rename["subject"], from: string, to: string): Rename {
  return { subject, from, to };
}

function hostRenames(path: string, before: Location, after: Location): Rename[] {
  const [gone, come] = [missing(before.hosts, after.hosts), missing(after.hosts, before.hosts)];
  const isSwapOfOne = gone.length === 1 && come.length === 1;
  return matched(before.hosts, after.hosts, (a, b) => isSwapOfOne || looksLikeHost(a, b)).map(([from, to]) =>
    rename("host", `${path}/${from.name}`, `${path}/${to.name}`),
  );
}

function looksLikeLink(a: Link, b: Link): boolean {
  const names = new Set(b.locations.map(({ name }) => name));
  const shared = a.locations.filter(({ name }) => names.has(name)).length;
  return shared > 0 && shared * 2 >= Math.max(a.locations.length, b.locations.length);
}

function looksLikeLocation(a: Location, b: Location): boolean {
  const isSame = (one: readonly string[], other: readonly string[]) => one.join() === other.join();
  if (a.networks.length > 0 && isSame(a.networks, b.networks)) return true;
  const hosts = [a, b].map((location) => location.hosts.map(({ name }) => name));
  const isSamePlace = a.cloud !== undefined && b.cloud !== undefined && isSameNetwork(a.cloud, b.cloud);
  return isSamePlace && isSame(hosts[0] ?? [], hosts[1] ?? []);
}

function looksLikeHost(a: Host, b: Host): boolean {
  if (a.target !== undefined && a.target !== "auto" && a.target === b.target) return true;
  return a.publicAddress !== undefined && a.publicAddress === b.publicAddress;
}

type Named = { readonly id: Id };

function missing<T extends Named>(from: readonly T[], other: readonly T[]): readonly T[] {
  const ids = new Set(other.map(({ id }) => id));
  return from.filter(({ id }) => !ids.has(id));
}

function staying<T extends Named>(before: readonly T[], after: readonly T[]): (readonly [T, T])[] {
  const later = new Map(after.map((item) => [item.id, item]));
  return before.flatMap((item) => {
    const now = later.get(item.id);
    return now ? [[item, now] as const] : [];
  });
}

function matched<T extends Named>(
  before: readonly T[],
  after: readonly T[],
  looksLike: (a: T, b: T) => boolean,
): (readonly [T, T])[] {
  const free = new Set(missing(after, before));
  return missing(before, after).flatMap((gone) => {
    const come = [...free].find((candidate) => looksLike(gone, candidate));
    if (come === undefined) return [];
    free.delete(come);
    return [[gone, come] as const];
  });
}
