import { familyOf } from "../domain/cidr.ts";
import { coverOf } from "./cover.ts";
import type { DeviceDescription, Peer, PeerHost } from "./description.ts";
import { type DeviceAbilities, deviceCiphers } from "./device-ciphers.ts";
import { ExportError } from "./export-error.ts";
import { commented, headOf, keyOf, pathOf } from "./keys.ts";
import { deviceNames } from "./names.ts";
import { connectedPeers, type Pair, pairsOf } from "./pairs.ts";

const abilities: DeviceAbilities = {
  device: "EdgeOS",
  encryption(encryption) {
    if (encryption.kind === "cbc" && encryption.bits !== 192) return `aes${encryption.bits}`;
    const isPlainGcm = encryption.kind === "gcm" && encryption.icvBits === 128;
    return isPlainGcm ? `aes${encryption.bits}gcm128` : undefined;
  },
  groups: new Set([2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26]),
  hasPrf: false,
};

/** A network that is wider than this takes in too much of the world to be said in the place of a few small ones. */
const widest = { 4: 8, 6: 32 } as const;

/**
 * `set` commands of EdgeOS 2: a peer for each host. A tunnel takes one prefix a side, and an agent asks for all pairs of
 * networks at once and gets what one tunnel has: so several pairs of a family are one tunnel whose prefixes cover them,
 * which both ends narrow to what the agent has.
 * Source: https://help.ui.com/hc/en-us/articles/115012831287-EdgeRouter-IPsec-Policy-Based-Site-to-Site-VPN
 * Throws `ExportError`.
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

/**
 * One tunnel for the pairs of a family. One for each pair where the cover of several would be too wide, and with another
 * device, which would not narrow it.
 */
function tunnelsOf(peer: Peer): readonly Pair[] {
  return ([4, 6] as const).flatMap((family) => {
    const pairs = pairsOf(peer).filter(({ local }) => familyOf(local) === family);
    if (pairs.length < 2 || peer.static) return pairs;
    const cover = {
      local: coverOf(pairs.map(({ local }) => local)),
      remote: coverOf(pairs.map(({ remote }) => remote)),
    };
    const bits = [cover.local, cover.remote].map((network) => Number(network.split("/")[1]));
    return Math.min(...bits) < widest[family] ? pairs : [cover];
  });
}

/** What a person has to know of peers with several pairs of networks. */
function cautions(device: DeviceDescription, peers: readonly Peer[]): readonly string[] {
  const covered = peers.filter((peer) => tunnelsOf(peer).length < pairsOf(peer).length);
  const split = peers.filter((peer) => !peer.static && tunnelsOf(peer).length > 1);
  const names = (some: readonly Peer[]) => some.map((peer) => peer.location).join(", ");
  return [
    ...(covered.length === 0
      ? []
      : [
          "",
          `${names(covered)}: the prefixes of a tunnel cover these pairs of networks, and the hosts narrow them to just these:`,
          ...covered.flatMap((peer) =>
            pairsOf(peer).map(({ local, remote }) => `  ${peer.location}: ${local} to ${remote}`),
          ),
        ]),
    ...(split.length === 0
      ? []
      : [
          "",
          `CAUTION: ${names(split)}: several tunnels, since a tunnel takes one family, and no prefix wider than /${widest[4]} or /${widest[6]}.`,
          "A host that becomes active brings back one of them by itself; the others come back with `restart vpn` on the device.",
          `What brings all back is the other format, included: pointsman export ${pathOf(device)} --format ipsec.conf,`,
          "see docs/devices.md.",
        ]),
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
  const tunnels = tunnelsOf(peer).flatMap(({ local, remote }, at) => [
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
