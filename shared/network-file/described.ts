import type { Id } from "../domain/ids.ts";
import type { Host, Link, Location } from "../domain/network.ts";
import { describeCloud } from "./clouds/described.ts";
import { durationText } from "./duration.ts";

/** A setting as a network file would say it; null where it would say nothing. */
export type Setting = string | number | boolean | null;
export type Settings = Readonly<Record<string, Setting>>;

/** The settings of a link itself, by the name of their field in a network file. */
export function describeLink(link: Link): Settings {
  return {
    protocol: link.protocol,
    wgPort: link.protocol === "wg" ? link.wgPort : null,
    ipv6: link.ipv6,
    "ciphers.ike": link.ciphers?.ike ?? null,
    "ciphers.esp": link.ciphers?.esp ?? null,
    "ciphers.force": link.ciphers?.force ?? null,
    action: link.action,
    hostCheck: link.hostCheck,
    online: link.online,
    tunnelTimeout: durationText(link.tunnelTimeoutMs),
    keyGeneration: link.keyGeneration,
  };
}

/** The settings of a location itself: its networks, tunnels and hosts are compared one by one. */
export function describeLocation(location: Location, link: Link): Settings {
  return {
    ...describeCloud(location.cloud),
    transits: namesText(location.transits, link),
    failback: location.failback,
    holdUp: durationText(location.holdUpMs),
    removeRoutes: location.removeRoutes,
  };
}

/** The settings of a location that is added, those that it has no tunnel with among them. */
export function describeNewLocation(location: Location, link: Link): Settings {
  return { ...describeLocation(location, link), excludes: namesText(location.excludes, link) };
}

function namesText(ids: readonly Id[], link: Link): string | null {
  const names = new Map(link.locations.map(({ id, name }) => [id, name]));
  return ids.length === 0
    ? null
    : ids
        .map((id) => names.get(id) ?? id)
        .sort()
        .join(", ");
}

/** The settings of a host. */
export function describeHost(host: Host): Settings {
  const elected = host.static
    ? { priority: null, timeout: null, backoff: null }
    : { priority: host.priority, timeout: durationText(host.timeoutMs), backoff: durationText(host.backoffMs) };
  return {
    static: host.static,
    publicAddress: host.publicAddress ?? null,
    ...elected,
    target: host.target ?? null,
    secretGeneration: host.secretGeneration,
  };
}
