import { RouteError } from "../../domain/errors.ts";
import { isIpv4 } from "../../domain/ip-address.ts";
import type { TargetHost, TargetOutcome } from "../../ports/route-provider.ts";
import type { GcpSession } from "./call.ts";
import { pathOf } from "./next-hop.ts";
import { getInstance, type Instance, listInstances } from "./resources.ts";

/** The metadata item that lets a host claim an instance by its address; its value is the host's id. */
const HOST_ITEM = "pointsman-host";

/**
 * What routes to every host point at, one outcome a host, in the order of the hosts: an address as it is given, a named
 * instance, or the instance that a host's report and the instance's own metadata agree on. Throws nothing but what is
 * not a `RouteError`.
 */
export async function hostTargets(
  session: GcpSession,
  hosts: readonly TargetHost[],
  signal: AbortSignal,
): Promise<readonly TargetOutcome[]> {
  const isNamed = (host: TargetHost) => isIpv4(host.target) || host.target.includes("instances/");
  const needsList = hosts.some((host) => !isNamed(host) && isIpv4(host.localAddress));
  const listing = needsList ? settled(listInstances(session, signal)) : Promise.resolve([]);
  return Promise.all(
    hosts.map(async (host) => {
      if (isIpv4(host.target)) return { hostId: host.hostId, result: "found", target: host.target };
      if (isNamed(host)) return byInstance(session, host, signal);
      const listed = await listing;
      if (listed instanceof RouteError) return { hostId: host.hostId, result: "failed", error: listed };
      return byAddress(session, host, listed);
    }),
  );
}

async function settled<T>(promise: Promise<T>): Promise<T | RouteError> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof RouteError) return error;
    throw error;
  }
}

/** `zones/…` is in the location's project; an instance of a service project of a Shared VPC is named in full. */
async function byInstance(session: GcpSession, host: TargetHost, signal: AbortSignal): Promise<TargetOutcome> {
  const path = host.target.startsWith("projects/") ? host.target : `projects/${session.cloud.project}/${host.target}`;
  const instance = await settled(getInstance(session, path, signal));
  if (!(instance instanceof RouteError)) return forwarding(session, host, instance);
  if (instance.code !== "TARGET_MISSING") return { hostId: host.hostId, result: "failed", error: instance };
  return failed(host, "TARGET_MISSING", `${path} is not there`, "correct its target, or make the instance again");
}

/**
 * What a host reports is only a claim: an instance belongs to it if its primary internal address in the location's
 * network is the reported one, and its metadata names the host.
 */
function byAddress(session: GcpSession, host: TargetHost, instances: readonly Instance[]): TargetOutcome {
  const at = host.localAddress;
  if (!isIpv4(at)) {
    const message = `the host has reported no private IPv4 address${at === "" ? " yet" : ""}`;
    return failed(host, "TARGET_MISSING", message, "start its agent, or name its instance as its target");
  }
  const atAddress = instances.filter((instance) => addressesIn(session, instance).includes(at));
  const marked = atAddress.filter((instance) => markOf(instance) === host.hostId);
  const [match] = marked;
  const paths = (list: readonly Instance[]) => list.map(({ selfLink }) => pathOf(selfLink)).join(", ");
  if (match !== undefined && marked.length === 1) return forwarding(session, host, match);
  if (marked.length > 1) {
    const message = `${paths(marked)} all have the address ${at} and the metadata ${HOST_ITEM}=${host.hostId}`;
    return failed(
      host,
      "TARGET_AMBIGUOUS",
      message,
      "take the item off all but one, or name the instance as its target",
    );
  }
  if (atAddress.length > 0) {
    const other = atAddress.map(markOf).find((mark) => mark !== undefined);
    const lack = other === undefined ? `no metadata item ${HOST_ITEM}` : `the metadata ${HOST_ITEM}=${other}`;
    const message = `${paths(atAddress)} has the reported address ${at}, but ${lack}`;
    const next = `if it is the host's own, set its metadata ${HOST_ITEM}=${host.hostId}`;
    return failed(host, "TARGET_NOT_ALLOWED", message, next);
  }
  const { project, network } = session.cloud;
  const message = `no instance of project ${project} has the reported address ${at} in ${network}`;
  return failed(
    host,
    "TARGET_MISSING",
    message,
    "correct the location's network, or name the host's instance as its target",
  );
}

function forwarding(session: GcpSession, host: TargetHost, instance: Instance): TargetOutcome {
  const target = pathOf(instance.selfLink);
  if (addressesIn(session, instance).length === 0) {
    const message = `${target} has no interface in ${session.cloud.network}, where the location's routes are`;
    return failed(host, "TARGET_NOT_ALLOWED", message, "give the host an instance in the network of the location");
  }
  if (instance.canIpForward) return { hostId: host.hostId, result: "found", target };
  const message = `${target} was made without IP forwarding (canIpForward), so no route may carry packets through it`;
  return failed(host, "TARGET_NOT_ALLOWED", message, "set canIpForward on the instance, or make it anew with it");
}

/** The primary internal addresses that an instance has in the location's network. */
function addressesIn({ cloud }: GcpSession, instance: Instance): readonly (string | undefined)[] {
  const network = `projects/${cloud.project}/global/networks/${cloud.network}`;
  return instance.networkInterfaces.filter((nic) => pathOf(nic.network ?? "") === network).map((nic) => nic.networkIP);
}

function markOf({ metadata }: Instance): string | undefined {
  return metadata?.items.find(({ key }) => key === HOST_ITEM)?.value;
}

function failed(
  host: TargetHost,
  code: "TARGET_MISSING" | "TARGET_NOT_ALLOWED" | "TARGET_AMBIGUOUS",
  message: string,
  next: string,
): TargetOutcome {
  const error = new RouteError(code, `gcp: target of host ${host.hostId}: ${message}`, { retry: "later", next });
  return { hostId: host.hostId, result: "failed", error };
}
