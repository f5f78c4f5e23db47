import { familyOf } from "../domain/cidr.ts";
import { type Cloud, familiesOf, isSameNetwork, keepsLists } from "../domain/clouds/cloud.ts";
import type { Id } from "../domain/ids.ts";
import type { Link, Location, Network } from "../domain/network.ts";
import { arePeers, peersOf, reachedNetworks } from "../domain/topology.ts";
import { describeLink } from "./described.ts";
import type { Rename } from "./renames.ts";

/** What an operator should read before applying. `path` as the commands take it. */
export type Warning = {
  readonly kind:
    | "rename"
    | "no-host-left"
    | "single-host"
    | "no-peer"
    | "idle-transit"
    | "unrouted"
    | "tunnels-rebuilt"
    | "link-offline"
    | "checks-off"
    | "moved";
  readonly path: string;
  readonly message: string;
};

/** Warnings that the change gives rise to: what was so before is not told again. */
export function warnings(current: Network, next: Network, found: readonly Rename[]): Warning[] {
  const links = new Map(current.links.map((link) => [link.id, link]));
  return [
    ...found.map(renameWarning),
    ...next.links.flatMap((link) => {
      const before = links.get(link.id);
      const locations = new Map(before?.locations.map((location) => [location.id, location]));
      return [
        ...(before ? linkWarnings(before, link) : []),
        ...link.locations.flatMap((location) => locationWarnings(before, locations.get(location.id), link, location)),
      ];
    }),
  ];
}

function renameWarning({ subject, from, to }: Rename): Warning {
  const message =
    `${from} is removed and ${to} is added, which looks like a rename: a new name is a new ${subject}, ` +
    "with new host URIs, and its hosts stay unheard until they are given them";
  return { kind: "rename", path: to, message };
}

const rebuilding = [
  "protocol",
  "wgPort",
  "ipv6",
  "ciphers.ike",
  "ciphers.esp",
  "ciphers.force",
  "action",
  "hostCheck",
] as const;

function linkWarnings(before: Link, after: Link): Warning[] {
  const [from, to] = [describeLink(before), describeLink(after)];
  const changed = rebuilding.filter((field) => from[field] !== to[field]);
  const found: Warning[] = [];
  const warn = (kind: Warning["kind"], message: string) => found.push({ kind, path: after.name, message });
  if (changed.length > 0) {
    warn(
      "tunnels-rebuilt",
      `the agents of ${after.name} deploy their tunnels anew, since their answer changes: ${changed.join(", ")}`,
    );
  }
  if (before.online && !after.online) warn("link-offline", `every tunnel of ${after.name} goes down`);
  if (before.hostCheck && !after.hostCheck) {
    warn("checks-off", `hosts of ${after.name} are no longer judged by whether others reach them`);
  }
  return found;
}

function locationWarnings(
  linkBefore: Link | undefined,
  before: Location | undefined,
  link: Link,
  location: Location,
): Warning[] {
  const path = `${link.name}/${location.name}`;
  const found: Warning[] = [];
  const warn = (kind: Warning["kind"], message: string) => found.push({ kind, path, message });
  if (before && isLeftWithoutHost(before, location)) {
    warn("no-host-left", `none of the hosts of ${path} stays: its traffic stops until a new one is given its URI`);
  }
  if (beatingHosts(location).length === 1 && (before === undefined || beatingHosts(before).length !== 1)) {
    warn("single-host", `${path} has one host: there is nobody to fail over to`);
  }
  const hadPeers = linkBefore === undefined || before === undefined || peersOf(linkBefore, before).length > 0;
  if (hadPeers && peersOf(link, location).length === 0) warn("no-peer", `${path} has no tunnel with any location`);
  if (before?.cloud && before.generation !== location.generation) warn("moved", moveText(path, before.cloud, location));
  const unroutedBefore = new Set(linkBefore && before ? unrouted(linkBefore, before) : []);
  const fresh = unrouted(link, location).filter((network) => !unroutedBefore.has(network));
  if (fresh.length > 0) warn("unrouted", unroutedText(path, location, fresh));
  const [full] = crowded(link, location);
  const wasFull = linkBefore !== undefined && before !== undefined && crowded(linkBefore, before).length > 0;
  if (full !== undefined && !wasFull) warn("unrouted", `${path} reaches ${full}`);
  const idleBefore = new Set(linkBefore && before ? idleTransits(linkBefore, before) : []);
  for (const id of idleTransits(link, location)) {
    const name = link.locations.find((other) => other.id === id)?.name ?? id;
    if (!idleBefore.has(id))
      warn("idle-transit", `${path} passes ${name} on to nobody: all its peers reach it themselves`);
  }
  return found;
}

/** Networks that a location reaches and its cloud has no way to route to a host. */
function unrouted(link: Link, location: Location): readonly string[] {
  if (location.cloud === undefined) return [];
  const families = familiesOf(location.cloud);
  return reachedNetworks(link, location).filter((network) => !families.has(familyOf(network)));
}

function unroutedText(path: string, { cloud }: Location, networks: readonly string[]): string {
  const [first = ""] = networks;
  const which = networks.length === 1 ? first : `${first} and ${networks.length - 1} more`;
  return `${path} gets no route to ${which}: Pointsman routes IPv4 alone in ${cloud?.provider ?? ""}`;
}

/** For each address family whose networks do not fit into the location's prefix list, how many they are. */
function crowded(link: Link, location: Location): readonly string[] {
  const { cloud } = location;
  if (cloud?.provider !== "aws" || cloud.prefixList === undefined) return [];
  const { maxEntries } = cloud.prefixList;
  const families = reachedNetworks(link, location).map(familyOf);
  return ([4, 6] as const).flatMap((family) => {
    const count = families.filter((one) => one === family).length;
    const room = `IPv${family} networks, and its prefix list has room for ${maxEntries}: the others get no route there`;
    return count > maxEntries ? [`${count} ${room}. Raise prefixList.maxEntries`] : [];
  });
}

function moveText(path: string, before: Cloud, after: Location): string {
  if (after.cloud === undefined) {
    return `the routes of ${path} are no longer kept: those that exist stay as they are, and status lists them`;
  }
  if (isHiddenBy(before, after.cloud) && !after.removeRoutes) {
    return (
      `the routes of ${path} go into a prefix list, and the old ones stay, which EC2 prefers to the list: ` +
      "networks that have one do not fail over. Set removeRoutes with prefixList, or delete the old ones yourself"
    );
  }
  const fate = after.removeRoutes ? "are removed once the new ones are verified" : "stay, and status lists them";
  return `the routes of ${path} go to other tables or another network: the old ones ${fate}`;
}

/** Whether old routes that stay hide the new ones, by AWS's order of precedence: a static route goes before a prefix list. */
function isHiddenBy(before: Cloud, after: Cloud): boolean {
  return isSameNetwork(before, after) && keepsLists(after) && !keepsLists(before);
}

function beatingHosts({ hosts }: Location): readonly Id[] {
  return hosts.filter((host) => !host.static).map(({ id }) => id);
}

function isLeftWithoutHost(before: Location, after: Location): boolean {
  const [old, now] = [beatingHosts(before), beatingHosts(after)];
  return old.length > 0 && now.length > 0 && !now.some((id) => old.includes(id));
}

/** Ids of locations that one transits although each of its peers has a tunnel of its own with them. */
function idleTransits(link: Link, location: Location): readonly Id[] {
  const peers = peersOf(link, location);
  return location.transits.filter((id) => {
    const passed = peers.find((peer) => peer.id === id);
    return passed === undefined || peers.every((peer) => peer.id === id || arePeers(peer, passed));
  });
}
