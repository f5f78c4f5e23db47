import { parseCidr } from "../../domain/cidr.ts";
import { type Finding, passed, warned } from "../../domain/finding.ts";
import { type FirewallRule, firewallFindings } from "../../domain/firewall.ts";
import type { ExaminedLocation } from "../../ports/cloud-doctor.ts";
import type { Firewall, Server } from "./answers.ts";
import type { HetznerClient } from "./client.ts";
import { readFirewalls } from "./read.ts";

/** A server and how findings call it. */
export type Guarded = { readonly about: string; readonly server: Server };

/**
 * Whether the firewalls before the servers let in what link hosts are to get from their peers. What several allow is
 * allowed, and they filter no private networks, so the traffic to be forwarded passes. Throws `RouteError`.
 */
export async function firewalls(
  client: HetznerClient,
  location: ExaminedLocation,
  guarded: readonly Guarded[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const isAsked = guarded.some(({ server }) => appliedTo(server).length > 0);
  const known = new Map((isAsked ? await readFirewalls(client, signal) : []).map((one) => [one.id, one]));
  return guarded.flatMap(({ about, server }) => judge(location, about, appliedTo(server), known));
}

function judge(
  location: ExaminedLocation,
  about: string,
  ids: readonly number[],
  known: ReadonlyMap<number, Firewall>,
): readonly Finding[] {
  if (ids.length === 0) return [passed("firewall", about, "no firewall of Hetzner's stands before it")];
  const unseen = ids.filter((id) => !known.has(id));
  if (unseen.length > 0) {
    const next = "see that it lets UDP 500 and 4500 and TCP 9790 in from the peers";
    return [
      warned("firewall", about, `stands behind firewall ${unseen.join(", ")}, which the token is not shown`, next),
    ];
  }
  const found = ids.flatMap((id) => known.get(id) ?? []);
  const names = found.map(({ id, name }) => `${name || "firewall"} (${id})`);
  const where = names.length === 1 ? `firewall ${names[0]}` : `one of the firewalls ${names.join(", ")}`;
  const rules = found.flatMap((one) => one.rules.filter(({ direction }) => direction === "in").map(toRule));
  return firewallFindings({ ...location, networks: [], about, where, rules });
}

function appliedTo({ public_net: net }: Server): readonly number[] {
  return (net?.firewalls ?? []).map(({ id }) => id);
}

function toRule({ protocol, port, source_ips: sources }: Firewall["rules"][number]): FirewallRule {
  const [first, last = first] = (port ?? "").split("-").map(Number);
  return {
    action: "allow",
    protocol,
    ...(port !== null && first !== undefined && last !== undefined && { ports: [first, last] as const }),
    sources: sources.flatMap((range) => {
      const read = parseCidr(range);
      const canonical = "cidr" in read ? read.cidr : read.canonical;
      return canonical === undefined ? [] : [canonical];
    }),
    hasOtherSources: false,
  };
}
