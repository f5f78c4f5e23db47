import ipaddr from "ipaddr.js";
import { familyOf } from "../../shared/domain/cidr.ts";
import type { Host, Link, Location, Network } from "../../shared/domain/network.ts";

/** A host that heartbeats, with the addresses that it has on the pretended network. */
export type PretendedHost = {
  readonly link: Link;
  readonly location: Location;
  readonly host: Host;
  readonly publicAddress: string;
  readonly localAddress: string;
  readonly address6: string;
  /** Where its host check is served on this machine. */
  readonly loopback: string;
};

/**
 * Every host that heartbeats, with addresses that follow from the network alone: public ones pinned or from
 * 198.18.0.0/15 (set aside for benchmarks, RFC 2544), private ones inside the location. Only Linux has all of
 * 127.0.0.0/8; elsewhere all hosts share 127.0.0.1.
 */
export function pretendedHosts(network: Network, platform: string): readonly PretendedHost[] {
  const hosts: PretendedHost[] = [];
  for (const link of network.links) {
    for (const [locationAt, location] of link.locations.entries()) {
      for (const [hostAt, host] of location.hosts.entries()) {
        if (host.static) continue;
        const number = hosts.length + 1;
        const pinned = host.publicAddress ?? "";
        hosts.push({
          link,
          location,
          host,
          publicAddress: pinned.includes(".") ? pinned : `198.18.${number >> 8}.${number & 255}`,
          address6: pinned.includes(":") ? pinned : link.ipv6 ? `2001:db8::${number.toString(16)}` : "",
          localAddress: localAddress(location, hostAt),
          loopback: platform === "linux" ? `127.10.${(locationAt % 255) + 1}.${(number % 254) + 1}` : "127.0.0.1",
        });
      }
    }
  }
  return hosts;
}

/** The address that a host's interface has inside its location: the tenth and following of its first IPv4 network. */
export function localAddress(location: Location, hostAt: number): string {
  const network = location.networks.find((cidr) => familyOf(cidr) === 4) ?? "192.0.2.0/24";
  const [base, bits] = ipaddr.IPv4.parseCIDR(network);
  const size = 2 ** (32 - bits);
  const offset = Math.min(10, Math.floor(size / 4)) + (hostAt % Math.max(1, Math.floor(size / 2)));
  const number = base.octets.reduce((sum, octet) => sum * 256 + octet, 0) + offset;
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}
