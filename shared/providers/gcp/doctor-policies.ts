import type { FirewallRule } from "../../domain/firewall.ts";
import { cidrOf, onPorts } from "./doctor-rules.ts";
import type { FirewallPolicy, PolicyRule } from "./resources.ts";

/**
 * The rules of one firewall policy for packets that come in to an instance with these service accounts. `goto_next` passes
 * over the rest of the policy. Google shows of an instance no rules whose secure tags it does not carry.
 */
export function policyRules(policy: FirewallPolicy, accounts: readonly string[]): readonly FirewallRule[] {
  const level = policy.name || (policy.shortName ?? policy.displayName ?? policy.type);
  return policy.rules
    .filter(({ direction, disabled }) => direction === "INGRESS" && !disabled)
    .filter(
      ({ targetServiceAccounts: targets }) => targets.length === 0 || targets.some((one) => accounts.includes(one)),
    )
    .sort((a, b) => a.priority - b.priority)
    .flatMap((rule) => toRules(rule, level));
}

function toRules({ action, match }: PolicyRule, level: string): readonly FirewallRule[] {
  const { srcIpRanges, destIpRanges, srcNetworkContext, srcNetworkType } = match;
  const named = [
    match.srcSecureTags,
    match.srcFqdns,
    match.srcRegionCodes,
    match.srcThreatIntelligences,
    match.srcAddressGroups,
    match.srcNetworks,
  ].some((list) => list.length > 0);
  // Ranges that count only from a kind of network, or to some addresses, cannot be told by the source alone.
  const isNarrowed = destIpRanges.length > 0 || srcNetworkContext !== undefined || srcNetworkType !== undefined;
  const rule = {
    action: action === "deny" ? ("deny" as const) : action === "goto_next" ? ("next" as const) : ("allow" as const),
    level,
    sources: isNarrowed ? [] : srcIpRanges.flatMap(cidrOf),
    hasOtherSources: named || isNarrowed,
  };
  return match.layer4Configs.flatMap(({ ipProtocol, ports = [] }) => onPorts(rule, ipProtocol, ports));
}
