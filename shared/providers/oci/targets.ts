import type { PrivateIp } from "oci-core/lib/model/private-ip.js";
import type { Subnet } from "oci-core/lib/model/subnet.js";
import type { Vnic } from "oci-core/lib/model/vnic.js";
import { overlap, parseCidr } from "../../domain/cidr.ts";
import { RouteError, type RouteErrorCode } from "../../domain/errors.ts";
import { isIpv4 } from "../../domain/ip-address.ts";
import { limits } from "../../domain/limits.ts";
import type { TargetHost, TargetOutcome } from "../../ports/route-provider.ts";
import { inLane } from "../common/write-run.ts";
import { find, list, type OciSession } from "./call.ts";
import { readAddress } from "./floating-ip.ts";
import { isThere } from "./tables.ts";

/** The freeform tag of a VNIC that lets a host claim it by its address; its value is the host's id. */
const HOST_TAG = "pointsman-host";

/** An address, the VNIC that it is on, and the subnet of both. */
type Interface = { readonly address: PrivateIp; readonly vnic: Vnic; readonly subnet: Subnet };

/**
 * The private IP of every host, one outcome a host, in the order of the hosts; the VNIC where an address floats. A
 * look-up that fails fails its own host alone.
 */
export async function hostTargets(
  session: OciSession,
  hosts: readonly TargetHost[],
  signal: AbortSignal,
): Promise<readonly TargetOutcome[]> {
  if (hosts.length === 0) return [];
  const subnets = once(() => subnetsOfVcn(session, signal));
  const floating = once(() => readAddress(session, session.floatingIp ?? "", signal));
  const known = new Map<string, TargetOutcome>();
  await inLane(hosts, async (host) => {
    try {
      const found = await interfaceOf(session, host, subnets, signal);
      if (session.floatingIp !== undefined) allowFloating(host, found, (await floating()).address);
      const target = session.floatingIp === undefined ? (found.address.id ?? "") : found.vnic.id;
      known.set(host.hostId, { hostId: host.hostId, result: "found", target });
    } catch (error) {
      if (!(error instanceof RouteError)) throw error;
      known.set(host.hostId, { hostId: host.hostId, result: "failed", error });
    }
  });
  return hosts.flatMap((host) => known.get(host.hostId) ?? []);
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | undefined;
  return () => {
    begun ??= work();
    return begun;
  };
}

async function interfaceOf(
  session: OciSession,
  host: TargetHost,
  subnets: () => Promise<readonly Subnet[]>,
  signal: AbortSignal,
): Promise<Interface> {
  const { target } = host;
  if (target.startsWith("ocid1.vnic.")) {
    const vnic = await vnicOf(session, host, target, signal);
    const address = (await addresses(session, { vnicId: target }, target, signal)).find(({ isPrimary }) => isPrimary);
    if (address === undefined) {
      throw failure(host, "TARGET_MISSING", `${target} has no primary private IP for us`, "correct its target");
    }
    return allowed(session, host, address, vnic, signal);
  }
  const address = target.startsWith("ocid1.privateip.")
    ? await namedAddress(session, host, signal)
    : await claimedAddress(session, host, subnets, signal);
  if (!address.vnicId) {
    throw failure(host, "TARGET_MISSING", `${address.id} is on no VNIC`, "assign it to the host's VNIC");
  }
  return allowed(session, host, address, await vnicOf(session, host, address.vnicId, signal), signal);
}

async function namedAddress(session: OciSession, host: TargetHost, signal: AbortSignal): Promise<PrivateIp> {
  const { target } = host;
  const call = { operation: "GetPrivateIp", region: session.region, about: target, absent: "TARGET_MISSING" } as const;
  const answer = await find(session, call, (network) => network.getPrivateIp({ privateIpId: target }), signal);
  if (answer !== undefined) return answer.privateIp;
  const message = `${target} is not there in ${session.region}, or not for us`;
  throw failure(host, "TARGET_MISSING", message, "correct its target, or allow PRIVATE_IP_READ in its compartment");
}

/**
 * What a host reports is only a claim: an address belongs to it if it is in a subnet of the location's VCN, and its VNIC
 * carries the host's own tag.
 */
export async function claimedAddress(
  session: OciSession,
  host: TargetHost,
  subnets: () => Promise<readonly Subnet[]>,
  signal: AbortSignal,
): Promise<PrivateIp> {
  const { localAddress: at, hostId } = host;
  if (!isIpv4(at)) {
    const message = `the host has reported no private IPv4 address${at === "" ? " yet" : ""}`;
    throw failure(host, "TARGET_MISSING", message, "start its agent, or name its private IP as its target");
  }
  const holding = (await subnets()).filter((subnet) => holdsAddress(subnet, at));
  const found: PrivateIp[] = [];
  for (const { id } of holding) {
    found.push(...(await addresses(session, { subnetId: id, ipAddress: at }, `${at} in ${id}`, signal)));
  }
  const [address] = found.filter(({ vnicId }) => vnicId);
  if (address === undefined) {
    const message = `no VNIC in ${session.vcn} (${session.region}) has the reported address ${at} for us`;
    throw failure(host, "TARGET_MISSING", message, "correct the location's vcn or compartment, or name its private IP");
  }
  const vnic = await vnicOf(session, host, address.vnicId ?? "", signal);
  const tag = vnic.freeformTags?.[HOST_TAG];
  if (tag === hostId) return address;
  const lack = tag === undefined ? `no freeform tag ${HOST_TAG}` : `the freeform tag ${HOST_TAG}=${tag}`;
  const message = `${address.id} of ${vnic.id} has the reported address ${at}, but ${lack}`;
  const next = `if it is the host's own, set the freeform tag ${HOST_TAG}=${hostId} on ${vnic.id}`;
  throw failure(host, "TARGET_NOT_ALLOWED", message, next);
}

function holdsAddress({ cidrBlock, ipv4CidrBlocks = [] }: Subnet, address: string): boolean {
  const host = parseCidr(`${address}/32`);
  return [cidrBlock, ...ipv4CidrBlocks].some((block) => {
    const read = parseCidr(block ?? "");
    return "cidr" in read && "cidr" in host && overlap(read.cidr, host.cidr);
  });
}

async function allowed(
  session: OciSession,
  host: TargetHost,
  address: PrivateIp,
  vnic: Vnic,
  signal: AbortSignal,
): Promise<Interface> {
  const subnetId = address.subnetId ?? vnic.subnetId ?? "";
  const call = { operation: "GetSubnet", region: session.region, about: subnetId, absent: "TARGET_MISSING" } as const;
  const answer = await find(session, call, (network) => network.getSubnet({ subnetId }), signal);
  const id = address.id ?? vnic.id;
  if (answer === undefined) {
    const message = `${subnetId}, the subnet of ${id}, is not there, or not for us`;
    throw failure(host, "TARGET_MISSING", message, "allow SUBNET_READ in its compartment");
  }
  const { subnet } = answer;
  if (subnet.vcnId !== session.vcn) {
    const message = `${id} is in ${subnet.vcnId}, the location's routes are in ${session.vcn}`;
    throw failure(host, "TARGET_NOT_ALLOWED", message, "give the host a target in the VCN of the location");
  }
  if (vnic.skipSourceDestCheck !== true) {
    const message = `${vnic.id} drops what is not meant for it: its source/destination check is on`;
    const next = `oci network vnic update --vnic-id ${vnic.id} --skip-source-dest-check true`;
    throw failure(host, "TARGET_NOT_ALLOWED", message, next);
  }
  return { address, vnic, subnet };
}

/** OCI moves an address only within its subnet. */
function allowFloating(host: TargetHost, { vnic, subnet }: Interface, floating: PrivateIp): void {
  if (subnet.id === floating.subnetId) return;
  const message = `${vnic.id} is in ${subnet.id}, the floating address ${floating.ipAddress} in ${floating.subnetId}`;
  throw failure(host, "TARGET_NOT_ALLOWED", message, "give the host a VNIC in the subnet of the floating address");
}

async function vnicOf(session: OciSession, host: TargetHost, id: string, signal: AbortSignal): Promise<Vnic> {
  const call = { operation: "GetVnic", region: session.region, about: id, absent: "TARGET_MISSING" } as const;
  const answer = await find(session, call, (network) => network.getVnic({ vnicId: id }), signal);
  if (answer !== undefined && isThere(answer.vnic)) return answer.vnic;
  const message = `${id} is not there in ${session.region}, or not for us`;
  throw failure(host, "TARGET_MISSING", message, "correct its target, or allow VNIC_READ in its compartment");
}

function addresses(
  session: OciSession,
  query: { readonly vnicId: string } | { readonly subnetId: string; readonly ipAddress: string },
  about: string,
  signal: AbortSignal,
): Promise<readonly PrivateIp[]> {
  const call = { operation: "ListPrivateIps", region: session.region, about, absent: "TARGET_MISSING" } as const;
  const whole = { ...query, limit: limits.ociPageEntries };
  return list(session, call, (network, page) => network.listPrivateIps({ ...whole, ...page }), signal);
}

/** Every subnet of the location's VCN in its compartment. Throws `RouteError`. */
export function subnetsOfVcn(session: OciSession, signal: AbortSignal): Promise<readonly Subnet[]> {
  const { region, vcn, compartment } = session;
  const call = { operation: "ListSubnets", region, about: vcn, absent: "TARGET_MISSING" } as const;
  const query = { compartmentId: compartment, vcnId: vcn, limit: limits.ociPageEntries };
  return list(session, call, (network, page) => network.listSubnets({ ...query, ...page }), signal);
}

function failure(host: TargetHost, code: RouteErrorCode, message: string, next: string): RouteError {
  return new RouteError(code, `oci: target of host ${host.hostId}: ${message}`, { retry: "later", next });
}
