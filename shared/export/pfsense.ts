import { familyOf } from "../domain/cidr.ts";
import type { DeviceDescription, Peer, PeerHost } from "./description.ts";
import { type DeviceAbilities, type DeviceCiphers, deviceCiphers } from "./device-ciphers.ts";
import { headOf, keyOf } from "./keys.ts";
import { connectedPeers, pairsOf } from "./pairs.ts";

/** `name/keylen` as config.xml has them; for GCM the length is that of the tag. */
const abilities: DeviceAbilities = {
  device: "pfSense",
  encryption(encryption) {
    if (encryption.kind === "cbc") return `aes/${encryption.bits}`;
    return encryption.kind === "gcm" ? `aes${encryption.bits}gcm/${encryption.icvBits}` : undefined;
  },
  groups: new Set([1, 2, 5, ...Array.from({ length: 19 }, (_, at) => 14 + at)]),
  hasPrf: false,
};

/**
 * The `ipsec` section of pfSense's config.xml (CE 2.5.2, Plus 21.05 and newer): a phase 1 for each host, a phase 2 for
 * each pair of networks, which pfSense joins into one child with IKEv2. Sources:
 * https://docs.netgate.com/pfsense/en/latest/vpn/ipsec/configure.html and
 * https://github.com/pfsense/pfsense/blob/master/src/etc/inc/ipsec.inc. Throws `ExportError`.
 */
export function pfsense(device: DeviceDescription): string {
  const ciphers = deviceCiphers(device, abilities);
  const sites = connectedPeers(device).flatMap((peer) => peer.hosts.map((host) => ({ peer, host })));
  let phase2Count = 0;
  const phases = sites.map(({ peer, host }, at) => ({
    first: phase1(device, peer, host, at + 1, ciphers),
    second: pairsOf(peer).flatMap((pair) => {
      phase2Count++;
      return phase2(peer, host, pair, { ikeId: at + 1, number: phase2Count }, ciphers);
    }),
  }));
  const head = [
    ...headOf(device, "pfsense"),
    "",
    "Restoring this as area IPsec replaces what the firewall has there: see docs/devices.md.",
  ];
  return [
    '<?xml version="1.0"?>',
    "<!--",
    ...head.map((line) => `  ${commentText(line)}`.trimEnd()),
    "-->",
    "<ipsec>",
    ...phases.flatMap(({ first }) => first),
    ...phases.flatMap(({ second }) => second),
    "</ipsec>",
    "",
  ].join("\n");
}

function phase1(
  device: DeviceDescription,
  peer: Peer,
  host: PeerHost,
  ikeId: number,
  { ike }: DeviceCiphers,
): readonly string[] {
  const [name = "", keyLength = ""] = ike.encryption.split("/");
  return [
    "  <phase1>",
    `    <ikeid>${ikeId}</ikeid>`,
    "    <iketype>ikev2</iketype>",
    "    <interface>wan</interface>",
    `    <remote-gateway>${host.address}</remote-gateway>`,
    `    <protocol>${device.ipv6 ? "inet6" : "inet"}</protocol>`,
    "    <myid_type>address</myid_type>",
    `    <myid_data>${device.address}</myid_data>`,
    "    <peerid_type>address</peerid_type>",
    `    <peerid_data>${host.address}</peerid_data>`,
    "    <encryption>",
    "      <item>",
    "        <encryption-algorithm>",
    `          <name>${name}</name>`,
    `          <keylen>${keyLength}</keylen>`,
    "        </encryption-algorithm>",
    `        <hash-algorithm>${ike.hash}</hash-algorithm>`,
    `        <dhgroup>${ike.group}</dhgroup>`,
    "      </item>",
    "    </encryption>",
    "    <lifetime>28800</lifetime>",
    `    <pre-shared-key>${escaped(keyOf(peer))}</pre-shared-key>`,
    "    <authentication_method>pre_shared_key</authentication_method>",
    `    <descr>${escaped(`${peer.location} ${host.name}`)}</descr>`,
    "    <nat_traversal>on</nat_traversal>",
    "    <mobike>off</mobike>",
    "    <startaction>start</startaction>",
    "    <closeaction>none</closeaction>",
    "    <dpd_delay>10</dpd_delay>",
    "    <dpd_maxfail>3</dpd_maxfail>",
    "  </phase1>",
  ];
}

function phase2(
  peer: Peer,
  host: PeerHost,
  { local, remote }: { readonly local: string; readonly remote: string },
  { ikeId, number }: { readonly ikeId: number; readonly number: number },
  { esp }: DeviceCiphers,
): readonly string[] {
  const [name = "", keyLength = ""] = esp.encryption.split("/");
  return [
    "  <phase2>",
    `    <ikeid>${ikeId}</ikeid>`,
    `    <uniqid>pointsman${number}</uniqid>`,
    `    <mode>${familyOf(local) === 6 ? "tunnel6" : "tunnel"}</mode>`,
    `    <reqid>${number}</reqid>`,
    ...network("localid", local),
    ...network("remoteid", remote),
    "    <protocol>esp</protocol>",
    "    <encryption-algorithm-option>",
    `      <name>${name}</name>`,
    `      <keylen>${keyLength}</keylen>`,
    "    </encryption-algorithm-option>",
    `    <hash-algorithm-option>hmac_${esp.hash}</hash-algorithm-option>`,
    `    <pfsgroup>${esp.group ?? 0}</pfsgroup>`,
    "    <lifetime>3600</lifetime>",
    `    <descr>${escaped(`${peer.location} ${host.name}: ${local} to ${remote}`)}</descr>`,
    "  </phase2>",
  ];
}

function network(tag: string, cidr: string): readonly string[] {
  const [address = "", bits = ""] = cidr.split("/");
  return [
    `    <${tag}>`,
    "      <type>network</type>",
    `      <address>${address}</address>`,
    `      <netbits>${bits}</netbits>`,
    `    </${tag}>`,
  ];
}

/** A comment of XML must not hold two dashes in a row. */
function commentText(line: string): string {
  return line
    .replace(" --format ", ", format ")
    .replaceAll("--secrets", "option secrets")
    .replace(/-(?=-)/g, "- ");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
