import { byId, type ReadAction, tagSet } from "./action.ts";
import { ApiError } from "./errors.ts";
import { applyFilters } from "./filters.ts";
import { pageOf } from "./paging.ts";
import type { SecurityGroup } from "./world.ts";
import type { Xml } from "./xml.ts";

export const describeSecurityGroups: ReadAction = {
  kind: "read",
  parameters: new Set([
    "DryRun",
    "Filter.N.Name",
    "Filter.N.Value.N",
    "GroupId.N",
    "GroupName.N",
    "MaxResults",
    "NextToken",
  ]),
  run(state, parameters) {
    const ids = parameters.list("GroupId");
    for (const id of ids) if (!state.securityGroups.has(id)) throw missingGroup(id);
    if (parameters.list("GroupName").length > 0) {
      throw new ApiError("InvalidParameterValue", "The emulator has no default VPC: groups have no names of their own");
    }
    const all = byId(state.securityGroups.values());
    const asked = ids.length === 0 ? all : all.filter((group) => ids.includes(group.id));
    const matching = applyFilters(asked, parameters.filters(), {
      tags: (group) => group.tags,
      fields: {
        "group-id": (group) => [group.id],
        "group-name": (group) => [group.id],
        "vpc-id": (group) => [group.vpc],
        "owner-id": () => [state.account],
      },
    });
    const page = pageOf("DescribeSecurityGroups", matching, parameters, {
      least: 5,
      most: 1000,
      idsParameter: "GroupId",
    });
    return {
      securityGroupInfo: page.items.map((group) => renderGroup(state.account, group)),
      nextToken: page.nextToken,
    };
  },
};

/** What EC2 answers when a security group is not there. */
export function missingGroup(id: string): ApiError {
  return new ApiError("InvalidGroup.NotFound", `The security group '${id}' does not exist`);
}

function renderGroup(account: string, group: SecurityGroup): Xml {
  return {
    ownerId: account,
    groupId: group.id,
    groupName: group.id,
    groupDescription: group.id,
    vpcId: group.vpc,
    ipPermissions: group.inbound.map((rule) => renderRule(account, rule)),
    ipPermissionsEgress: group.outbound.map((rule) => renderRule(account, rule)),
    tagSet: tagSet(group.tags),
  };
}

function renderRule(account: string, rule: SecurityGroup["inbound"][number]): Xml {
  return {
    ipProtocol: rule.protocol,
    fromPort: rule.ports?.[0],
    toPort: rule.ports?.[1],
    ipRanges: rule.cidrs.filter((cidr) => !cidr.includes(":")).map((cidrIp) => ({ cidrIp })),
    ipv6Ranges: rule.cidrs.filter((cidr) => cidr.includes(":")).map((cidrIpv6) => ({ cidrIpv6 })),
    groups: rule.groups.map((groupId) => ({ groupId, userId: account })),
    prefixListIds: rule.prefixLists.map((prefixListId) => ({ prefixListId })),
  };
}
