import { byId, type ReadAction, tagSet } from "./action.ts";
import { ApiError } from "./errors.ts";
import { applyFilters } from "./filters.ts";
import { pageOf } from "./paging.ts";
import type { RegionState } from "./state.ts";
import type { NetworkAcl } from "./world.ts";
import type { Xml } from "./xml.ts";

type ShownAcl = NetworkAcl & { readonly isDefault: boolean };

export const describeNetworkAcls: ReadAction = {
  kind: "read",
  parameters: new Set(["DryRun", "Filter.N.Name", "Filter.N.Value.N", "MaxResults", "NetworkAclId.N", "NextToken"]),
  run(state, parameters) {
    const all = byId(shown(state));
    const ids = parameters.list("NetworkAclId");
    for (const id of ids) {
      if (!all.some((acl) => acl.id === id)) {
        throw new ApiError("InvalidNetworkAclID.NotFound", `The networkAcl ID '${id}' does not exist`);
      }
    }
    const asked = ids.length === 0 ? all : all.filter((acl) => ids.includes(acl.id));
    const matching = applyFilters(asked, parameters.filters(), {
      tags: (acl) => acl.tags,
      fields: {
        "network-acl-id": (acl) => [acl.id],
        "vpc-id": (acl) => [acl.vpc],
        "owner-id": () => [state.account],
        default: (acl) => [String(acl.isDefault)],
        "association.subnet-id": (acl) => acl.subnets,
      },
    });
    const page = pageOf("DescribeNetworkAcls", matching, parameters, {
      least: 5,
      most: 1000,
      idsParameter: "NetworkAclId",
    });
    return { networkAclSet: page.items.map((acl) => renderAcl(state.account, acl)), nextToken: page.nextToken };
  },
};

/** Those that were seeded, and of each VPC the default one, which has every subnet that no other has. */
function shown(state: RegionState): readonly ShownAcl[] {
  const made = [...state.networkAcls.values()];
  const taken = new Set(made.flatMap(({ subnets }) => subnets));
  const defaults = [...state.vpcs.values()].map((vpc): ShownAcl => {
    const known = [
      ...[...state.interfaces.values()].filter((one) => one.vpc === vpc.id).map(({ subnet }) => subnet),
      ...[...state.tables.values()].filter((one) => one.vpc === vpc.id).flatMap(({ subnets }) => subnets),
    ];
    const subnets = [...new Set(known)].filter((subnet) => !taken.has(subnet)).sort();
    const entries = [false, true].map((egress) => {
      return { number: 100, egress, action: "allow" as const, protocol: "-1", cidr: "0.0.0.0/0" };
    });
    return { id: vpc.id.replace(/^vpc-/, "acl-"), vpc: vpc.id, subnets, tags: {}, entries, isDefault: true };
  });
  return [...made.map((acl) => ({ ...acl, isDefault: false })), ...defaults];
}

/** The last rule of every list, which cannot be taken out. */
const LAST = 32_767;

function renderAcl(account: string, { id, vpc, subnets, tags, entries, isDefault }: ShownAcl): Xml {
  const last = [false, true].map((egress) => {
    return { number: LAST, egress, action: "deny" as const, protocol: "-1", cidr: "0.0.0.0/0", ports: undefined };
  });
  return {
    networkAclId: id,
    vpcId: vpc,
    default: isDefault,
    ownerId: account,
    associationSet: subnets.map((subnetId) => ({
      networkAclAssociationId: `aclassoc-${subnetId.replace(/^subnet-/, "")}`,
      networkAclId: id,
      subnetId,
    })),
    entrySet: [...entries, ...last].map(({ number, egress, action, protocol, ports, cidr }) => ({
      ruleNumber: number,
      protocol,
      ruleAction: action,
      egress,
      ...(cidr.includes(":") ? { ipv6CidrBlock: cidr } : { cidrBlock: cidr }),
      portRange: ports && { from: ports[0], to: ports[1] },
    })),
    tagSet: tagSet(tags),
  };
}
