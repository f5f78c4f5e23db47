import type * as z from "zod/mini";
import { type Cloud, placeKey } from "../domain/clouds/cloud.ts";
import type { Id } from "../domain/ids.ts";
import type { Ciphers, Host, Link, Location, Network } from "../domain/network.ts";
import { compileCloud } from "./clouds/compile.ts";
import { defaults } from "./defaults.ts";
import { durationMs } from "./duration.ts";
import type { HostSection, LinkSection, LocationSection, NetworkFile } from "./schema.ts";

/**
 * Makes the next configuration of a network file that `parseNetworkFile` read. What has the same name in the same
 * place as in `current` keeps its id, ordinal and secret and key generations; everything else gets a new id of
 * `newId` and an ordinal that its link never gave before. Sorted by name, so the order in the file does not matter.
 */
export function compileNetwork(file: NetworkFile, current: Network, newId: () => Id): Network {
  const before = byName(current.links);
  const links = sortedEntries(file.links).map(([name, section]) => compileLink(name, section, before.get(name), newId));
  return { version: current.version + 1, links };
}

function compileLink(name: string, section: LinkSection, before: Link | undefined, newId: () => Id): Link {
  const entries = sortedEntries(section.locations);
  const locationsBefore = byName(before?.locations ?? []);
  const id = before?.id ?? newId();
  const ids = new Map(entries.map(([location]) => [location, locationsBefore.get(location)?.id ?? newId()]));
  const excludes = excludedNames(section);
  const next = { location: before?.nextLocationOrdinal ?? 0, host: before?.nextHostOrdinal ?? 0 };
  const locations = entries.map(([location, part]): Location => {
    const old = locationsBefore.get(location);
    return {
      ...compileLocation(location, part, old),
      id: ids.get(location) ?? newId(),
      ordinal: old?.ordinal ?? next.location++,
      excludes: idsOf(excludes.get(location) ?? [], ids),
      transits: idsOf(part.transits ?? [], ids),
      hosts: compileHosts(part, old, () => next.host++, newId),
    };
  });
  const protocol = section.protocol ?? defaults.link.protocol;
  return {
    id,
    name,
    protocol,
    wgPort: protocol === "wg" ? (section.wgPort ?? defaults.link.wgPort) : 0,
    ipv6: section.ipv6 ?? defaults.link.ipv6,
    action: section.action ?? defaults.link.action,
    hostCheck: section.hostCheck ?? defaults.link.hostCheck,
    online: section.online ?? defaults.link.online,
    ...(section.ciphers ? { ciphers: compileCiphers(section.ciphers) } : {}),
    tunnelTimeoutMs: durationMs(section.tunnelTimeout ?? defaults.link.tunnelTimeout),
    keyGeneration: before?.keyGeneration ?? 1,
    nextLocationOrdinal: next.location,
    nextHostOrdinal: next.host,
    locations,
  };
}

function compileCiphers({ ike, esp, force }: NonNullable<LinkSection["ciphers"]>): z.infer<typeof Ciphers> {
  return { ike, esp, force: force ?? defaults.link.forceCiphers };
}

type LocationSettings = Omit<Location, "id" | "ordinal" | "excludes" | "transits" | "hosts">;

function compileLocation(name: string, section: LocationSection, before: Location | undefined): LocationSettings {
  const cloud = section.cloud && compileCloud(section.cloud);
  const placeOf = (one: Cloud | undefined) => (one === undefined ? "" : placeKey(one));
  const isMoved = before !== undefined && placeOf(before.cloud) !== placeOf(cloud);
  return {
    name,
    generation: (before?.generation ?? 1) + (isMoved ? 1 : 0),
    networks: [...section.networks].sort(),
    failback: section.failback ?? defaults.location.failback,
    holdUpMs: durationMs(section.holdUp ?? defaults.location.holdUp),
    removeRoutes: section.removeRoutes ?? defaults.location.removeRoutes,
    ...(cloud ? { cloud } : {}),
  };
}

function compileHosts(
  section: LocationSection,
  before: Location | undefined,
  nextOrdinal: () => number,
  newId: () => Id,
): Host[] {
  const hostsBefore = byName(before?.hosts ?? []);
  return sortedEntries(section.hosts).map(([name, host]) => {
    const old = hostsBefore.get(name);
    return {
      id: old?.id ?? newId(),
      name,
      ordinal: old?.ordinal ?? nextOrdinal(),
      ...compileHost(host, section.cloud !== undefined),
      secretGeneration: old?.secretGeneration ?? 1,
      previousSecretUntilMs: old?.previousSecretUntilMs ?? 0,
    };
  });
}

type HostSettings = Omit<Host, "id" | "name" | "ordinal" | "secretGeneration" | "previousSecretUntilMs">;

function compileHost(section: HostSection, hasCloud: boolean): HostSettings {
  const isStatic = section.static ?? defaults.host.static;
  const target = hasCloud && !isStatic ? (section.target ?? defaults.host.target) : undefined;
  return {
    static: isStatic,
    priority: section.priority ?? defaults.host.priority,
    timeoutMs: durationMs(section.timeout ?? defaults.host.timeout),
    backoffMs: durationMs(section.backoff ?? defaults.host.backoff),
    ...(target === undefined ? {} : { target }),
    ...(section.publicAddress === undefined ? {} : { publicAddress: section.publicAddress }),
  };
}

/** By name of location, those that it has no tunnel with: what either side excludes, or leaves out of its peers. */
function excludedNames({ locations }: LinkSection): ReadonlyMap<string, ReadonlySet<string>> {
  const names = Object.keys(locations);
  const excluded = new Map(names.map((name) => [name, new Set<string>()]));
  for (const [name, { peers, excludes }] of Object.entries(locations)) {
    const wanted = peers && new Set(peers);
    for (const other of wanted ? names.filter((one) => !wanted.has(one)) : (excludes ?? [])) {
      if (other === name) continue;
      excluded.get(name)?.add(other);
      excluded.get(other)?.add(name);
    }
  }
  return excluded;
}

function idsOf(names: Iterable<string>, ids: ReadonlyMap<string, Id>): Id[] {
  return [...names].flatMap((name) => ids.get(name) ?? []).sort();
}

function byName<T extends { readonly name: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.name, item]));
}

function sortedEntries<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
