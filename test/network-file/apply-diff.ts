import * as z from "zod/mini";
import type { Cloud } from "../../shared/domain/clouds/cloud.ts";
import type { Host, Link, Location, Network } from "../../shared/domain/network.ts";
import type { Change, FieldChange } from "../../shared/network-file/changes.ts";
import { defaults } from "../../shared/network-file/defaults.ts";
import type { NetworkDiff } from "../../shared/network-file/diff.ts";
import { durationMs } from "../../shared/network-file/duration.ts";

/** The settings of one thing as a difference writes them. */
type Settings = Map<string, FieldChange["to"]>;
type HostDraft = Omit<Host, keyof HostSettings> & { settings: Settings };
type HostSettings = Pick<
  Host,
  "static" | "priority" | "timeoutMs" | "backoffMs" | "target" | "publicAddress" | "secretGeneration"
>;
type LocationDraft = { base: Location; settings: Settings; networks: Set<string>; hosts: HostDraft[] };
type LinkDraft = { base: Link; settings: Settings; parted: Set<string>; locations: LocationDraft[] };

/**
 * Makes the next configuration of the one before and a difference: what the changes and moves list, and nothing else.
 * What goes goes first, from the inside out. Throws where a change does not fit: what is removed or changed must be
 * there with the value that it is changed from.
 */
export function applyDiff(diff: NetworkDiff, current: Network): Network {
  const links = current.links.map(draftOf);
  const isTaken = ({ subject, action }: Change) => action === "removed" && subject !== "tunnel";
  for (const change of [...diff.changes.filter(isTaken)].reverse()) applyChange(links, change);
  for (const change of diff.changes.filter((one) => !isTaken(one))) applyChange(links, change);
  for (const { id, from, to } of diff.moves) {
    const location = links.flatMap((link) => link.locations).find(({ base }) => base.id === id);
    if (location?.base.generation !== from) throw new Error(`${id} is not of generation ${from}`);
    location.base = { ...location.base, generation: to };
  }
  return { version: current.version + 1, links: byName(links.map(linkOf)) };
}

function applyChange(links: LinkDraft[], change: Change): void {
  const [linkName = "", locationName = "", hostName = ""] = change.path.split("/");
  if (change.subject === "link") {
    applyTo(
      links,
      change,
      () => newLink(linkName, change.id),
      (one) => one.base.id,
    );
    return;
  }
  const link = found(links, (one) => one.base.name === linkName);
  if (change.subject === "tunnel") {
    const key = [...change.between].sort().join(" ");
    if (link.parted.has(key) !== (change.action === "added")) throw new Error(`${key}: ${change.action} already`);
    if (change.action === "added") link.parted.delete(key);
    else link.parted.add(key);
    return;
  }
  if (change.subject === "location") {
    applyTo(
      link.locations,
      change,
      () => newLocation(link, locationName, change.id),
      (one) => one.base.id,
    );
    if (change.action === "removed") part(link, locationName);
    return;
  }
  const location = found(link.locations, (one) => one.base.name === locationName);
  if (change.subject === "network") {
    if (location.networks.has(change.network) !== (change.action === "removed")) throw new Error(change.network);
    if (change.action === "removed") location.networks.delete(change.network);
    else location.networks.add(change.network);
    return;
  }
  applyTo(
    location.hosts,
    change,
    () => newHost(link, hostName, change.id),
    (one) => one.id,
  );
}

/** Forgets which tunnels a location did not have. */
function part(link: LinkDraft, name: string): void {
  for (const key of link.parted) if (key.split(" ").includes(name)) link.parted.delete(key);
}

function applyTo<T extends { settings: Settings }>(
  list: T[],
  change: Extract<Change, { readonly id: string }>,
  create: () => T,
  idOf: (one: T) => string,
): void {
  const at = list.findIndex((one) => idOf(one) === change.id);
  if (at < 0 !== (change.action === "added")) throw new Error(`${change.path}: cannot be ${change.action}`);
  if (change.action === "removed") {
    list.splice(at, 1);
    return;
  }
  const item = change.action === "added" ? create() : list[at];
  if (item === undefined) throw new Error(change.path);
  for (const { field, from, to } of change.fields) {
    if ((item.settings.get(field) ?? null) !== from) throw new Error(`${change.path}: ${field} is not ${from}`);
    item.settings.set(field, to);
  }
  if (change.action === "added") list.push(item);
}

function found<T>(list: readonly T[], test: (one: T) => boolean): T {
  const item = list.find(test);
  if (item === undefined) throw new Error("a change of what is not there");
  return item;
}

const byName = <T extends { readonly name: string }>(items: T[]): T[] =>
  items.sort((a, b) => (a.name < b.name ? -1 : 1));

/* What a configuration says, as settings: written apart from the product's own description. */

function draftOf(link: Link): LinkDraft {
  const name = new Map(link.locations.map((one) => [one.id, one.name]));
  const names = (ids: readonly string[]) => ids.map((id) => name.get(id) ?? "").sort();
  const settings: Settings = new Map<string, FieldChange["to"]>([
    ["protocol", link.protocol],
    ["wgPort", link.protocol === "wg" ? link.wgPort : null],
    ["ipv6", link.ipv6],
    ["ciphers.ike", link.ciphers?.ike ?? null],
    ["ciphers.esp", link.ciphers?.esp ?? null],
    ["ciphers.force", link.ciphers?.force ?? null],
    ["action", link.action],
    ["hostCheck", link.hostCheck],
    ["online", link.online],
    ["tunnelTimeout", spanText(link.tunnelTimeoutMs)],
    ["keyGeneration", link.keyGeneration],
  ]);
  const parted = new Set(
    link.locations.flatMap((one) => names(one.excludes).map((other) => [one.name, other].sort().join(" "))),
  );
  const locations = link.locations.map((one): LocationDraft => {
    const { cloud } = one;
    const tables = cloud?.routeTables;
    const text =
      tables?.by === "id" ? tables.ids.join(", ") : tables?.by === "tag" ? `tag ${tables.key}=${tables.value}` : "all";
    const known: Settings = new Map<string, FieldChange["to"]>([
      ...cloudSettings(cloud, text),
      ["transits", one.transits.length === 0 ? null : names(one.transits).join(", ")],
      ["failback", one.failback],
      ["holdUp", spanText(one.holdUpMs)],
      ["removeRoutes", one.removeRoutes],
    ]);
    return { base: one, settings: known, networks: new Set(one.networks), hosts: one.hosts.map(hostDraftOf) };
  });
  return { base: link, settings, parted, locations };
}

const cloudFields = [
  "provider",
  "region",
  "vpc",
  "subscription",
  "resourceGroup",
  "virtualNetwork",
  "project",
  "compartment",
  "vcn",
  "network",
  "priority",
  "floatingIp",
  "token",
] as const;
const innerFields = {
  prefixList: ["maxEntries"],
  assumeRole: ["roleArn", "externalId"],
  identity: ["tenant", "client", "audience", "serviceAccount", "secret"],
} as const;

/** Every field of a cloud by its name in a network file, null where this cloud has none. */
function cloudSettings(cloud: Cloud | undefined, tables: string): [string, FieldChange["to"]][] {
  const whole = z.record(z.string(), z.unknown()).parse(cloud ?? {});
  const text = (value: unknown) => (typeof value === "string" || typeof value === "number" ? value : null);
  const hasTables = cloud !== undefined && cloud.provider !== "gcp" && cloud.provider !== "hetzner";
  const inner = Object.entries(innerFields).flatMap(([part, fields]) => {
    const section = z.record(z.string(), z.unknown()).parse(whole[part] ?? {});
    return fields.map((field): [string, FieldChange["to"]] => [`cloud.${part}.${field}`, text(section[field])]);
  });
  return [
    ...cloudFields.map((field): [string, FieldChange["to"]] => [`cloud.${field}`, text(whole[field])]),
    ["cloud.routeTables", hasTables ? tables : null],
    ...inner,
  ];
}

function hostDraftOf({
  static: isStatic,
  priority,
  timeoutMs,
  backoffMs,
  target,
  publicAddress,
  secretGeneration,
  ...base
}: Host): HostDraft {
  const settings: Settings = new Map<string, FieldChange["to"]>([
    ["static", isStatic],
    ["publicAddress", publicAddress ?? null],
    ["priority", isStatic ? null : priority],
    ["timeout", isStatic ? null : spanText(timeoutMs)],
    ["backoff", isStatic ? null : spanText(backoffMs)],
    ["target", target ?? null],
    ["secretGeneration", secretGeneration],
  ]);
  return { ...base, settings };
}

function spanText(ms: number): string {
  if (ms % 1_000 !== 0) return `${ms}ms`;
  return ms >= 120_000 && ms % 60_000 === 0 ? `${ms / 60_000}m` : `${ms / 1_000}s`;
}

/* What is added, before its settings; ordinals in the order of the changes. */

const newLink = (name: string, id: string): LinkDraft => {
  const counters = { nextLocationOrdinal: 0, nextHostOrdinal: 0 };
  const base = { ...blankLink, id, name, ...counters };
  return { base, settings: new Map(), parted: new Set(), locations: [] };
};
const newLocation = (link: LinkDraft, name: string, id: string): LocationDraft => {
  const ordinal = link.base.nextLocationOrdinal;
  link.base = { ...link.base, nextLocationOrdinal: ordinal + 1 };
  return { base: { ...blankLocation, id, name, ordinal }, settings: new Map(), networks: new Set(), hosts: [] };
};
const newHost = (link: LinkDraft, name: string, id: string): HostDraft => {
  const ordinal = link.base.nextHostOrdinal;
  link.base = { ...link.base, nextHostOrdinal: ordinal + 1 };
  return { id, name, ordinal, previousSecretUntilMs: 0, settings: new Map() };
};

const blankLocation: Location = {
  id: "",
  name: "",
  ordinal: 0,
  generation: 1,
  networks: [],
  excludes: [],
  transits: [],
  failback: "auto",
  holdUpMs: 0,
  removeRoutes: false,
  hosts: [],
};
const blankLink: Link = {
  id: "",
  name: "",
  protocol: "ipsec",
  wgPort: 0,
  ipv6: false,
  action: "restart",
  hostCheck: false,
  online: false,
  tunnelTimeoutMs: 1,
  keyGeneration: 1,
  nextLocationOrdinal: 0,
  nextHostOrdinal: 0,
  locations: [],
};

/* Settings read back. */

const text = (settings: Settings, field: string): string => String(settings.get(field) ?? `no ${field}`);
const optional = (settings: Settings, field: string): string | undefined => {
  const value = settings.get(field);
  return value == null ? undefined : String(value);
};
const flag = (settings: Settings, field: string): boolean => settings.get(field) === true;
const span = (settings: Settings, field: string): number => durationMs(text(settings, field));

function linkOf({ base, settings, parted, locations }: LinkDraft): Link {
  const ids = new Map(locations.map((one) => [one.base.name, one.base.id]));
  const idsOf = (names: readonly string[]) => names.map((name) => ids.get(name) ?? `no ${name}`).sort();
  const pairs = new Set(parted);
  for (const one of locations) {
    for (const other of optional(one.settings, "excludes")?.split(", ") ?? []) {
      pairs.add([one.base.name, other].sort().join(" "));
    }
  }
  const { ciphers: _before, ...rest } = base;
  const ike = optional(settings, "ciphers.ike");
  const ciphers =
    ike === undefined
      ? {}
      : { ciphers: { ike, esp: text(settings, "ciphers.esp"), force: flag(settings, "ciphers.force") } };
  return {
    ...rest,
    ...ciphers,
    protocol: settings.get("protocol") === "wg" ? "wg" : "ipsec",
    wgPort: Number(settings.get("wgPort") ?? 0),
    ipv6: flag(settings, "ipv6"),
    action: settings.get("action") === "hold" ? "hold" : "restart",
    hostCheck: flag(settings, "hostCheck"),
    online: flag(settings, "online"),
    tunnelTimeoutMs: span(settings, "tunnelTimeout"),
    keyGeneration: Number(settings.get("keyGeneration")),
    locations: byName(
      locations.map((one) => {
        const excluded = [...pairs].map((pair) => pair.split(" ")).filter((pair) => pair.includes(one.base.name));
        const excludes = excluded.flatMap((pair) => pair.filter((name) => name !== one.base.name));
        const transits = optional(one.settings, "transits")?.split(", ") ?? [];
        return locationOf(one, idsOf(excludes), idsOf(transits));
      }),
    ),
  };
}

function locationOf(
  { base, settings, networks, hosts }: LocationDraft,
  excludes: string[],
  transits: string[],
): Location {
  const { cloud: _before, ...rest } = base;
  const cloud = cloudOf(settings);
  return {
    ...rest,
    networks: [...networks].sort(),
    excludes,
    transits,
    failback: settings.get("failback") === "manual" ? "manual" : "auto",
    holdUpMs: span(settings, "holdUp"),
    removeRoutes: flag(settings, "removeRoutes"),
    ...(cloud === undefined ? {} : { cloud }),
    hosts: byName(hosts.map(hostOf)),
  };
}

function cloudOf(settings: Settings): Cloud | undefined {
  const provider = optional(settings, "cloud.provider");
  if (provider !== "aws") return undefined;
  const roleArn = optional(settings, "cloud.assumeRole.roleArn");
  const role = roleArn && { assumeRole: { roleArn, externalId: text(settings, "cloud.assumeRole.externalId") } };
  const [region, vpc] = [text(settings, "cloud.region"), text(settings, "cloud.vpc")];
  return { provider, region, vpc, routeTables: tablesOf(text(settings, "cloud.routeTables")), ...(role || {}) };
}

function tablesOf(tables: string): Cloud["routeTables"] {
  if (tables === "all") return { by: "network" };
  const [, key, value] = /^tag ([^=]+)=(.*)$/.exec(tables) ?? [];
  return key === undefined || value === undefined ? { by: "id", ids: tables.split(", ") } : { by: "tag", key, value };
}

/** A static host takes no part in elections: a file cannot give those settings, so they are the usual ones. */
function hostOf({ settings, ...base }: HostDraft): Host {
  const target = optional(settings, "target");
  const publicAddress = optional(settings, "publicAddress");
  return {
    ...base,
    static: flag(settings, "static"),
    priority: Number(settings.get("priority") ?? defaults.host.priority),
    timeoutMs: durationMs(optional(settings, "timeout") ?? defaults.host.timeout),
    backoffMs: durationMs(optional(settings, "backoff") ?? defaults.host.backoff),
    ...(target === undefined ? {} : { target }),
    ...(publicAddress === undefined ? {} : { publicAddress }),
    secretGeneration: Number(settings.get("secretGeneration")),
  };
}
