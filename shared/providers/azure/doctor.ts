import type { NetworkInterface, SecurityRule } from "@azure/arm-network";
import { parseCidr } from "../../domain/cidr.ts";
import type { AzureCloud } from "../../domain/clouds/azure.ts";
import { type Finding, failed, passed, warned } from "../../domain/finding.ts";
import { type FirewallRule, firewallFindings } from "../../domain/firewall.ts";
import { doctorLimits } from "../../domain/limits.ts";
import { quotaFinding } from "../../domain/quota.ts";
import type { CloudDoctor, ExaminedHost, ExaminedLocation } from "../../ports/cloud-doctor.ts";
import { outcomesOf } from "../common/examining.ts";
import { type ArmSession, read } from "./call.ts";
import { idOf, placeOf } from "./ids.ts";
import { type AzureParts, azureSessions } from "./open.ts";
import { networkSubnets } from "./subnets.ts";
import { describeInterface, interfacesByAddress } from "./targets.ts";

/** Opens doctors of Azure locations, under the identities that write their routes. */
export function openAzureDoctor(parts: AzureParts): (cloud: AzureCloud) => CloudDoctor {
  const sessionOf = azureSessions(parts);
  return (cloud) => azureDoctor(sessionOf(cloud));
}

/**
 * The checks of one location in one virtual network. Azure has no dry run of a change of a route: whether it is allowed
 * shows in the last swap alone.
 */
function azureDoctor(session: ArmSession): CloudDoctor {
  return {
    examine: (location, signal) =>
      outcomesOf([
        ["interface", location.name, () => interfaces(session, location, signal)],
        ["quota", location.name, async () => quotas(location)],
      ]),
  };
}

function quotas({ survey, destinations }: ExaminedLocation): readonly Finding[] {
  return (survey?.tables ?? []).map((table) => {
    const standing = (survey?.routes ?? []).filter((route) => route.table.key === table.key);
    return quotaFinding({
      about: table.id.split("/").at(-1) ?? table.id,
      what: "routes",
      standing: standing.length,
      missing: destinations.filter((one) => !standing.some((route) => route.destination === one)).length,
      quota: doctorLimits.azureRoutes,
      raise: "merge networks, or spread them over more tables: Azure raises this quota seldom",
    });
  });
}

async function interfaces(
  session: ArmSession,
  location: ExaminedLocation,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const owners = await interfacesByAddress(session, location.hosts, signal);
  const subnets = await networkSubnets(session, "TARGET_MISSING", signal);
  const found = await outcomesOf(
    location.hosts.map((host) => [
      "interface",
      host.name,
      async () => {
        const id = host.target === "auto" ? owners.get(host.localAddress) : host.target;
        const nic = id === undefined ? undefined : await describeInterface(session, id, signal);
        if (nic === undefined) return [];
        const subnetId = nic.ipConfigurations?.[0]?.subnet?.id?.toLowerCase() ?? "";
        const subnet = subnets.find((one) => one.id?.toLowerCase() === subnetId);
        const groups = [nic.networkSecurityGroup?.id, subnet?.networkSecurityGroup?.id].flatMap((one) => one ?? []);
        return [
          attachment(host, nic),
          forwarding(host, nic),
          ...ownTable(location, host, subnet?.routeTable?.id),
          ...(await outcomesOf([
            ["firewall", aboutOf(host, nic), () => walls(session, location, host, nic, groups, signal)],
          ])),
        ];
      },
    ]),
  );
  return found;
}

function aboutOf(host: ExaminedHost, nic: NetworkInterface): string {
  return `${host.name} (${nic.name ?? nic.id})`;
}

function attachment(host: ExaminedHost, nic: NetworkInterface): Finding {
  const machine = nic.virtualMachine?.id?.split("/").at(-1);
  if (machine !== undefined) return passed("interface", aboutOf(host, nic), `attached to ${machine}`);
  const next = "attach it to the host's machine, or correct the host's target";
  return failed("interface", aboutOf(host, nic), "is attached to no machine", next);
}

function forwarding(host: ExaminedHost, nic: NetworkInterface): Finding {
  const about = aboutOf(host, nic);
  if (nic.enableIPForwarding === true) return passed("forwarding", about, "IP forwarding is on");
  const next = `az network nic update --ids ${nic.id} --ip-forwarding true, or \`pointsman doctor --fix\``;
  const found = failed(
    "forwarding",
    about,
    "IP forwarding is off: Azure drops every packet that the host forwards",
    next,
  );
  const place = placeOf(nic.id ?? "", "networkinterfaces");
  if (place === undefined) return found;
  const { subscription, resourceGroup, name } = place;
  return { ...found, fix: { kind: "azure-ip-forwarding", subscription, resourceGroup, networkInterface: name } };
}

/** A host whose own packets follow the routes to it would send what it decrypted to itself. */
function ownTable(location: ExaminedLocation, host: ExaminedHost, tableId: string | undefined): readonly Finding[] {
  const table = location.survey?.tables.find(({ id }) => id === tableId?.toLowerCase());
  if (table === undefined) return [];
  const next = "put the link hosts into a subnet of their own, with no route table of the location";
  return [warned("tables", host.name, `its own subnet is routed by ${table.id.split("/").at(-1)}`, next)];
}

async function walls(
  session: ArmSession,
  location: ExaminedLocation,
  host: ExaminedHost,
  nic: NetworkInterface,
  groups: readonly string[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const about = aboutOf(host, nic);
  if (groups.length === 0) {
    const next =
      "give its subnet or interface one, with UDP 500 and 4500 open: a Standard public address lets nothing in without";
    return [warned("firewall", about, "no network security group stands before it", next)];
  }
  const found = await Promise.all(
    groups.map(async (id) => {
      const rules = await rulesOf(session, id, location, signal);
      return firewallFindings({ ...location, about, where: `network security group ${id.split("/").at(-1)}`, rules });
    }),
  );
  return found.flat();
}

async function rulesOf(
  session: ArmSession,
  id: string,
  location: ExaminedLocation,
  signal: AbortSignal,
): Promise<readonly FirewallRule[]> {
  const place = placeOf(id, "networksecuritygroups");
  if (place === undefined) return [];
  const scope = idOf("networksecuritygroups", place);
  const action = "Microsoft.Network/networkSecurityGroups/read";
  const call = { action, about: scope, scope, missing: "TARGET_MISSING", caller: session.caller } as const;
  const group = await read(
    session,
    place.subscription,
    call,
    (client, abortSignal) => client.networkSecurityGroups.get(place.resourceGroup, place.name, { abortSignal }),
    signal,
  );
  return [...(group.securityRules ?? []), ...(group.defaultSecurityRules ?? [])]
    .filter(({ direction }) => direction === "Inbound")
    .sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0))
    .flatMap((rule) => toRules(rule, location));
}

/** Tags of Azure that are read as networks, and one behind which no peer can be. */
const KNOWN_TAGS = new Set(["Internet", "VirtualNetwork", "AzureLoadBalancer"]);

/**
 * What the tag `Internet` stands for: addresses outside of private networks
 * (https://learn.microsoft.com/azure/virtual-network/service-tags-overview).
 */
const INTERNET = [
  ...["0.0.0.0/5", "8.0.0.0/7", "11.0.0.0/8", "12.0.0.0/6", "16.0.0.0/4", "32.0.0.0/3", "64.0.0.0/2", "128.0.0.0/3"],
  ...["160.0.0.0/5", "168.0.0.0/6", "172.0.0.0/12", "172.32.0.0/11", "172.64.0.0/10", "172.128.0.0/9", "173.0.0.0/8"],
  ...["174.0.0.0/7", "176.0.0.0/4", "192.0.0.0/9", "192.128.0.0/11", "192.160.0.0/13", "192.169.0.0/16"],
  ...["192.170.0.0/15", "192.172.0.0/14", "192.176.0.0/12", "192.192.0.0/10", "193.0.0.0/8", "194.0.0.0/7"],
  ...["196.0.0.0/6", "200.0.0.0/5", "208.0.0.0/4", "2000::/3"],
];

/** One rule a range of ports. The network's own tag stands for the location's networks. */
function toRules(rule: SecurityRule, { networks }: ExaminedLocation): readonly FirewallRule[] {
  const prefixes = [rule.sourceAddressPrefix ?? [], rule.sourceAddressPrefixes ?? []].flat();
  const sources = prefixes.flatMap((prefix) => {
    if (prefix === "*") return ["0.0.0.0/0", "::/0"];
    if (prefix === "Internet") return INTERNET;
    if (prefix === "VirtualNetwork") return networks;
    const read = parseCidr(prefix.includes("/") ? prefix : `${prefix}/32`);
    return "cidr" in read ? [read.cidr] : [];
  });
  const named = prefixes.filter((prefix) => /^[A-Za-z]/.test(prefix) && !KNOWN_TAGS.has(prefix));
  const ranges = [rule.destinationPortRange ?? [], rule.destinationPortRanges ?? []].flat();
  const protocol = rule.protocol === undefined || rule.protocol === "*" ? "any" : rule.protocol.toLowerCase();
  const groups = rule.sourceApplicationSecurityGroups ?? [];
  return ranges.map((range) => ({
    action: rule.access === "Deny" ? "deny" : "allow",
    protocol,
    ...(range !== "*" && { ports: portsOf(range) }),
    sources,
    hasOtherSources: named.length + groups.length > 0,
  }));
}

function portsOf(range: string): readonly [number, number] {
  const [first = "0", last = first] = range.split("-");
  return [Number(first), Number(last)];
}
