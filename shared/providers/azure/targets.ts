import type { NetworkInterface, NetworkInterfaceIPConfiguration } from "@azure/arm-network";
import { overlap, parseCidr } from "../../domain/cidr.ts";
import { RouteError } from "../../domain/errors.ts";
import { isIpv4 } from "../../domain/ip-address.ts";
import type { TargetHost, TargetOutcome } from "../../ports/route-provider.ts";
import { inLane } from "../common/write-run.ts";
import { type ArmSession, networkPlace, read } from "./call.ts";
import { idOf, placeOf } from "./ids.ts";
import { networkSubnets, subnetAddresses } from "./subnets.ts";

/** The tag that lets a host claim an interface by its address; its value is the host's id. */
const HOST_TAG = "pointsman-host";

/**
 * The private address of every host's interface, one outcome a host, in the order of the hosts. A look-up that fails
 * fails its own hosts alone.
 */
export async function hostTargets(
  session: ArmSession,
  hosts: readonly TargetHost[],
  signal: AbortSignal,
): Promise<readonly TargetOutcome[]> {
  const owners = interfacesByAddress(session, hosts, signal);
  // Hosts that need it may come to it only after it has failed.
  owners.catch(() => undefined);
  const outcomes = new Map<TargetHost, TargetOutcome>();
  await inLane(hosts, async (host) => {
    try {
      outcomes.set(
        host,
        host.target === "auto"
          ? await claimed(session, host, await owners, signal)
          : await namedInterface(session, host, signal),
      );
    } catch (error) {
      if (!(error instanceof RouteError)) throw error;
      outcomes.set(host, { hostId: host.hostId, result: "failed", error });
    }
  });
  return hosts.flatMap((host) => outcomes.get(host) ?? []);
}

async function namedInterface(session: ArmSession, host: TargetHost, signal: AbortSignal): Promise<TargetOutcome> {
  const found = await describeInterface(session, host.target, signal);
  return found === undefined
    ? failed(host, "TARGET_MISSING", `${host.target} is not there`, "correct its target, or make the interface again")
    : routable(session, host, found);
}

/**
 * What a host reports is only a claim: an interface belongs to it if the interface has the reported address in the
 * location's network, and carries the host's own tag.
 */
async function claimed(
  session: ArmSession,
  host: TargetHost,
  owners: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<TargetOutcome> {
  const at = host.localAddress;
  if (!isIpv4(at)) {
    const message = `the host has reported no private IPv4 address${at === "" ? " yet" : ""}`;
    return failed(host, "TARGET_MISSING", message, "start its agent, or name its interface as its target");
  }
  const id = owners.get(at);
  const found = id === undefined ? undefined : await describeInterface(session, id, signal);
  if (id === undefined || found === undefined) {
    const message = `no network interface in ${session.cloud.virtualNetwork} has the reported address ${at}`;
    return failed(host, "TARGET_MISSING", message, "name the host's interface as its target");
  }
  const tag = Object.entries(found.tags ?? {}).find(([name]) => name.toLowerCase() === HOST_TAG)?.[1];
  if (tag === host.hostId) return routable(session, host, found);
  const lack = tag === undefined ? `no tag ${HOST_TAG}` : `the tag ${HOST_TAG}=${tag}`;
  return failed(
    host,
    "TARGET_NOT_ALLOWED",
    `${id} has the reported address ${at}, but ${lack}`,
    `if it is the host's own, set its tag ${HOST_TAG}=${host.hostId}, or name the interface as its target`,
  );
}

/** Packets for others reach an interface only by an address in the network, and pass it only with IP forwarding. */
function routable(session: ArmSession, host: TargetHost, found: NetworkInterface): TargetOutcome {
  const id = (found.id ?? "").toLowerCase();
  const network = idOf("virtualnetworks", networkPlace(session));
  const address = primaryOf(found.ipConfigurations ?? []);
  const subnet = address?.subnet?.id?.toLowerCase() ?? "";
  if (address?.privateIPAddress === undefined || !subnet.startsWith(`${network}/`)) {
    const message = `${id} is in ${subnet === "" ? "no subnet" : subnet}, the location in ${network}`;
    return failed(host, "TARGET_NOT_ALLOWED", message, "give the host a target in the virtual network of the location");
  }
  if (found.enableIPForwarding !== true) {
    const message = `${id} forwards no packets: its IP forwarding is off`;
    return failed(host, "TARGET_NOT_ALLOWED", message, `az network nic update --ids ${id} --ip-forwarding true`);
  }
  return { hostId: host.hostId, result: "found", target: address.privateIPAddress };
}

function primaryOf(list: readonly NetworkInterfaceIPConfiguration[]): NetworkInterfaceIPConfiguration | undefined {
  const ours = list.filter(({ privateIPAddress = "" }) => isIpv4(privateIPAddress));
  return ours.find(({ primary }) => primary === true) ?? ours[0];
}

/** An interface by its id; undefined when it is not there. Throws `RouteError`. */
export async function describeInterface(
  session: ArmSession,
  id: string,
  signal: AbortSignal,
): Promise<NetworkInterface | undefined> {
  const place = placeOf(id, "networkinterfaces");
  if (place === undefined) return undefined;
  const scope = idOf("networkinterfaces", place);
  const action = "Microsoft.Network/networkInterfaces/read";
  const call = { action, about: scope, scope, missing: "TARGET_MISSING", caller: session.caller } as const;
  try {
    return await read(
      session,
      place.subscription,
      call,
      (client, abortSignal) => client.networkInterfaces.get(place.resourceGroup, place.name, { abortSignal }),
      signal,
    );
  } catch (error) {
    if (error instanceof RouteError && error.code === "TARGET_MISSING") return undefined;
    throw error;
  }
}

/** The interface of every address that a host without a named interface reported, looked for in the subnets that hold it. */
export async function interfacesByAddress(
  session: ArmSession,
  hosts: readonly TargetHost[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const reported = hosts.flatMap(({ target, localAddress }) =>
    target === "auto" && isIpv4(localAddress) ? [localAddress] : [],
  );
  const owners = new Map<string, string>();
  if (reported.length === 0) return owners;
  const subnets = (await networkSubnets(session, "TARGET_MISSING", signal)).filter(
    ({ addressPrefix, addressPrefixes = [] }) =>
      [addressPrefix ?? "", ...addressPrefixes].some((prefix) => reported.some((at) => holds(prefix, at))),
  );
  await inLane(subnets, async ({ name = "" }) => {
    for (const { id = "", privateIPAddress } of await subnetAddresses(session, name, signal)) {
      const place = placeOf(id, "networkinterfaces");
      if (place !== undefined && privateIPAddress !== undefined) {
        owners.set(privateIPAddress, idOf("networkinterfaces", place));
      }
    }
  });
  return owners;
}

function holds(prefix: string, address: string): boolean {
  const read = parseCidr(prefix);
  return "cidr" in read && overlap(read.cidr, `${address}/32`);
}

function failed(
  host: TargetHost,
  code: "TARGET_MISSING" | "TARGET_NOT_ALLOWED",
  message: string,
  next: string,
): TargetOutcome {
  const error = new RouteError(code, `azure: target of host ${host.hostId}: ${message}`, { retry: "later", next });
  return { hostId: host.hostId, result: "failed", error };
}
