import { RouteError } from "../../domain/errors.ts";
import { type Finding, warned } from "../../domain/finding.ts";
import { type FirewallRule, firewallFindings } from "../../domain/firewall.ts";
import type { ExaminedLocation } from "../../ports/cloud-doctor.ts";
import type { GcpSession } from "./call.ts";
import { policyRules } from "./doctor-policies.ts";
import { cidrOf, onPorts } from "./doctor-rules.ts";
import { pathOf } from "./next-hop.ts";
import {
  arePoliciesFirst,
  type EffectiveFirewalls,
  effectiveFirewalls,
  type Firewall,
  type Instance,
  listFirewalls,
} from "./resources.ts";

/**
 * Whether the firewall policies and the firewall rules that apply to an instance let in what a link host is to get. Where
 * the policies may not be read the rules of the network alone are judged, and that is told. Throws `RouteError`.
 */
export async function instanceFirewall(
  session: GcpSession,
  location: ExaminedLocation,
  about: string,
  instance: Instance,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { network } = session.cloud;
  const nic = nicOf(session, instance);
  // That it is not in the network is told already.
  if (nic === undefined) return [];
  try {
    const [effective, isFirst] = await Promise.all([
      effectiveFirewalls(session, pathOf(instance.selfLink), nic.name ?? "nic0", signal),
      arePoliciesFirst(session, signal),
    ]);
    const where = `the firewall policies and rules of ${network} for ${instance.name}`;
    return firewallFindings({ ...location, about, where, rules: inOrder(session, effective, instance, isFirst) });
  } catch (error) {
    if (!(error instanceof RouteError) || error.code !== "DENIED") throw error;
    const rules = classicRules(session, await listFirewalls(session, signal), instance);
    const text = `firewall policies of the organisation, its folders and the network are not looked into: ${error.message}`;
    const next = `${error.next.replace("gcp.json", "gcp-doctor.json")}; or see by hand: gcloud compute instances network-interfaces get-effective-firewalls ${instance.name}`;
    const where = `the firewall rules of ${network} for ${instance.name}`;
    return [...firewallFindings({ ...location, about, where, rules }), warned("firewall", about, text, next)];
  }
}

function nicOf({ cloud }: GcpSession, { networkInterfaces }: Instance) {
  return networkInterfaces.find((nic) => pathOf(nic.network ?? "") === networkPath(cloud));
}

function networkPath({ project, network }: GcpSession["cloud"]): string {
  return `projects/${project}/global/networks/${network}`;
}

/**
 * Every rule in the order in which Google tries them: the organisation's and its folders' policies, then the network's,
 * which stand before or after its rules as the network says.
 * https://cloud.google.com/firewall/docs/firewall-policies-overview#rule-evaluation
 */
function inOrder(
  session: GcpSession,
  { firewalls, firewallPolicys: policies }: EffectiveFirewalls,
  instance: Instance,
  isFirst: boolean,
): readonly FirewallRule[] {
  const accounts = instance.serviceAccounts.flatMap(({ email }) => email ?? []);
  const own = policies.filter(({ type }) => type.startsWith("NETWORK")).sort((a, b) => a.priority - b.priority);
  const above = policies.filter(({ type }) => !type.startsWith("NETWORK")).flatMap((one) => policyRules(one, accounts));
  const networks = own.flatMap((one) => policyRules(one, accounts));
  const classic = classicRules(session, firewalls, instance);
  return isFirst ? [...above, ...networks, ...classic] : [...above, ...classic, ...networks];
}

function classicRules({ cloud }: GcpSession, rules: readonly Firewall[], instance: Instance): readonly FirewallRule[] {
  return (
    rules
      .filter((rule) => pathOf(rule.network) === networkPath(cloud) && rule.direction === "INGRESS" && !rule.disabled)
      .filter((rule) => isFor(rule, instance))
      // Of two with the same number the one that denies counts.
      .sort((a, b) => a.priority - b.priority || b.denied.length - a.denied.length)
      .flatMap(toRules)
  );
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
  const sources = rule.sourceRanges.flatMap(cidrOf);
  const others = rule.sourceTags.length + rule.sourceServiceAccounts.length;
  const isAnywhere = sources.length + others === 0;
  const action = rule.denied.length > 0 ? "deny" : "allow";
  return [...rule.allowed, ...rule.denied].flatMap(({ IPProtocol: protocol, ports = [] }) =>
    onPorts({ action, sources: isAnywhere ? ["0.0.0.0/0"] : sources, hasOtherSources: others > 0 }, protocol, ports),
  );
}
