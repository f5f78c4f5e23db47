import { isIpv4 } from "../../domain/ip-address.ts";
import type { RouteTarget } from "../../ports/route-provider.ts";

/** The next hop of a route as the API writes it: one of them is there. */
export type NextHop = {
  readonly nextHopInstance?: string | undefined;
  readonly nextHopIp?: string | undefined;
  readonly nextHopIlb?: string | undefined;
  readonly nextHopGateway?: string | undefined;
  readonly nextHopVpnTunnel?: string | undefined;
  readonly nextHopNetwork?: string | undefined;
  readonly nextHopPeering?: string | undefined;
  readonly nextHopHub?: string | undefined;
  readonly nextHopInterconnectAttachment?: string | undefined;
};

/** `projects/…` of a resource, however its URL begins. */
export function pathOf(url: string): string {
  const at = url.indexOf("projects/");
  return at < 0 ? url : url.slice(at);
}

/** The one text of a next hop: `projects/p/zones/z/instances/n`, an IPv4 address, or what else packets are sent to. */
export function targetOf(hop: NextHop): RouteTarget {
  if (hop.nextHopInstance !== undefined) return pathOf(hop.nextHopInstance);
  if (hop.nextHopIp !== undefined) return hop.nextHopIp;
  if (hop.nextHopIlb !== undefined) return `ilb/${pathOf(hop.nextHopIlb)}`;
  if (hop.nextHopPeering !== undefined) return `peering/${hop.nextHopPeering}`;
  const url =
    hop.nextHopGateway ??
    hop.nextHopVpnTunnel ??
    hop.nextHopNetwork ??
    hop.nextHopHub ??
    hop.nextHopInterconnectAttachment;
  return url === undefined ? "unknown" : pathOf(url);
}

/** The field that makes a route point at a target which `targetOf` has read, or which is written like that. */
export function nextHopOf(target: RouteTarget): { readonly nextHopInstance: string } | { readonly nextHopIp: string } {
  return isIpv4(target)
    ? { nextHopIp: target }
    : { nextHopInstance: `https://www.googleapis.com/compute/v1/${target}` };
}
