import { createHash } from "node:crypto";
import type { Id } from "../domain/ids.ts";
import { isIpv4, isIpv6 } from "../domain/ip-address.ts";
import type { Host, HostPlace, Link, Location } from "../domain/network.ts";
import { offeredNetworks, peersOf } from "../domain/topology.ts";
import { pairKey } from "./keys.ts";

/** What a link's hosts last reported of themselves, as far as other hosts are told. */
export type HostContact = {
  readonly publicAddress: string;
  readonly address6: string;
  readonly wgPublicKey: string;
};

/** What an answer is built from beside the configuration. */
export type LinkView = {
  /** The active host of every location that has one. */
  readonly active: ReadonlyMap<Id, Id>;
  readonly contacts: ReadonlyMap<Id, HostContact>;
};

/**
 * The plaintext of an answer to a heartbeat of `place.host`. The text is the same for the same input: keys and arrays
 * have one order, and `hash` changes if and only if something else does.
 */
export function buildAnswer(place: HostPlace, view: LinkView, isActive: boolean, masterKey: Uint8Array): string {
  const { link, location, host } = place;
  const body = {
    id: host.id,
    protocol: link.protocol,
    wg_port: link.protocol === "wg" ? link.wgPort : 0,
    ipv6: link.ipv6,
    action: link.action,
    type: null,
    links: isActive && link.online ? tunnels(link, location, view, masterKey) : [],
    hosts: link.hostCheck && link.online ? hostsToCheck(link, location, view) : {},
    preferred_ike: link.ciphers?.ike ?? null,
    preferred_esp: link.ciphers?.esp ?? null,
    force_preferred: link.ciphers?.force ?? false,
  };
  return JSON.stringify({ ...body, hash: hashOf(body) });
}

function tunnels(link: Link, location: Location, view: LinkView, masterKey: Uint8Array) {
  return peersOf(link, location).flatMap((peer) => {
    const far = activeHost(peer, view);
    if (far === undefined) return [];
    const right = addressOf(link, far, view);
    if (right === "") return [];
    const tunnel = {
      id: peer.id,
      static: far.static,
      pre_shared_key: pairKey(masterKey, link.id, location.id, peer.id, link.keyGeneration),
      right,
      wg_public_key: wgKeyOf(far, view),
      left_subnets: offeredNetworks(link, location, peer),
      right_subnets: offeredNetworks(link, peer, location),
    };
    return [{ ...tunnel, hash: hashOf(tunnel) }];
  });
}

function activeHost(location: Location, view: LinkView): Host | undefined {
  const fixed = location.hosts.find((host) => host.static);
  if (fixed !== undefined) return fixed;
  const activeId = view.active.get(location.id);
  return location.hosts.find((host) => host.id === activeId);
}

function hostsToCheck(link: Link, location: Location, view: LinkView): Record<Id, string> {
  const checked: [Id, string][] = [];
  for (const peer of peersOf(link, location)) {
    for (const host of peer.hosts) {
      const address = host.static ? "" : addressOf(link, host, view);
      if (address !== "") checked.push([host.id, address]);
    }
  }
  return Object.fromEntries(checked.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The address of the family that the link's tunnels run over; a pinned one goes before a reported one. */
export function addressOf(link: Link, host: Host, view: LinkView): string {
  const isRight = link.ipv6 ? isIpv6 : isIpv4;
  if (host.publicAddress !== undefined && isRight(host.publicAddress)) return host.publicAddress;
  const contact = view.contacts.get(host.id);
  const reported = link.ipv6 ? contact?.address6 : contact?.publicAddress;
  return reported !== undefined && isRight(reported) ? reported : "";
}

/** A reported key goes into another host's configuration: nothing but base64 gets there. */
function wgKeyOf(host: Host, view: LinkView): string {
  const key = view.contacts.get(host.id)?.wgPublicKey ?? "";
  return /^[A-Za-z0-9+/]*={0,2}$/.test(key) ? key : "";
}

/** Hexadecimal, since an agent splits names that hold a hash on `-` and `_`. */
function hashOf(value: object): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);
}
