import { RouteError } from "../../domain/errors.ts";
import { isIpv4 } from "../../domain/ip-address.ts";
import type { TargetHost, TargetOutcome } from "../../ports/route-provider.ts";
import type { Server } from "./answers.ts";
import type { HetznerClient } from "./client.ts";
import { readServers } from "./read.ts";

/** The label that lets a host claim a server by its address; its value is the host's id. */
const HOST_LABEL = "pointsman-host";

/** Servers, as every look-up of one round sees them; each listing is made when it is first needed. */
type Servers = { readonly all: () => Promise<readonly Server[]>; readonly labelled: () => Promise<readonly Server[]> };

/**
 * The gateway address of every host in a network, one outcome a host, in the order of the hosts. A listing that fails
 * fails the hosts that need it alone.
 */
export function hostTargets(
  client: HetznerClient,
  network: number,
  hosts: readonly TargetHost[],
  signal: AbortSignal,
): Promise<readonly TargetOutcome[]> {
  const servers: Servers = {
    all: once(() => readServers(client, undefined, signal)),
    labelled: once(() => readServers(client, HOST_LABEL, signal)),
  };
  return Promise.all(
    hosts.map(async (host): Promise<TargetOutcome> => {
      try {
        return await find(servers, network, host);
      } catch (error) {
        if (!(error instanceof RouteError)) throw error;
        return { hostId: host.hostId, result: "failed", error };
      }
    }),
  );
}

function find(servers: Servers, network: number, host: TargetHost): Promise<TargetOutcome> {
  if (host.target.startsWith("server-")) return byServer(servers, network, host);
  return isIpv4(host.target) ? byAddress(servers, network, host) : byReport(servers, network, host);
}

async function byServer(servers: Servers, network: number, host: TargetHost): Promise<TargetOutcome> {
  const server = (await servers.all()).find(({ id }) => `server-${id}` === host.target);
  if (server === undefined) {
    return failed(host, "TARGET_MISSING", `${host.target} is not there`, "correct its target, or the location's token");
  }
  const attached = server.private_net.find((net) => net.network === network);
  if (attached !== undefined) return { hostId: host.hostId, result: "found", target: attached.ip };
  const message = `${host.target} is not attached to network ${network}`;
  return failed(
    host,
    "TARGET_NOT_ALLOWED",
    message,
    `attach it to network ${network}, or give the host another target`,
  );
}

async function byAddress(servers: Servers, network: number, host: TargetHost): Promise<TargetOutcome> {
  const owners = (await servers.all()).flatMap((server) => networksAt(server, host.target));
  if (owners.includes(network)) return { hostId: host.hostId, result: "found", target: host.target };
  const [elsewhere] = owners;
  if (elsewhere === undefined) {
    const message = `no server has the address ${host.target} in network ${network}`;
    return failed(host, "TARGET_MISSING", message, "correct its target, or attach its server to the network again");
  }
  const message = `${host.target} is an address in network ${elsewhere}, the location's routes are in ${network}`;
  return failed(host, "TARGET_NOT_ALLOWED", message, "give the host a target in the network of the location");
}

/**
 * What a host reports is only a claim: a server belongs to it if it has the reported address in the location's network
 * and carries the host's own label. A host sees no server that another host's report found.
 */
async function byReport(servers: Servers, network: number, host: TargetHost): Promise<TargetOutcome> {
  const at = host.localAddress;
  if (!isIpv4(at)) {
    const message = `the host has reported no private IPv4 address${at === "" ? " yet" : ""}`;
    return failed(host, "TARGET_MISSING", message, "start its agent, or name its server as its target");
  }
  const hasAddress = (server: Server) => networksAt(server, at).includes(network);
  const own = (await servers.labelled()).find((server) => hasAddress(server) && labelOf(server) === host.hostId);
  if (own !== undefined) return { hostId: host.hostId, result: "found", target: at };
  const owner = (await servers.all()).find(hasAddress);
  if (owner === undefined) {
    const message = `no server has the reported address ${at} in network ${network}`;
    return failed(
      host,
      "TARGET_MISSING",
      message,
      "correct the location's network, or name the host's server as its target",
    );
  }
  const other = labelOf(owner);
  const lack = other === undefined ? `no label ${HOST_LABEL}` : `the label ${HOST_LABEL}=${other}`;
  const message = `server-${owner.id} has the reported address ${at}, but ${lack}`;
  return failed(
    host,
    "TARGET_NOT_ALLOWED",
    message,
    `if it is the host's own, set its label ${HOST_LABEL}=${host.hostId}`,
  );
}

/** The networks in which a server has an address, as its own or as an alias. */
function networksAt(server: Server, address: string): readonly number[] {
  return server.private_net
    .filter(({ ip, alias_ips }) => ip === address || (alias_ips ?? []).includes(address))
    .map(({ network }) => network);
}

function labelOf({ labels }: Server): string | undefined {
  return Object.hasOwn(labels, HOST_LABEL) ? labels[HOST_LABEL] : undefined;
}

function failed(
  host: TargetHost,
  code: "TARGET_MISSING" | "TARGET_NOT_ALLOWED",
  message: string,
  next: string,
): TargetOutcome {
  const error = new RouteError(code, `hetzner: target of host ${host.hostId}: ${message}`, { retry: "later", next });
  return { hostId: host.hostId, result: "failed", error };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
