import ipaddr from "ipaddr.js";
import { overlap, parseCidr } from "../../../shared/domain/cidr.ts";
import { isIpv4 } from "../../../shared/domain/ip-address.ts";
import { apiError, invalidField } from "./errors.ts";
import type { Network, NetworkRoute } from "./world.ts";

/** The gateway of the servers' public interfaces, which no route may touch. */
const PUBLIC_GATEWAY = "172.31.1.1";
const PRIVATE_RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** The first address of a network's range, which is the gateway of its subnets. */
export function firstAddress(ipRange: string): string {
  const [base, bits] = ipaddr.IPv4.parseCIDR(ipRange);
  const octets = ipaddr.IPv4.networkAddressFromCIDR(`${base.toString()}/${bits}`).octets;
  return [...octets.slice(0, 3), (octets[3] ?? 0) + 1].join(".");
}

/** Reads the body of `add_route` or `delete_route`: the two fields, and none beside them. Throws `ApiError`. */
export function readRoute(body: string): NetworkRoute {
  let input: unknown;
  try {
    input = JSON.parse(body);
  } catch {
    throw apiError("json_error", "invalid JSON in the request body");
  }
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw apiError("invalid_input", "the request body is no object");
  }
  const fields: Record<string, unknown> = { ...input };
  const unknown = Object.keys(fields).find((name) => name !== "destination" && name !== "gateway");
  if (unknown !== undefined) throw invalidField(unknown, "is not known");
  return { destination: text(fields, "destination"), gateway: text(fields, "gateway") };
}

function text(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") throw invalidField(name, "Missing data for required field.");
  return value;
}

/** Throws `ApiError` when the network does not take the route. */
export function checkAddable(network: Network, { destination, gateway }: NetworkRoute): void {
  const cidr = `${destination}`;
  if (!("cidr" in parseCidr(cidr)) || cidr.includes(":")) throw invalidField("destination", "is not an IPv4 network");
  checkGateway(network, gateway);
  const isDefault = cidr === "0.0.0.0/0";
  if (!isDefault && !PRIVATE_RANGES.some((range) => isInside(cidr, range))) {
    throw invalidField("destination", "is not within a private range");
  }
  const reserved = [`${PUBLIC_GATEWAY}/32`, `${firstAddress(network.ip_range)}/32`];
  if (!isDefault && reserved.some((address) => overlap(cidr, address))) {
    throw invalidField("destination", "overlaps with a reserved address");
  }
  const taken = [
    ...network.routes.map((route) => route.destination).filter((other) => other === cidr || other !== "0.0.0.0/0"),
    ...(isDefault ? [] : network.subnets.map((subnet) => subnet.ip_range)),
  ];
  if (taken.some((other) => (isDefault ? other === cidr : overlap(cidr, other)))) {
    throw apiError("invalid_input", "network route destination overlaps with another subnetwork or network route");
  }
  if (network.routes.length >= network.routeQuota) {
    throw apiError("resource_limit_exceeded", "network route limit exceeded");
  }
}

function checkGateway(network: Network, gateway: string): void {
  if (!isIpv4(gateway)) throw invalidField("gateway", "is not an IPv4 address");
  if (!overlap(`${gateway}/32`, network.ip_range)) throw invalidField("gateway", "is not in the network's range");
  if (gateway === firstAddress(network.ip_range) || gateway === PUBLIC_GATEWAY) {
    throw invalidField("gateway", "is reserved");
  }
  const isBehindSwitch = network.subnets.some(
    ({ type, ip_range }) => type === "vswitch" && overlap(`${gateway}/32`, ip_range),
  );
  if (isBehindSwitch) throw invalidField("gateway", "is behind a vSwitch");
}

function isInside(cidr: string, range: string): boolean {
  return overlap(cidr, range) && Number(cidr.split("/")[1]) >= Number(range.split("/")[1]);
}
