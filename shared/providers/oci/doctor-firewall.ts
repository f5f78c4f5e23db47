import type { IngressSecurityRule } from "oci-core/lib/model/ingress-security-rule.js";
import type { SecurityRule } from "oci-core/lib/model/security-rule.js";
import type { Subnet } from "oci-core/lib/model/subnet.js";
import type { Vnic } from "oci-core/lib/model/vnic.js";
import { ListNetworkSecurityGroupSecurityRulesRequest } from "oci-core/lib/request/list-network-security-group-security-rules-request.js";
import { parseCidr } from "../../domain/cidr.ts";
import type { Finding } from "../../domain/finding.ts";
import { type FirewallRule, firewallFindings } from "../../domain/firewall.ts";
import type { ExaminedLocation } from "../../ports/cloud-doctor.ts";
import { list, type OciSession, read } from "./call.ts";

const { Direction } = ListNetworkSecurityGroupSecurityRulesRequest;

/**
 * Whether the security lists of the VNIC's subnet and its network security groups, of which what any allows is allowed,
 * let in what a link host is to get. Throws `RouteError`.
 */
export async function firewall(
  session: OciSession,
  location: ExaminedLocation,
  about: string,
  { nsgIds = [] }: Vnic,
  { securityListIds = [] }: Subnet,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const [lists, groups] = await Promise.all([
    Promise.all(securityListIds.map((id) => rulesOfList(session, id, signal))),
    Promise.all(nsgIds.map((id) => rulesOfGroup(session, id, signal))),
  ]);
  const rules = [...lists, ...groups].flat().map(toRule);
  const where =
    nsgIds.length === 0
      ? "the security lists of its subnet"
      : `the security lists of its subnet, or ${nsgIds.join(", ")},`;
  return firewallFindings({ ...location, about, where, rules });
}

async function rulesOfList(
  session: OciSession,
  id: string,
  signal: AbortSignal,
): Promise<readonly IngressSecurityRule[]> {
  const call = { operation: "GetSecurityList", region: session.region, about: id, absent: "DENIED" } as const;
  const answer = await read(session, call, (network) => network.getSecurityList({ securityListId: id }), signal);
  return answer.securityList.ingressSecurityRules;
}

async function rulesOfGroup(session: OciSession, id: string, signal: AbortSignal): Promise<readonly SecurityRule[]> {
  const operation = "ListNetworkSecurityGroupSecurityRules";
  const call = { operation, region: session.region, about: id, absent: "DENIED" } as const;
  const asked = { networkSecurityGroupId: id, direction: Direction.Ingress };
  const rules = await list(
    session,
    call,
    (network, page) => network.listNetworkSecurityGroupSecurityRules({ ...asked, ...page }),
    signal,
  );
  // One that names a group which is gone lets nothing through.
  return rules.filter(({ isValid }) => isValid !== false);
}

const PROTOCOLS: Readonly<Record<string, string>> = { all: "any", "6": "tcp", "17": "udp" };

type Rule = Pick<SecurityRule, "protocol" | "source" | "tcpOptions" | "udpOptions"> & { readonly sourceType?: string };

function toRule({ protocol, source = "", sourceType, tcpOptions, udpOptions }: Rule): FirewallRule {
  const range = (tcpOptions ?? udpOptions)?.destinationPortRange;
  const given = parseCidr(source);
  const canonical = "cidr" in given ? given.cidr : given.canonical;
  const isNamed = sourceType !== undefined && sourceType !== "CIDR_BLOCK";
  return {
    action: "allow",
    protocol: PROTOCOLS[protocol] ?? protocol,
    ...(range && { ports: [range.min, range.max] as const }),
    sources: canonical === undefined || isNamed ? [] : [canonical],
    // Services of Oracle are no peers; machines of another group may hold the location's networks.
    hasOtherSources: sourceType === "NETWORK_SECURITY_GROUP",
  };
}
