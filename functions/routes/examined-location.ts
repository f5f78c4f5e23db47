import { familyOf } from "../../shared/domain/cidr.ts";
import { type Cloud, familiesOf } from "../../shared/domain/clouds/cloud.ts";
import type { RouteError } from "../../shared/domain/errors.ts";
import { type CheckName, type Finding, failed } from "../../shared/domain/finding.ts";
import type { Link, Location } from "../../shared/domain/network.ts";
import { peersOf, reachedNetworks } from "../../shared/domain/topology.ts";
import type { ExaminedHost, ExaminedLocation } from "../../shared/ports/cloud-doctor.ts";
import type { RouteProvider, Survey, TargetHost } from "../../shared/ports/route-provider.ts";
import type { LinkRecords, LocationRecords } from "../../shared/ports/store.ts";
import { cloudError } from "./cloud-errors.ts";

/** What was asked of a cloud, or why it did not answer. */
export type Asked<T> =
  | { readonly value: T; readonly error?: never }
  | { readonly error: RouteError; readonly value?: never };

/** Asks a cloud. Throws `DatabaseError` alone. */
export async function ask<T>(work: () => Promise<T>): Promise<Asked<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: cloudError(error) };
  }
}

/** An error of a cloud as a finding. */
export function refused(check: CheckName, about: string, error: RouteError): Finding {
  return failed(check, about, `${error.code}: ${error.message}`, error.next);
}

/** Hosts as the examination takes them; those whose interface cannot be told are findings. */
export async function findHosts(
  provider: RouteProvider,
  location: Location,
  records: LocationRecords,
  signal: AbortSignal,
): Promise<{ readonly found: readonly ExaminedHost[]; readonly findings: readonly Finding[] }> {
  const hosts: readonly (TargetHost & { readonly name: string })[] = location.hosts.flatMap((host) =>
    host.static || host.target === undefined
      ? []
      : [
          {
            hostId: host.id,
            name: host.name,
            target: host.target,
            localAddress: records.hosts.get(host.id)?.value.localAddress ?? "",
          },
        ],
  );
  const answer = await ask(() => provider.targets(hosts, signal));
  const findings: Finding[] = [];
  const found = hosts.map((host): ExaminedHost => {
    const outcome = answer.value?.find((one) => one.hostId === host.hostId);
    if (outcome?.result === "failed") findings.push(refused("interface", host.name, outcome.error));
    const target = outcome?.result === "found" ? outcome.target : undefined;
    return { ...host, isActive: records.head?.value.activeHostId === host.hostId, found: target };
  });
  if (answer.error !== undefined) findings.push(refused("interface", location.name, answer.error));
  return { found, findings };
}

/** A location as the cloud's checks take it, of the address families that the cloud can route. */
export function describeLocation(
  link: Link,
  location: Location,
  cloud: Cloud,
  records: LinkRecords,
  hosts: readonly ExaminedHost[],
  survey: Survey | undefined,
): ExaminedLocation {
  const families = familiesOf(cloud);
  const peers = peersOf(link, location).flatMap((peer) =>
    peer.hosts.map(
      (host) => host.publicAddress ?? records.locations.get(peer.id)?.hosts.get(host.id)?.value.publicAddress ?? "",
    ),
  );
  return {
    name: `${link.name}/${location.name}`,
    hosts,
    networks: location.networks.filter((network) => families.has(familyOf(network))),
    destinations: reachedNetworks(link, location).filter((network) => families.has(familyOf(network))),
    peers: [...new Set(peers.filter((peer) => peer !== ""))],
    hostCheck: link.hostCheck,
    removeRoutes: location.removeRoutes,
    survey,
  };
}
