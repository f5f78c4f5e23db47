import type { DeviceDescription, Peer, PeerHost } from "./description.ts";
import { commented, headOf, keyOf } from "./keys.ts";
import { deviceNames } from "./names.ts";
import { connectedPeers, selectorsOf } from "./pairs.ts";

/**
 * A file for `conf.d` of strongSwan's swanctl: a connection for each host, with one child for all pairs of networks, as
 * agents have them; and the keys as its `secrets`. Source: https://docs.strongswan.org/docs/latest/swanctl/swanctlConf.html
 * Throws `ExportError`.
 */
export function swanctl(device: DeviceDescription): string {
  const nameOf = deviceNames(device.link);
  const peers = connectedPeers(device).map((peer) => ({
    peer,
    name: nameOf(peer.location),
    hosts: peer.hosts.map((host) => ({ host, name: nameOf(peer.location, host.name) })),
  }));
  return lines([
    ...commented(headOf(device, "swanctl")),
    "connections {",
    ...peers.flatMap(({ peer, hosts }) => hosts.flatMap(({ host, name }) => connection(device, peer, host, name))),
    "}",
    "secrets {",
    ...peers.flatMap(({ peer, name }) => secret(device, peer, name)),
    "}",
  ]);
}

function connection(device: DeviceDescription, peer: Peer, host: PeerHost, name: string): readonly string[] {
  const { local, remote } = selectorsOf(peer);
  return [
    `  # ${peer.location}: ${host.name}`,
    `  ${name} {`,
    "    version = 2",
    `    remote_addrs = ${host.address}`,
    ...proposals("    proposals", device.ciphers?.ike, device.ciphers?.force),
    "    mobike = no",
    "    keyingtries = 0",
    "    dpd_delay = 10s",
    "    local {",
    "      auth = psk",
    `      id = ${device.address}`,
    "    }",
    "    remote {",
    "      auth = psk",
    `      id = ${host.address}`,
    "    }",
    "    children {",
    `      ${name} {`,
    `        local_ts = ${local.join(", ")}`,
    `        remote_ts = ${remote.join(", ")}`,
    ...proposals("        esp_proposals", device.ciphers?.esp, device.ciphers?.force),
    "        start_action = start",
    "        dpd_action = restart",
    "        close_action = none",
    "      }",
    "    }",
    "  }",
  ];
}

/** Without `force` the defaults are offered too, as agents do. */
function proposals(key: string, proposal: string | undefined, force: boolean | undefined): readonly string[] {
  return proposal === undefined ? [] : [`${key} = ${proposal}${force === true ? "" : ", default"}`];
}

function secret(device: DeviceDescription, peer: Peer, name: string): readonly string[] {
  const ids = [device.address, ...peer.hosts.map((host) => host.address)];
  return [
    `  # ${peer.secret}`,
    `  ike-${name} {`,
    ...ids.map((id, at) => `    id-${at + 1} = ${id}`),
    `    secret = "${keyOf(peer)}"`,
    "  }",
  ];
}

function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
