import { familyOf } from "../domain/cidr.ts";
import type { DeviceDescription, Peer } from "./description.ts";
import { ExportError } from "./export-error.ts";

/** A network behind the device and one behind a peer, of one family. */
export type Pair = { readonly local: string; readonly remote: string };

/** Every pair of networks that a tunnel carries, by local and then by remote network. */
export function pairsOf(peer: Peer): readonly Pair[] {
  return peer.localNetworks.flatMap((local) =>
    peer.remoteNetworks.filter((remote) => familyOf(remote) === familyOf(local)).map((remote) => ({ local, remote })),
  );
}

/** The two sides of all pairs: networks that have no counterpart of their family are left out. */
export function selectorsOf(peer: Peer): { readonly local: readonly string[]; readonly remote: readonly string[] } {
  const pairs = pairsOf(peer);
  return {
    local: [...new Set(pairs.map(({ local }) => local))],
    remote: [...new Set(pairs.map(({ remote }) => remote))].sort(),
  };
}

/** The peers that have a pair of networks with the device. Throws `ExportError` when there is none. */
export function connectedPeers(device: DeviceDescription): readonly Peer[] {
  const peers = device.peers.filter((peer) => pairsOf(peer).length > 0);
  if (peers.length > 0) return peers;
  const where = `${device.link}/${device.location}`;
  throw new ExportError(
    "nothing-in-common",
    `${where} has no peer with a network of the same family: there is no tunnel to configure`,
    `look at the networks, peers and excludes of ${where} in the network file`,
  );
}
