import ipaddr from "ipaddr.js";
import { overlap, parseCidr } from "../../domain/cidr.ts";
import type { RouteErrorCode } from "../../domain/errors.ts";
import { isIpv4 } from "../../domain/ip-address.ts";
import type { Network } from "./answers.ts";

/** Why a network does not take a route. */
export type Objection = { readonly code: RouteErrorCode; readonly reason: string };

/** The gateway of the public interfaces of servers. */
const PUBLIC_GATEWAY = "172.31.1.1";
const DEFAULT_ROUTE = "0.0.0.0/0";
const PRIVATE_RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/**
 * Whether a network would take a route, by the rules of the API (https://docs.hetzner.cloud, "Add a route to a Network"):
 * the destination is private or the default route, and overlaps with no subnet, no other route and no reserved address;
 * the gateway is an address of the network, not its first one, and not behind a vSwitch. Known before a route is deleted,
 * this keeps a swap from being begun that could not be finished.
 */
export function objectionTo(network: Network, destination: string, gateway: string): Objection | undefined {
  return objectionToGateway(network, gateway) ?? objectionToDestination(network, destination);
}

function objectionToGateway(network: Network, gateway: string): Objection | undefined {
  const not = (reason: string): Objection => ({ code: "TARGET_NOT_ALLOWED", reason: `${gateway} ${reason}` });
  if (!isIpv4(gateway)) return not("is no IPv4 address");
  const range = parseCidr(network.ip_range);
  if (!("cidr" in range)) return undefined;
  const address = `${gateway}/32`;
  if (!overlap(address, range.cidr)) return not(`is not in the network's range ${range.cidr}`);
  if (gateway === firstAddress(range.cidr)) return not("is the network's first address, which Hetzner keeps to itself");
  if (gateway === PUBLIC_GATEWAY) return not("is the gateway of servers' public interfaces");
  const behind = network.subnets.find(
    ({ type, ip_range }) => type === "vswitch" && ip_range !== undefined && isInside(address, ip_range),
  );
  return behind && not(`is behind a vSwitch (${behind.ip_range})`);
}

function objectionToDestination(network: Network, destination: string): Objection | undefined {
  if (destination === DEFAULT_ROUTE) return undefined;
  const not = (reason: string): Objection => ({ code: "INVALID", reason: `${destination} ${reason}` });
  if (!PRIVATE_RANGES.some((range) => isInside(destination, range))) {
    return not(`is in none of ${PRIVATE_RANGES.join(", ")}, and Hetzner routes nothing else`);
  }
  if (overlap(destination, `${PUBLIC_GATEWAY}/32`)) return not(`overlaps with ${PUBLIC_GATEWAY}, which is reserved`);
  const subnet = network.subnets.find(({ ip_range }) => ip_range !== undefined && meets(destination, ip_range));
  if (subnet !== undefined) return not(`overlaps with the network's subnet ${subnet.ip_range}`);
  const route = network.routes.find(
    (other) =>
      other.destination !== destination && other.destination !== DEFAULT_ROUTE && meets(destination, other.destination),
  );
  return route && not(`overlaps with the route ${route.destination} via ${route.gateway}, and Hetzner takes only one`);
}

function firstAddress(range: string): string {
  const [base] = ipaddr.IPv4.parseCIDR(range);
  const { octets } = base;
  return [...octets.slice(0, 3), (octets[3] ?? 0) + 1].join(".");
}

function meets(cidr: string, other: string): boolean {
  return "cidr" in parseCidr(other) && overlap(cidr, other);
}

function isInside(cidr: string, range: string): boolean {
  return meets(cidr, range) && Number(cidr.split("/")[1]) >= Number(range.split("/")[1]);
}
