import { DescribeNetworkInterfacesCommand, type Filter, type NetworkInterface } from "@aws-sdk/client-ec2";
import { RouteError } from "../../domain/errors.ts";
import { isIpv4 } from "../../domain/ip-address.ts";
import { limits } from "../../domain/limits.ts";
import type { TargetHost, TargetOutcome } from "../../ports/route-provider.ts";
import { pieces } from "../common/call.ts";
import { allPages, attemptRead, type Ec2Session } from "./call.ts";
import { literal } from "./tables.ts";

/** The tag that lets a host claim an interface by its address; its value is the host's id. */
const HOST_TAG = "pointsman:host";

type Lookup = (hosts: readonly TargetHost[]) => Promise<(host: TargetHost) => TargetOutcome>;

/**
 * The interface of every host, one outcome a host, in the order of the hosts. Hosts are looked up in three groups, by
 * interface, by instance and by address: a look-up that fails fails its own hosts alone.
 */
export async function hostTargets(
  session: Ec2Session,
  hosts: readonly TargetHost[],
  signal: AbortSignal,
): Promise<readonly TargetOutcome[]> {
  const search = (filters: Filter[], about: string) => describeInterfaces(session, filters, about, signal);
  const groups = await Promise.all([
    outcomes(hosts.filter(isInterface), byInterface(session, search)),
    outcomes(hosts.filter(isInstance), byInstance(session, search)),
    outcomes(
      hosts.filter((host) => !isInterface(host) && !isInstance(host)),
      byAddress(session, search),
    ),
  ]);
  const known = new Map(groups.flat().map((outcome) => [outcome.hostId, outcome]));
  return hosts.flatMap((host) => known.get(host.hostId) ?? []);
}

const isInterface = (host: TargetHost) => host.target.startsWith("eni-");
const isInstance = (host: TargetHost) => host.target.startsWith("i-");

async function outcomes(hosts: readonly TargetHost[], lookup: Lookup): Promise<readonly TargetOutcome[]> {
  if (hosts.length === 0) return [];
  try {
    return hosts.map(await lookup(hosts));
  } catch (error) {
    if (!(error instanceof RouteError)) throw error;
    return hosts.map(({ hostId }) => ({ hostId, result: "failed", error }));
  }
}

type Search = (filters: Filter[], about: string) => Promise<readonly NetworkInterface[]>;

function byInterface(session: Ec2Session, search: Search): Lookup {
  return async (hosts) => {
    const found = await searchValues(
      search,
      "network-interface-id",
      hosts.map((host) => host.target),
    );
    return (host) => {
      const match = found.find((candidate) => candidate.NetworkInterfaceId === host.target);
      if (match !== undefined) return inVpc(session, host, match);
      return failed(host, "TARGET_MISSING", `${host.target} is not there in ${session.region}`, `correct its target`);
    };
  };
}

/** An instance's primary interface is the one with device index 0 on its first network card. */
function byInstance(session: Ec2Session, search: Search): Lookup {
  return async (hosts) => {
    const found = await searchValues(
      search,
      "attachment.instance-id",
      hosts.map((host) => host.target),
    );
    return (host) => {
      const match = found.find(
        ({ Attachment }) =>
          Attachment?.InstanceId === host.target && Attachment.DeviceIndex === 0 && !Attachment.NetworkCardIndex,
      );
      if (match !== undefined) return inVpc(session, host, match);
      const message = `instance ${host.target} has no primary interface in ${session.region}`;
      return failed(host, "TARGET_MISSING", message, "correct its target, or start the instance again");
    };
  };
}

/**
 * What a host reports is only a claim: an interface belongs to it if the interface has the reported address, is in the
 * location's VPC, and carries the host's own tag. A host sees no interface that another host's report found.
 */
function byAddress(session: Ec2Session, search: Search): Lookup {
  return async (hosts) => {
    const reported = hosts.map((host) => host.localAddress).filter(isIpv4);
    const vpc = { Name: "vpc-id", Values: [literal(session.vpc)] };
    const found = await searchValues(search, "addresses.private-ip-address", reported, vpc);
    return (host) => claimed(session, host, found);
  };
}

function claimed(session: Ec2Session, host: TargetHost, found: readonly NetworkInterface[]): TargetOutcome {
  const at = host.localAddress;
  if (!isIpv4(at)) {
    const message = `the host has reported no private IPv4 address${at === "" ? " yet" : ""}`;
    return failed(host, "TARGET_MISSING", message, "start its agent, or name its interface as its target");
  }
  const atAddress = found.filter((candidate) => candidate.VpcId === session.vpc && addressesOf(candidate).includes(at));
  const tagged = atAddress.filter((candidate) => tagOf(candidate) === host.hostId);
  const [match] = tagged;
  if (tagged.length === 1 && match?.NetworkInterfaceId !== undefined) {
    return { hostId: host.hostId, result: "found", target: match.NetworkInterfaceId };
  }
  const ids = (list: readonly NetworkInterface[]) => list.map((entry) => entry.NetworkInterfaceId).join(", ");
  if (tagged.length > 1) {
    const message = `${ids(tagged)} all have the address ${at} and the tag ${HOST_TAG}=${host.hostId}`;
    return failed(
      host,
      "TARGET_AMBIGUOUS",
      message,
      "take the tag off all but one, or name the interface as its target",
    );
  }
  if (atAddress.length > 0) {
    const other = atAddress.map(tagOf).find((tag) => tag !== undefined);
    const lack = other === undefined ? `no tag ${HOST_TAG}` : `the tag ${HOST_TAG}=${other}`;
    const message = `${ids(atAddress)} has the reported address ${at}, but ${lack}`;
    return failed(
      host,
      "TARGET_NOT_ALLOWED",
      message,
      `if it is the host's own, set its tag ${HOST_TAG}=${host.hostId}`,
    );
  }
  const message = `no interface in ${session.vpc} (${session.region}) has the reported address ${at}`;
  return failed(
    host,
    "TARGET_MISSING",
    message,
    "correct the location's vpc, or name the host's interface as its target",
  );
}

function addressesOf(found: NetworkInterface): readonly (string | undefined)[] {
  return [found.PrivateIpAddress, ...(found.PrivateIpAddresses ?? []).map((address) => address.PrivateIpAddress)];
}

function tagOf(found: NetworkInterface): string | undefined {
  return found.TagSet?.find((tag) => tag.Key === HOST_TAG)?.Value;
}

function inVpc(session: Ec2Session, host: TargetHost, found: NetworkInterface): TargetOutcome {
  const { NetworkInterfaceId: target, VpcId: vpc } = found;
  if (target !== undefined && vpc === session.vpc) return { hostId: host.hostId, result: "found", target };
  const message = `${target} is in ${vpc}, the location's routes are in ${session.vpc}`;
  return failed(host, "TARGET_NOT_ALLOWED", message, "give the host a target in the VPC of the location");
}

function failed(
  host: TargetHost,
  code: "TARGET_MISSING" | "TARGET_NOT_ALLOWED" | "TARGET_AMBIGUOUS",
  message: string,
  next: string,
): TargetOutcome {
  const error = new RouteError(code, `aws: target of host ${host.hostId}: ${message}`, { retry: "later", next });
  return { hostId: host.hostId, result: "failed", error };
}

async function searchValues(
  search: Search,
  name: string,
  values: readonly string[],
  ...also: readonly Filter[]
): Promise<readonly NetworkInterface[]> {
  const groups = pieces([...new Set(values)], limits.awsFilterValues);
  const found = await Promise.all(
    groups.map((group) => search([{ Name: name, Values: group.map(literal) }, ...also], group.join(", "))),
  );
  return found.flat();
}

async function describeInterfaces(
  session: Ec2Session,
  filters: Filter[],
  about: string,
  signal: AbortSignal,
): Promise<readonly NetworkInterface[]> {
  const call = { action: "ec2:DescribeNetworkInterfaces", region: session.region, about, resource: "*" };
  return allPages(call, async (token) => {
    const command = new DescribeNetworkInterfacesCommand({
      Filters: filters,
      MaxResults: limits.awsPageEntries,
      NextToken: token,
    });
    const send = (abortSignal: AbortSignal) => session.ec2.send(command, { abortSignal });
    const answer = await attemptRead(session.clock, call, send, signal);
    return { entries: answer.NetworkInterfaces ?? [], next: answer.NextToken };
  });
}
