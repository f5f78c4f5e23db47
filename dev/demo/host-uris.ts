import type { Id } from "../../shared/domain/ids.ts";
import type { Network } from "../../shared/domain/network.ts";
import type { Operator } from "./operator.ts";

/** A host by its name, LINK/LOCATION/HOST, and the URI that its agent is given. */
export type HostUriLine = { readonly name: string; readonly uri: string };

/** The URIs of the hosts that heartbeat, by host id: of the first `most`, each being a question that is put on record. */
export async function hostUris(
  network: Network,
  operator: Operator,
  most: number,
): Promise<ReadonlyMap<Id, HostUriLine>> {
  const uris = new Map<Id, HostUriLine>();
  for (const link of network.links) {
    for (const location of link.locations) {
      for (const host of location.hosts) {
        if (host.static || uris.size >= most) continue;
        const uri = await operator.hostUri(link.name, location.name, host.name);
        uris.set(host.id, { name: `${link.name}/${location.name}/${host.name}`, uri });
      }
    }
  }
  return uris;
}
