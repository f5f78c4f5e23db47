import type { DeviceDescription, Peer, PeerHost } from "./description.ts";
import { type DeviceAbilities, deviceCiphers } from "./device-ciphers.ts";
import { commented, headOf, keyOf } from "./keys.ts";
import { deviceNames } from "./names.ts";
import { connectedPeers, selectorsOf } from "./pairs.ts";
import type { Encryption } from "./proposal.ts";

const abilities: DeviceAbilities = {
  device: "VyOS",
  encryption: wordOf,
  groups: new Set([1, 2, 5, ...range(14, 32)]),
  hasPrf: true,
};

/**
 * `set` commands of VyOS 1.4 and 1.5: a peer for each host, each with one tunnel that holds all pairs of networks, as
 * agents have them. Sources: https://docs.vyos.io/en/latest/configuration/vpn/site2site_ipsec.html and
 * https://github.com/vyos/vyos-1x/blob/current/data/templates/ipsec/swanctl/peer.j2, by which several prefixes of a
 * tunnel become the selectors of one child. Throws `ExportError`.
 */
export function vyos(device: DeviceDescription): string {
  const nameOf = deviceNames(device.link);
  const group = nameOf();
  const peers = connectedPeers(device);
  return [
    ...commented(headOf(device, "vyos")),
    "#",
    "# In configuration mode. With source NAT towards the internet, exclude the networks of the tunnels from it.",
    ...groups(device, group),
    ...peers.flatMap((peer) => {
      const secret = nameOf(peer.location);
      return [
        "",
        `# ${peer.location}`,
        ...psk(device, peer, secret),
        ...peer.hosts.flatMap((host) => site(device, peer, host, group, nameOf(peer.location, host.name))),
      ];
    }),
    "",
  ].join("\n");
}

function groups(device: DeviceDescription, name: string): readonly string[] {
  const { ike, esp } = deviceCiphers(device, abilities);
  const ikeGroup = `set vpn ipsec ike-group ${name}`;
  const espGroup = `set vpn ipsec esp-group ${name}`;
  return [
    `${ikeGroup} dead-peer-detection action 'restart'`,
    `${ikeGroup} dead-peer-detection interval '10'`,
    `${ikeGroup} dead-peer-detection timeout '30'`,
    `${ikeGroup} disable-mobike`,
    `${ikeGroup} key-exchange 'ikev2'`,
    `${ikeGroup} lifetime '28800'`,
    `${ikeGroup} proposal 1 dh-group '${ike.group}'`,
    `${ikeGroup} proposal 1 encryption '${ike.encryption}'`,
    `${ikeGroup} proposal 1 hash '${ike.hash}'`,
    ...(ike.prf === undefined ? [] : [`${ikeGroup} proposal 1 prf 'prf${ike.prf}'`]),
    `${espGroup} lifetime '3600'`,
    `${espGroup} mode 'tunnel'`,
    `${espGroup} pfs '${esp.group === undefined ? "disable" : `dh-group${esp.group}`}'`,
    `${espGroup} proposal 1 encryption '${esp.encryption}'`,
    `${espGroup} proposal 1 hash '${esp.hash}'`,
  ];
}

function psk(device: DeviceDescription, peer: Peer, name: string): readonly string[] {
  const start = `set vpn ipsec authentication psk ${name}`;
  return [
    ...[device.address, ...peer.hosts.map(({ address }) => address)].map((id) => `${start} id '${id}'`),
    `${start} secret '${keyOf(peer)}'`,
  ];
}

function site(device: DeviceDescription, peer: Peer, host: PeerHost, group: string, name: string): readonly string[] {
  const start = `set vpn ipsec site-to-site peer ${name}`;
  const { local, remote } = selectorsOf(peer);
  return [
    `${start} authentication local-id '${device.address}'`,
    `${start} authentication mode 'pre-shared-secret'`,
    `${start} authentication remote-id '${host.address}'`,
    `${start} connection-type 'initiate'`,
    `${start} default-esp-group '${group}'`,
    `${start} ike-group '${group}'`,
    `${start} local-address 'any'`,
    `${start} remote-address '${host.address}'`,
    ...local.map((network) => `${start} tunnel 1 local prefix '${network}'`),
    ...remote.map((network) => `${start} tunnel 1 remote prefix '${network}'`),
  ];
}

function wordOf(encryption: Encryption): string {
  switch (encryption.kind) {
    case "cbc":
      return `aes${encryption.bits}`;
    case "gcm":
      return `aes${encryption.bits}gcm${encryption.icvBits}`;
    case "chacha20poly1305":
      return "chacha20poly1305";
    default:
      return encryption satisfies never;
  }
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}
