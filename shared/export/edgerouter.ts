import type { DeviceDescription, Peer, PeerHost } from "./description.ts";
import { type DeviceAbilities, deviceCiphers } from "./device-ciphers.ts";
import { ExportError } from "./export-error.ts";
import { commented, headOf, keyOf, pathOf } from "./keys.ts";
import { deviceNames } from "./names.ts";
import { connectedPeers, pairsOf } from "./pairs.ts";

const abilities: DeviceAbilities = {
  device: "EdgeOS",
  encryption(encryption) {
    if (encryption.kind === "cbc" && encryption.bits !== 192) return `aes${encryption.bits}`;
    const isPlainGcm = encryption.kind === "gcm" && encryption.bits !== 192 && encryption.icvBits === 128;
    return isPlainGcm ? `aes${encryption.bits}gcm128` : undefined;
  },
  groups: new Set([2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26]),
  hasPrf: false,
};

/**
 * `set` commands of EdgeOS 2: a peer for each host, with one tunnel for each pair of networks, since a tunnel takes one
 * prefix a side. Source: https://help.ui.com/hc/en-us/articles/115011377588. Throws `ExportError`.
 */
export function edgerouter(device: DeviceDescription): string {
  if (device.ipv6) {
    throw new ExportError(
      "family-unsupported",
      `the tunnels of ${device.link} run between IPv6 addresses, which this export cannot write for EdgeOS`,
      "set ipv6: false on the link, or take --format ipsec.conf and include it: docs/devices.md says how",
    );
  }
  const group = deviceNames(device.link)();
  const peers = connectedPeers(device);
  return [
    ...commented(headOf(device, "edgerouter")),
    ...commented(cautions(device, peers)),
    "#",
    "# In configuration mode.",
    "set vpn ipsec auto-firewall-nat-exclude enable",
    ...groups(device, group),
    ...peers.flatMap((peer) => peer.hosts.flatMap((host) => site(device, peer, host, group))),
    "",
  ].join("\n");
}

/** An agent asks for all pairs at once, and a tunnel of EdgeOS takes one of them: the others wait for the device. */
function cautions(device: DeviceDescription, peers: readonly Peer[]): readonly string[] {
  const concerned = peers.filter((peer) => peer.hosts.length > 1 && pairsOf(peer).length > 1);
  if (concerned.length === 0) return [];
  return [
    "",
    `CAUTION: ${concerned.map((peer) => peer.location).join(", ")}: several hosts and several pairs of networks. After a failover the new host`,
    "brings back one pair by itself; the others come back with `restart vpn` on the device. What brings all of them back",
    `by itself is the other format, included: pointsman export ${pathOf(device)} --format ipsec.conf, see docs/devices.md.`,
  ];
}

function groups(device: DeviceDescription, name: string): readonly string[] {
  const { ike, esp } = deviceCiphers(device, abilities);
  const ikeGroup = `set vpn ipsec ike-group ${name}`;
  const espGroup = `set vpn ipsec esp-group ${name}`;
  return [
    `${ikeGroup} dead-peer-detection action restart`,
    `${ikeGroup} dead-peer-detection interval 10`,
    `${ikeGroup} dead-peer-detection timeout 30`,
    `${ikeGroup} ikev2-reauth no`,
    `${ikeGroup} key-exchange ikev2`,
    `${ikeGroup} lifetime 28800`,
    `${ikeGroup} proposal 1 dh-group ${ike.group}`,
    `${ikeGroup} proposal 1 encryption ${ike.encryption}`,
    `${ikeGroup} proposal 1 hash ${ike.hash}`,
    `${espGroup} compression disable`,
    `${espGroup} lifetime 3600`,
    `${espGroup} mode tunnel`,
    `${espGroup} pfs ${esp.group === undefined ? "disable" : `dh-group${esp.group}`}`,
    `${espGroup} proposal 1 encryption ${esp.encryption}`,
    `${espGroup} proposal 1 hash ${esp.hash}`,
  ];
}

function site(device: DeviceDescription, peer: Peer, host: PeerHost, group: string): readonly string[] {
  const start = `set vpn ipsec site-to-site peer ${host.address}`;
  const tunnels = pairsOf(peer).flatMap(({ local, remote }, at) => [
    `${start} tunnel ${at + 1} allow-nat-networks disable`,
    `${start} tunnel ${at + 1} allow-public-networks disable`,
    `${start} tunnel ${at + 1} esp-group ${group}`,
    `${start} tunnel ${at + 1} local prefix ${local}`,
    `${start} tunnel ${at + 1} remote prefix ${remote}`,
  ]);
  return [
    "",
    `# ${peer.location}: ${host.name}`,
    `${start} authentication id ${device.address}`,
    `${start} authentication mode pre-shared-secret`,
    `${start} authentication pre-shared-secret '${keyOf(peer)}'`,
    `${start} authentication remote-id ${host.address}`,
    `${start} connection-type initiate`,
    `${start} description '${peer.location} ${host.name}'`,
    `${start} ike-group ${group}`,
    `${start} ikev2-reauth inherit`,
    `${start} local-address any`,
    ...tunnels,
  ];
}
