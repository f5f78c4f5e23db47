import type { HostPlace, Location } from "../../shared/domain/network.ts";
import { offeredNetworks, peersOf } from "../../shared/domain/topology.ts";
import type { DeviceDescription, Peer, PeerHost } from "../../shared/export/description.ts";
import { addressOf, type HostContact, type LinkView } from "../../shared/protocol/answer.ts";
import { pairKey } from "../../shared/protocol/keys.ts";
import type { AdminDeps } from "./deps.ts";
import { type Answer, check } from "./http.ts";
import { readMasterKey } from "./master-key.ts";
import { findHost, hostName } from "./places.ts";
import { Refusal } from "./refusal.ts";
import type { Call } from "./router.ts";
import { DeviceQuery } from "./schemas.ts";
import { tellOperator } from "./situation.ts";

/**
 * GET device/{link}/{location}/{host}?secrets=true: what a static host is configured with. The pre-shared keys are left
 * out unless they are asked for; that they were is recorded before they are given.
 */
export async function device({ deps, query, by, param }: Call): Promise<Answer> {
  const { secrets } = check(DeviceQuery, Object.fromEntries(query));
  const { network } = (await deps.store.readNetwork()).value;
  const place = findHost(network, param("link"), param("location"), param("host"));
  const address = fixedAddress(place);
  const body = await describe(deps, place, address, secrets === "true");
  if (secrets === "true") {
    const ids = { linkId: place.link.id, locationId: place.location.id, hostId: place.host.id };
    await tellOperator(deps, { by, message: `exported the keys of ${hostName(place)}`, why: "", ...ids });
  }
  return { body };
}

/** The address of a static host in an ipsec link. Throws `Refusal`. */
function fixedAddress(place: HostPlace): string {
  const name = hostName(place);
  if (place.link.protocol === "wg") {
    throw new Refusal(409, "link-wireguard", `${place.link.name} is a WireGuard link: no device is configured in it`, {
      next: "static hosts need protocol: ipsec",
    });
  }
  if (!place.host.static) {
    throw new Refusal(409, "host-not-static", `${name} runs an agent, which configures its tunnels by itself`, {
      next: `for a fixed device say static: true in the network file; for an agent, \`pointsman host uri ${name}\``,
    });
  }
  if (place.host.publicAddress !== undefined) return place.host.publicAddress;
  throw new Refusal(409, "address-unknown", `${name} has no public address`, {
    next: "set its publicAddress in the network file",
  });
}

async function describe(
  deps: AdminDeps,
  place: HostPlace,
  address: string,
  withKeys: boolean,
): Promise<DeviceDescription> {
  const { link, location, host } = place;
  const peers = [...peersOf(link, location)].sort((a, b) => (a.name < b.name ? -1 : 1));
  const hosts = hostsByPeer(place, peers, await readContacts(deps, link.id));
  const masterKey = withKeys ? await readMasterKey(deps) : undefined;
  return {
    link: link.name,
    location: location.name,
    host: host.name,
    address,
    ipv6: link.ipv6,
    online: link.online,
    action: link.action,
    ciphers: link.ciphers ?? null,
    keyGeneration: link.keyGeneration,
    peers: peers.map(
      (peer): Peer => ({
        location: peer.name,
        static: peer.hosts.some((one) => one.static),
        secret: `${link.name}/${[location.name, peer.name].sort().join("+")}`,
        preSharedKey:
          masterKey === undefined ? null : pairKey(masterKey, link.id, location.id, peer.id, link.keyGeneration),
        localNetworks: [...offeredNetworks(link, location, peer)],
        remoteNetworks: [...offeredNetworks(link, peer, location)],
        hosts: [...(hosts.get(peer.id) ?? [])],
      }),
    ),
  };
}

async function readContacts(deps: AdminDeps, linkId: string): Promise<LinkView> {
  const records = (await deps.store.readLink(linkId, "strong")).value;
  const contacts = new Map<string, HostContact>();
  for (const { hosts } of records.locations.values()) {
    for (const [hostId, { value }] of hosts) contacts.set(hostId, value);
  }
  return { active: new Map(), contacts };
}

/** Every host of every peer with its address. Throws `Refusal` where one is not known, or two peers share one. */
function hostsByPeer(
  { link, location }: HostPlace,
  peers: readonly Location[],
  view: LinkView,
): ReadonlyMap<string, readonly PeerHost[]> {
  const unknown: string[] = [];
  const owners = new Map<string, string>();
  const found = new Map<string, readonly PeerHost[]>();
  for (const peer of peers) {
    const byAddress = new Map<string, string[]>();
    for (const host of [...peer.hosts].sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1))) {
      const address = addressOf(link, host, view);
      if (address === "") unknown.push(`${link.name}/${peer.name}/${host.name}`);
      else byAddress.set(address, [...(byAddress.get(address) ?? []), host.name]);
    }
    for (const address of byAddress.keys()) {
      const other = owners.get(address);
      if (other !== undefined) throw sharedAddress(`${link.name}/${location.name}`, address, other, peer.name);
      owners.set(address, peer.name);
    }
    found.set(
      peer.id,
      [...byAddress].map(([address, names]) => ({ name: names.join("+"), address })),
    );
  }
  if (unknown.length > 0) throw unknownAddresses(unknown, link.ipv6);
  return found;
}

function unknownAddresses(hosts: readonly string[], isIpv6: boolean): Refusal {
  const family = isIpv6 ? "IPv6" : "IPv4";
  return new Refusal(409, "address-unknown", `no public ${family} address is known of ${hosts.join(", ")}`, {
    next: "start their agents and wait for a heartbeat that reports one, or set publicAddress in the network file; a host that will never run is to be taken out of the file",
  });
}

function sharedAddress(where: string, address: string, a: string, b: string): Refusal {
  return new Refusal(
    409,
    "address-shared",
    `${a} and ${b} are both reached at ${address}: a device cannot tell them apart`,
    {
      next: `give their hosts addresses of their own, or part one of them from ${where} with excludes`,
    },
  );
}
