import type { HetznerCloud } from "../../domain/clouds/hetzner.ts";
import { type Finding, failed, passed } from "../../domain/finding.ts";
import { doctorLimits } from "../../domain/limits.ts";
import { quotaFinding } from "../../domain/quota.ts";
import type { CloudDoctor, ExaminedHost, ExaminedLocation } from "../../ports/cloud-doctor.ts";
import { outcomesOf } from "../common/examining.ts";
import type { Server } from "./answers.ts";
import type { HetznerClient } from "./client.ts";
import { firewalls, type Guarded } from "./doctor-firewall.ts";
import { type HetznerParts, hetznerClients } from "./open.ts";
import { readServers } from "./read.ts";

/** Opens doctors of Hetzner locations, with the tokens that write their routes. */
export function openHetznerDoctor(parts: HetznerParts): (cloud: HetznerCloud) => CloudDoctor {
  const clientOf = hetznerClients(parts);
  return (cloud) => hetznerDoctor(cloud, clientOf(cloud));
}

/**
 * The checks of one location in one network. Hetzner has no dry run, and shows nobody whether a token may write; it
 * forwards packets for any server, so that there is nothing to switch on.
 */
function hetznerDoctor({ network }: HetznerCloud, client: HetznerClient): CloudDoctor {
  return {
    examine: (location, signal) =>
      outcomesOf([
        ["interface", location.name, () => servers(network, client, location, signal)],
        ["quota", location.name, async () => quotas(location)],
      ]),
  };
}

function quotas({ survey, destinations }: ExaminedLocation): readonly Finding[] {
  return (survey?.tables ?? []).map((table) => {
    const standing = survey?.routes ?? [];
    return quotaFinding({
      about: `network ${table.id}`,
      what: "routes",
      standing: standing.length,
      missing: destinations.filter((one) => !standing.some((route) => route.destination === one)).length,
      quota: doctorLimits.hetznerRoutes,
      raise: "merge networks: Hetzner gives a network no more routes",
    });
  });
}

async function servers(
  network: number,
  client: HetznerClient,
  location: ExaminedLocation,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const all = await readServers(client, undefined, signal);
  const guarded = location.hosts.flatMap((host) => {
    const server = serverOf(network, host, all);
    // Why its server is not known, `interface` says already.
    return server === undefined ? [] : [{ about: `${host.name} (${server.name || `server-${server.id}`})`, server }];
  });
  return [
    ...guarded.map((one) => place(network, one)),
    ...deadRoutes(network, location, all),
    ...(await outcomesOf([["firewall", location.name, () => firewalls(client, location, guarded, signal)]])),
  ];
}

function serverOf(network: number, host: ExaminedHost, all: readonly Server[]): Server | undefined {
  return all.find(
    (one) => `server-${one.id}` === host.target || (host.found !== undefined && hasAddress(one, network, host.found)),
  );
}

function place(network: number, { about, server }: Guarded): Finding {
  if (!server.private_net.some((net) => net.network === network)) {
    return failed("interface", about, `is not attached to network ${network}`, `attach it to network ${network}`);
  }
  if (server.status !== "running") {
    return failed("interface", about, `does not run: it is ${server.status}`, "start it");
  }
  return passed("interface", about, `runs, and is attached to network ${network}`);
}

function hasAddress(server: Server, network: number, address: string): boolean {
  return server.private_net.some(
    (net) => net.network === network && (net.ip === address || (net.alias_ips ?? []).includes(address)),
  );
}

/** The API shows no state of a route: one whose gateway is no server's address leads nowhere. */
function deadRoutes(
  network: number,
  { survey, destinations }: ExaminedLocation,
  servers: readonly Server[],
): readonly Finding[] {
  const dead = (survey?.routes ?? []).filter(
    ({ destination, target }) =>
      destinations.includes(destination) && !servers.some((server) => hasAddress(server, network, target)),
  );
  return dead.map(({ destination, target, table }) => {
    const text = `goes by way of ${target}, which no server has`;
    return failed(
      "routes",
      `${destination} in network ${table.id}`,
      text,
      "remove it, or let Pointsman have it (`pointsman adopt`)",
    );
  });
}
