import { parseCidr } from "../../domain/cidr.ts";
import type { Finding } from "../../domain/finding.ts";
import { type FirewallRule, firewallFindings } from "../../domain/firewall.ts";
import type { ExaminedLocation } from "../../ports/cloud-doctor.ts";
import type { GcpSession } from "./call.ts";
import { pathOf } from "./next-hop.ts";
import type { Firewall, Instance } from "./resources.ts";

/**
 * Whether the firewall rules of the network let in what a link host is to get. Hierarchical policies of the folder and
 * organisation are not looked at.
 */
export function instanceFirewall(
  { cloud }: GcpSession,
  location: ExaminedLocation,
  about: string,
  instance: Instance,
  rules: readonly Firewall[],
): readonly Finding[] {
  const network = `projects/${cloud.project}/global/networks/${cloud.network}`;
  const meant = rules
    .filter((rule) => pathOf(rule.network) === network && rule.direction === "INGRESS" && !rule.disabled)
    .filter((rule) => isFor(rule, instance))
    // Of two with the same number the one that denies counts.
    .sort((a, b) => a.priority - b.priority || b.denied.length - a.denied.length);
  const where = `the firewall rules of ${cloud.network} for ${instance.name}`;
  return firewallFindings({ ...location, about, where, rules: meant.flatMap(toRules) });
}

/** A rule without targets is for every instance. */
function isFor({ targetTags, targetServiceAccounts }: Firewall, { tags, serviceAccounts }: Instance): boolean {
  if (targetTags.length + targetServiceAccounts.length === 0) return true;
  const own = serviceAccounts.flatMap(({ email }) => email ?? []);
  return (
    targetTags.some((tag) => tags?.items.includes(tag)) ||
    targetServiceAccounts.some((account) => own.includes(account))
  );
}

function toRules(rule: Firewall): readonly FirewallRule[] {
  const sources = rule.sourceRanges.flatMap((range) => {
    const read = parseCidr(range.includes("/") ? range : `${range}/${range.includes(":") ? 128 : 32}`);
    const canonical = "cidr" in read ? read.cidr : read.canonical;
    return canonical === undefined ? [] : [canonical];
  });
  const others = rule.sourceTags.length + rule.sourceServiceAccounts.length;
  const isAnywhere = sources.length + others === 0;
  const action = rule.denied.length > 0 ? "deny" : "allow";
  return [...rule.allowed, ...rule.denied].flatMap(({ IPProtocol: protocol, ports = [] }) => {
    const plain: FirewallRule = {
      action,
      protocol: PROTOCOLS[protocol] ?? protocol,
      sources: isAnywhere ? ["0.0.0.0/0"] : sources,
      hasOtherSources: others > 0,
    };
    if (ports.length === 0) return [plain];
    return ports.map((range) => {
      const [first = "0", last = first] = range.split("-");
      return { ...plain, ports: [Number(first), Number(last)] as const };
    });
  });
}

const PROTOCOLS: Readonly<Record<string, string>> = { all: "any", "6": "tcp", "17": "udp" };
