import type { ChangeAction } from "./action.ts";
import { missingInterface } from "./describe-network-interfaces.ts";
import { missingGroup } from "./describe-security-groups.ts";
import { ApiError, dryRun, invalidValue, missing } from "./errors.ts";
import type { Parameters } from "./parameters.ts";
import type { RegionState } from "./state.ts";
import type { NetworkInterface } from "./world.ts";

const CHECK = "SourceDestCheck.Value";

/** Source/destination check and security groups can be changed; everything else that the call has is refused. */
export const modifyNetworkInterfaceAttribute: ChangeAction = {
  kind: "change",
  parameters: new Set([
    "AssociatePublicIpAddress",
    "AssociatedSubnetId.N",
    "Attachment.AttachmentId",
    "Attachment.DefaultEnaQueueCount",
    "Attachment.DeleteOnTermination",
    "Attachment.EnaQueueCount",
    "ConnectionTrackingSpecification.TcpEstablishedTimeout",
    "ConnectionTrackingSpecification.UdpStreamTimeout",
    "ConnectionTrackingSpecification.UdpTimeout",
    "Description.Value",
    "DryRun",
    "EnaSrdSpecification.EnaSrdEnabled",
    "EnaSrdSpecification.EnaSrdUdpSpecification.EnaSrdUdpEnabled",
    "EnablePrimaryIpv6",
    "NetworkInterfaceId",
    "SecurityGroupId.N",
    CHECK,
  ]),
  subject: (parameters) => ({
    table: parameters.text("NetworkInterfaceId") ?? "",
    destination: "",
    target: parameters.text("NetworkInterfaceId") ?? null,
  }),
  run(state, parameters) {
    const id = parameters.text("NetworkInterfaceId");
    if (id === undefined) throw missing("networkInterfaceId");
    const found = state.interfaces.get(id);
    if (found === undefined) throw missingInterface(id);
    const changed = change(state, found, parameters);
    if (parameters.dryRun) throw dryRun();
    return { state: { ...state, interfaces: new Map(state.interfaces).set(id, changed) }, answer: { return: true } };
  },
};

/** One attribute a call, as EC2 has it. */
function change(state: RegionState, found: NetworkInterface, parameters: Parameters): NetworkInterface {
  const check = parameters.text(CHECK);
  const groups = parameters.list("SecurityGroupId");
  if (check !== undefined && groups.length > 0) {
    throw new ApiError("InvalidParameterCombination", "Only one attribute may be specified.");
  }
  if (check === "true" || check === "false") return { ...found, sourceDestCheck: check === "true" };
  if (check !== undefined) throw invalidValue("sourceDestCheck", check, "Expecting true or false");
  if (groups.length === 0) throw missing("attribute");
  for (const group of groups) if (!state.securityGroups.has(group)) throw missingGroup(group);
  return { ...found, groups: [...groups] };
}
