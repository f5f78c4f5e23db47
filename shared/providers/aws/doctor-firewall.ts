import {
  DescribeSecurityGroupsCommand,
  type IpPermission,
  type NetworkInterface,
  type SecurityGroup,
} from "@aws-sdk/client-ec2";
import { parseCidr } from "../../domain/cidr.ts";
import { type Finding, failed } from "../../domain/finding.ts";
import { type FirewallRule, firewallFindings } from "../../domain/firewall.ts";
import { limits } from "../../domain/limits.ts";
import type { ExaminedLocation } from "../../ports/cloud-doctor.ts";
import { pieces } from "../common/call.ts";
import { allPages, attemptRead, type Ec2Session } from "./call.ts";
import { literal } from "./tables.ts";

/** An interface and how findings call it. */
export type Guarded = { readonly about: string; readonly found: NetworkInterface };

/** Whether the security groups of the interfaces let in what link hosts are to get. Throws `RouteError`. */
export async function firewalls(
  session: Ec2Session,
  location: ExaminedLocation,
  guarded: readonly Guarded[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const ids = guarded.flatMap(({ found }) => groupsOf(found));
  const groups = new Map((await describe(session, ids, signal)).map((group) => [group.GroupId ?? "", group]));
  return guarded.flatMap(({ about, found }) => {
    const names = groupsOf(found);
    const where = names.length === 1 ? `security group ${names[0]}` : `one of the security groups ${names.join(", ")}`;
    if (names.length === 0) {
      return [failed("firewall", about, "has no security group", "give the interface a security group")];
    }
    const rules = names.flatMap((id) => (groups.get(id)?.IpPermissions ?? []).map(toRule));
    return firewallFindings({ ...location, about, where, rules });
  });
}

function groupsOf(found: NetworkInterface): readonly string[] {
  return (found.Groups ?? []).flatMap(({ GroupId: id }) => (id === undefined ? [] : [id]));
}

/** Names and numbers of protocols that EC2 may give. */
const PROTOCOLS: Readonly<Record<string, string>> = { "-1": "any", "6": "tcp", "17": "udp" };

function toRule(permission: IpPermission): FirewallRule {
  const { IpProtocol: protocol = "", FromPort: first, ToPort: last, IpRanges, Ipv6Ranges } = permission;
  const cidrs = [
    ...(IpRanges ?? []).map((range) => range.CidrIp),
    ...(Ipv6Ranges ?? []).map((range) => range.CidrIpv6),
  ];
  const isAllPorts = first === undefined || last === undefined || first === -1;
  return {
    action: "allow",
    protocol: PROTOCOLS[protocol] ?? protocol,
    ...(!isAllPorts && { ports: [first, last] as const }),
    sources: cidrs.flatMap((cidr) => {
      const read = parseCidr(cidr ?? "");
      const canonical = "cidr" in read ? read.cidr : read.canonical;
      return canonical === undefined ? [] : [canonical];
    }),
    hasOtherSources: (permission.UserIdGroupPairs ?? []).length + (permission.PrefixListIds ?? []).length > 0,
  };
}

async function describe(
  session: Ec2Session,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly SecurityGroup[]> {
  const groups = await Promise.all(
    pieces([...new Set(ids)], limits.awsFilterValues).map((group) => {
      const about = group.join(", ");
      const call = { action: "ec2:DescribeSecurityGroups", region: session.region, about, resource: "*" };
      return allPages(call, async (token) => {
        const command = new DescribeSecurityGroupsCommand({
          Filters: [{ Name: "group-id", Values: group.map(literal) }],
          MaxResults: limits.awsPageEntries,
          NextToken: token,
        });
        const send = (abortSignal: AbortSignal) => session.ec2.send(command, { abortSignal });
        const answer = await attemptRead(session.clock, call, send, signal);
        return { entries: answer.SecurityGroups ?? [], next: answer.NextToken };
      });
    }),
  );
  return groups.flat();
}
