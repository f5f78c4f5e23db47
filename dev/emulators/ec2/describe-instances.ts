import { byId, type ReadAction, tagSet } from "./action.ts";
import { ATTACHED_AT, attachmentFields, interfaceFields } from "./describe-network-interfaces.ts";
import { ApiError } from "./errors.ts";
import { applyFilters, type FilterFields } from "./filters.ts";
import { pageOf } from "./paging.ts";
import type { RegionState } from "./state.ts";
import type { Instance, NetworkInterface } from "./world.ts";
import type { Xml } from "./xml.ts";

const STATE_CODES: Readonly<Record<Instance["state"], number>> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export const describeInstances: ReadAction = {
  kind: "read",
  parameters: new Set([
    "DryRun",
    "Filter.N.Name",
    "Filter.N.Value.N",
    "IncludeManagedResources",
    "InstanceId.N",
    "MaxResults",
    "NextToken",
  ]),
  run(state, parameters) {
    const ids = parameters.list("InstanceId");
    for (const id of ids) {
      if (!state.instances.has(id)) {
        throw new ApiError("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
      }
    }
    const all = byId(state.instances.values());
    const asked = ids.length === 0 ? all : all.filter((instance) => ids.includes(instance.id));
    const matching = applyFilters(asked, parameters.filters(), filterFields(state));
    const page = pageOf("DescribeInstances", matching, parameters, {
      least: 5,
      most: 1000,
      idsParameter: "InstanceId",
    });
    return {
      reservationSet: page.items.map((instance) => ({
        reservationId: instance.id.replace(/^i-/, "r-"),
        ownerId: state.account,
        groupSet: [],
        instancesSet: [renderInstance(state, instance)],
      })),
      nextToken: page.nextToken,
    };
  },
};

/** The interfaces of an instance, the primary one first. */
export function interfacesOf(state: RegionState, instanceId: string): readonly NetworkInterface[] {
  const index = (found: NetworkInterface) => found.attachment?.deviceIndex ?? 0;
  return [...state.interfaces.values()]
    .filter((found) => found.attachment?.instanceId === instanceId)
    .sort((a, b) => index(a) - index(b));
}

function filterFields(state: RegionState): FilterFields<Instance> {
  return {
    tags: (instance) => instance.tags,
    fields: {
      "instance-id": (instance) => [instance.id],
      "vpc-id": (instance) => [instance.vpc],
      "owner-id": () => [state.account],
      "instance-state-name": (instance) => [instance.state],
      "private-ip-address": (instance) =>
        interfacesOf(state, instance.id).flatMap((found) => found.addresses.slice(0, 1)),
    },
  };
}

function renderInstance(state: RegionState, instance: Instance): Xml {
  const interfaces = interfacesOf(state, instance.id);
  const primary = interfaces.find((found) => found.attachment?.deviceIndex === 0);
  return {
    instanceId: instance.id,
    instanceState: { code: STATE_CODES[instance.state], name: instance.state },
    launchTime: ATTACHED_AT,
    vpcId: instance.vpc,
    subnetId: primary?.subnet,
    privateIpAddress: primary?.addresses[0],
    sourceDestCheck: primary?.sourceDestCheck,
    groupSet: [],
    networkInterfaceSet: interfaces.map((found) => ({
      ...interfaceFields(state, found),
      attachment: found.attachment === null ? undefined : attachmentFields(found.id, found.attachment),
    })),
    tagSet: tagSet(instance.tags),
  };
}
