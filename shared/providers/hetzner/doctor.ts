import type { HetznerCloud } from "../../domain/clouds/hetzner.ts";
import { type Finding, failed, passed, warned } from "../../domain/finding.ts";
import { doctorLimits } from "../../domain/limits.ts";
import { quotaFinding } from "../../domain/quota.ts";
import type { CloudDoctor, ExaminedHost, ExaminedLocation } from "../../ports/cloud-doctor.ts";
import { outcomesOf } from "../common/examining.ts";
import type { Server } from "./answers.ts";
import type { HetznerClient } from "./client.ts";
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
        [
          "interface",
          location.name,
          async () => {
            const servers = await readServers(client, undefined, signal);
            return [
              ...location.hosts.flatMap((host) => examineHost(network, host, servers)),
              ...deadRoutes(network, location, servers),
            ];
          },
        ],
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

function examineHost(network: number, host: ExaminedHost, servers: readonly Server[]): readonly Finding[] {
  const server = servers.find(
    (one) => `server-${one.id}` === host.target || (host.found !== undefined && hasAddress(one, network, host.found)),
  );
  // Why its server is not known, `interface` says already.
  if (server === undefined) return [];
  const about = `${host.name} (${server.name || `server-${server.id}`})`;
  const isIn = server.private_net.some((net) => net.network === network);
  const firewalls = server.public_net?.firewalls ?? [];
  return [
    !isIn
      ? failed("interface", about, `is not attached to network ${network}`, `attach it to network ${network}`)
      : server.status === "running"
        ? passed("interface", about, `runs, and is attached to network ${network}`)
        : failed("interface", about, `does not run: it is ${server.status}`, "start it"),
    firewalls.length === 0
      ? passed("firewall", about, "no firewall of Hetzner's stands before it")
      : warned(
          "firewall",
          about,
          `stands behind firewall ${firewalls.map(({ id }) => id).join(", ")}, whose rules are not looked into`,
          "see that it lets UDP 500 and 4500 and TCP 9790 in from the peers",
        ),
  ];
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
