import type { DeviceDescription, Peer, PeerHost } from "./description.ts";
import { commented, headOf, keyOf } from "./keys.ts";
import { deviceNames } from "./names.ts";
import { connectedPeers, selectorsOf } from "./pairs.ts";

/**
 * A file for strongSwan's starter (`ipsec.conf`), to be included: a connection for each host, with all pairs of networks.
 * The format has no place for keys: their lines of `ipsec.secrets` stand in it as comments that begin with `#> `.
 * Sources: https://wiki.strongswan.org/projects/strongswan/wiki/ConnSection and IpsecSecrets. Throws `ExportError`.
 */
export function ipsecConf(device: DeviceDescription): string {
  const nameOf = deviceNames(device.link);
  const peers = connectedPeers(device);
  return [
    ...commented(headOf(device, "ipsec.conf")),
    "#",
    "# The lines that begin with #> belong into ipsec.secrets:",
    "#   sed -n 's/^#> //p' THIS_FILE > /etc/ipsec.d/pointsman.secrets && chmod 600 /etc/ipsec.d/pointsman.secrets",
    ...peers.flatMap((peer) => [`#> # ${peer.secret}`, ...peer.hosts.map((host) => secret(device, peer, host))]),
    ...peers.flatMap((peer) => peer.hosts.flatMap((host) => connection(device, peer, host, nameOf))),
    "",
  ].join("\n");
}

function secret(device: DeviceDescription, peer: Peer, host: PeerHost): string {
  return `#> ${device.address} ${host.address} : PSK "${keyOf(peer)}"`;
}

function connection(
  device: DeviceDescription,
  peer: Peer,
  host: PeerHost,
  nameOf: ReturnType<typeof deviceNames>,
): readonly string[] {
  const { local, remote } = selectorsOf(peer);
  const { ciphers } = device;
  const strict = ciphers?.force === true ? "!" : "";
  return [
    "",
    `# ${peer.location}: ${host.name}`,
    `conn ${nameOf(peer.location, host.name)}`,
    "    keyexchange=ikev2",
    "    authby=secret",
    ...(ciphers === null ? [] : [`    ike=${ciphers.ike}${strict}`, `    esp=${ciphers.esp}${strict}`]),
    "    reauth=no",
    "    mobike=no",
    "    keyingtries=%forever",
    "    dpddelay=10s",
    "    dpdaction=restart",
    "    closeaction=none",
    "    left=%any",
    `    leftid=${device.address}`,
    `    leftsubnet=${local.join(",")}`,
    `    right=${host.address}`,
    `    rightid=${host.address}`,
    `    rightsubnet=${remote.join(",")}`,
    "    auto=start",
  ];
}
