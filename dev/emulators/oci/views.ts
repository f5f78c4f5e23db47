import type { PrivateIp, State, Table } from "./state.ts";
import type { SecurityGroup, SecurityList, Subnet, Vcn, Vnic } from "./world.ts";

const TIME_CREATED = "2026-01-01T00:00:00.000Z";
const DOMAIN = "Uocm:PHX-AD-1";

/** A route table as the API shows it. */
export function tableView(table: Table) {
  return {
    compartmentId: table.compartment,
    definedTags: {},
    displayName: table.id.split(".").at(-1) ?? "",
    freeformTags: table.freeformTags,
    id: table.id,
    lifecycleState: table.lifecycleState,
    routeRules: table.rules,
    timeCreated: TIME_CREATED,
    vcnId: table.vcn,
  };
}

/** A private IP as the API shows it. */
export function privateIpView(ip: PrivateIp) {
  return {
    availabilityDomain: DOMAIN,
    compartmentId: ip.compartment,
    definedTags: {},
    displayName: ip.address,
    freeformTags: {},
    id: ip.id,
    ipAddress: ip.address,
    ipState: ip.vnic === null ? "AVAILABLE" : "ASSIGNED",
    isPrimary: ip.isPrimary,
    lifetime: ip.lifetime,
    subnetId: ip.subnet,
    timeCreated: TIME_CREATED,
    ...(ip.vnic !== null && { vnicId: ip.vnic }),
  };
}

/** A VNIC as the API shows it. */
export function vnicView(vnic: Vnic) {
  return {
    availabilityDomain: DOMAIN,
    compartmentId: vnic.compartment,
    definedTags: {},
    displayName: vnic.id.split(".").at(-1) ?? "",
    freeformTags: vnic.freeformTags,
    id: vnic.id,
    isPrimary: true,
    lifecycleState: "AVAILABLE",
    macAddress: "02:00:17:00:00:01",
    nsgIds: vnic.nsgs,
    privateIp: vnic.address,
    ...(vnic.routeTable !== undefined && { routeTableId: vnic.routeTable }),
    skipSourceDestCheck: vnic.skipSourceDestCheck,
    subnetId: vnic.subnet,
    timeCreated: TIME_CREATED,
  };
}

/** A subnet as the API shows it. */
export function subnetView(state: State, subnet: Subnet) {
  const table = [...state.tables.values()].find(({ vcn }) => vcn === subnet.vcn);
  return {
    cidrBlock: subnet.cidr,
    compartmentId: subnet.compartment,
    definedTags: {},
    displayName: subnet.id.split(".").at(-1) ?? "",
    freeformTags: {},
    id: subnet.id,
    lifecycleState: "AVAILABLE",
    prohibitInternetIngress: true,
    prohibitPublicIpOnVnic: true,
    routeTableId: table?.id ?? "",
    securityListIds: subnet.securityLists,
    timeCreated: TIME_CREATED,
    vcnId: subnet.vcn,
    virtualRouterIp: subnet.cidr.replace(/\d+\/\d+$/, "1"),
    virtualRouterMac: "00:00:17:00:00:01",
  };
}

/** A VCN as the API shows it. */
export function vcnView(vcn: Vcn) {
  return {
    cidrBlock: vcn.cidrs[0] ?? "",
    cidrBlocks: vcn.cidrs,
    compartmentId: vcn.compartment,
    definedTags: {},
    displayName: vcn.id.split(".").at(-1) ?? "",
    freeformTags: {},
    id: vcn.id,
    lifecycleState: "AVAILABLE",
    timeCreated: TIME_CREATED,
  };
}

/** A security list as the API shows it. */
export function securityListView(list: SecurityList) {
  return {
    compartmentId: list.compartment,
    definedTags: {},
    displayName: list.id.split(".").at(-1) ?? "",
    egressSecurityRules: [],
    freeformTags: {},
    id: list.id,
    ingressSecurityRules: list.ingress.map(({ protocol, source, sourceType, ports }) => {
      const options = ports && { destinationPortRange: { min: ports[0], max: ports[1] } };
      return {
        isStateless: false,
        protocol,
        source,
        sourceType,
        ...(options && protocol === "6" && { tcpOptions: options }),
        ...(options && protocol === "17" && { udpOptions: options }),
      };
    }),
    lifecycleState: "AVAILABLE",
    timeCreated: TIME_CREATED,
    vcnId: list.vcn,
  };
}

/** A rule of a network security group as the API shows it. `at`: its place in the group. */
export function groupRuleView(rule: SecurityGroup["rules"][number], at: number) {
  const { direction, protocol, source, sourceType, ports, isValid } = rule;
  const options = ports && { destinationPortRange: { min: ports[0], max: ports[1] } };
  return {
    ...(direction === "INGRESS" ? { source, sourceType } : { destination: source, destinationType: sourceType }),
    direction,
    id: (at + 1).toString(16).toUpperCase().padStart(6, "0"),
    isStateless: false,
    isValid,
    protocol,
    ...(options && protocol === "6" && { tcpOptions: options }),
    ...(options && protocol === "17" && { udpOptions: options }),
    timeCreated: TIME_CREATED,
  };
}
