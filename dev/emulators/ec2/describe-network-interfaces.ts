import { byId, type ReadAction, tagSet } from "./action.ts";
import { ApiError } from "./errors.ts";
import { applyFilters, type FilterFields } from "./filters.ts";
import { pageOf } from "./paging.ts";
import type { RegionState } from "./state.ts";
import type { NetworkInterface } from "./world.ts";
import type { Xml } from "./xml.ts";

/** Nothing that is emulated depends on when an interface was attached. */
export const ATTACHED_AT = new Date("2024-01-01T00:00:00.000Z");

export const describeNetworkInterfaces: ReadAction = {
  kind: "read",
  parameters: new Set([
    "DryRun",
    "Filter.N.Name",
    "Filter.N.Value.N",
    "IncludeManagedResources",
    "MaxResults",
    "NetworkInterfaceId.N",
    "NextToken",
  ]),
  run(state, parameters) {
    const ids = parameters.list("NetworkInterfaceId");
    for (const id of ids) {
      if (!state.interfaces.has(id)) throw missingInterface(id);
    }
    const all = byId(state.interfaces.values());
    const asked = ids.length === 0 ? all : all.filter((found) => ids.includes(found.id));
    const matching = applyFilters(asked, parameters.filters(), filterFields(state));
    const page = pageOf("DescribeNetworkInterfaces", matching, parameters, {
      least: 5,
      most: 1000,
      idsParameter: "NetworkInterfaceId",
    });
    return {
      networkInterfaceSet: page.items.map((found) => renderInterface(state, found)),
      nextToken: page.nextToken,
    };
  },
};

/** What EC2 answers when an interface is not there. */
export function missingInterface(id: string): ApiError {
  return new ApiError("InvalidNetworkInterfaceID.NotFound", `The networkInterface ID '${id}' does not exist`);
}

function filterFields(state: RegionState): FilterFields<NetworkInterface> {
  const attached = <T>(read: (attachment: { instanceId: string; deviceIndex: number }) => T) => {
    return (found: NetworkInterface): readonly T[] => (found.attachment === null ? [] : [read(found.attachment)]);
  };
  return {
    tags: (found) => found.tags,
    fields: {
      "network-interface-id": (found) => [found.id],
      "vpc-id": (found) => [found.vpc],
      "subnet-id": (found) => [found.subnet],
      "owner-id": () => [state.account],
      "private-ip-address": (found) => found.addresses.slice(0, 1),
      "addresses.private-ip-address": (found) => found.addresses,
      "ipv6-addresses.ipv6-address": (found) => found.ipv6Addresses,
      status: (found) => [found.attachment === null ? "available" : "in-use"],
      "attachment.instance-id": attached((attachment) => attachment.instanceId),
      "attachment.device-index": attached((attachment) => String(attachment.deviceIndex)),
    },
  };
}

function renderInterface(state: RegionState, found: NetworkInterface): Xml {
  const { attachment } = found;
  return {
    ...interfaceFields(state, found),
    attachment:
      attachment === null
        ? undefined
        : {
            ...attachmentFields(found.id, attachment),
            instanceId: attachment.instanceId,
            instanceOwnerId: state.account,
          },
    requesterManaged: false,
    tagSet: tagSet(found.tags),
  };
}

/** The fields that an interface has both alone and as a part of its instance. */
export function interfaceFields(state: RegionState, found: NetworkInterface): { readonly [name: string]: Xml } {
  return {
    networkInterfaceId: found.id,
    subnetId: found.subnet,
    vpcId: found.vpc,
    ownerId: state.account,
    description: "",
    interfaceType: "interface",
    status: found.attachment === null ? "available" : "in-use",
    sourceDestCheck: found.sourceDestCheck,
    privateIpAddress: found.addresses[0],
    privateIpAddressesSet: found.addresses.map((privateIpAddress, place) => ({
      privateIpAddress,
      primary: place === 0,
    })),
    ipv6AddressesSet: found.ipv6Addresses.map((ipv6Address) => ({ ipv6Address })),
    groupSet: found.groups.map((groupId) => ({ groupId, groupName: groupId })),
  };
}

/** How an interface is attached, as EC2 shows it both at the interface and at the instance. */
export function attachmentFields(
  id: string,
  attachment: { readonly deviceIndex: number },
): { readonly [name: string]: Xml } {
  return {
    attachmentId: id.replace(/^eni-/, "eni-attach-"),
    attachTime: ATTACHED_AT,
    deleteOnTermination: false,
    deviceIndex: attachment.deviceIndex,
    networkCardIndex: 0,
    status: "attached",
  };
}
