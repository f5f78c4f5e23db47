import { tag } from "./bodies.ts";
import { resourceId } from "./state.ts";
import type { SecurityGroup } from "./world.ts";

/** Azure's own rules for packets that come in, after all others. */
const OWN: SecurityGroup["rules"] = [
  {
    name: "AllowVnetInBound",
    priority: 65_000,
    access: "Allow",
    protocol: "*",
    sources: ["VirtualNetwork"],
    ports: ["*"],
  },
  {
    name: "AllowAzureLoadBalancerInBound",
    priority: 65_001,
    access: "Allow",
    protocol: "*",
    sources: ["AzureLoadBalancer"],
    ports: ["*"],
  },
  { name: "DenyAllInBound", priority: 65_500, access: "Deny", protocol: "*", sources: ["*"], ports: ["*"] },
];

/** A group with its rules as Azure shows it. */
export function securityGroupBody(group: SecurityGroup): unknown {
  const id = resourceId("networkSecurityGroups", group);
  const rules = (list: SecurityGroup["rules"], kind: string) =>
    list.map((rule) => ({
      name: rule.name,
      id: `${id}/${kind}/${rule.name}`,
      etag: tag(rule.name),
      type: `Microsoft.Network/networkSecurityGroups/${kind}`,
      properties: {
        provisioningState: "Succeeded",
        protocol: rule.protocol,
        sourcePortRange: "*",
        ...one("destinationPortRange", rule.ports),
        ...one("sourceAddressPrefix", rule.sources),
        destinationAddressPrefix: "*",
        access: rule.access,
        priority: rule.priority,
        direction: "Inbound",
      },
    }));
  return {
    name: group.name,
    id,
    etag: tag(id),
    type: "Microsoft.Network/networkSecurityGroups",
    location: group.location,
    properties: {
      provisioningState: "Succeeded",
      securityRules: rules(group.rules, "securityRules"),
      defaultSecurityRules: rules(OWN, "defaultSecurityRules"),
    },
  };
}

/** Azure writes one value and several under different names. */
function one(name: string, values: readonly string[]): Readonly<Record<string, unknown>> {
  const plural = name === "sourceAddressPrefix" ? "sourceAddressPrefixes" : `${name}s`;
  return values.length === 1 ? { [name]: values[0] } : { [plural]: values };
}
