import type { RouteRule, RouteTable, SecurityGroup, SecurityList, Subnet, Vcn, Vnic, World } from "./world.ts";

/** `busyUntilMs`: another change of it is under way until then, by the monotonic clock. */
export type Table = RouteTable & { readonly etag: string; readonly busyUntilMs: number };
export type PrivateIp = {
  readonly id: string;
  readonly subnet: string;
  readonly compartment: string;
  readonly address: string;
  readonly vnic: string | null;
  readonly isPrimary: boolean;
  readonly lifetime: "EPHEMERAL" | "RESERVED";
  readonly etag: string;
};

/** Everything that stands at one moment. Never changed in place, so that an older one can still be read. */
export type State = {
  readonly ruleQuota: number;
  readonly apiKeys: ReadonlyMap<string, string>;
  readonly vcns: ReadonlyMap<string, Vcn>;
  readonly subnets: ReadonlyMap<string, Subnet>;
  readonly vnics: ReadonlyMap<string, Vnic>;
  readonly securityLists: ReadonlyMap<string, SecurityList>;
  readonly securityGroups: ReadonlyMap<string, SecurityGroup>;
  readonly privateIps: ReadonlyMap<string, PrivateIp>;
  readonly tables: ReadonlyMap<string, Table>;
};

/** Makes an etag that was not there before. */
export type MakeEtag = () => string;

export const emptyState: State = {
  ruleQuota: 200,
  apiKeys: new Map(),
  vcns: new Map(),
  subnets: new Map(),
  vnics: new Map(),
  securityLists: new Map(),
  securityGroups: new Map(),
  privateIps: new Map(),
  tables: new Map(),
};

/** Adds what a world names; what has an id that is there already is replaced. */
export function withWorld(state: State, world: World, etag: MakeEtag): State {
  const vnics = new Map(state.vnics);
  const privateIps = new Map(state.privateIps);
  for (const vnic of world.vnics) {
    const { subnet, compartment, address } = vnic;
    const id = vnic.privateIp ?? primaryOf(vnic.id);
    vnics.set(vnic.id, { ...vnic, privateIp: id });
    privateIps.set(id, {
      id,
      subnet,
      compartment,
      address,
      vnic: vnic.id,
      isPrimary: true,
      lifetime: "EPHEMERAL",
      etag: etag(),
    });
  }
  for (const ip of world.secondaryIps) privateIps.set(ip.id, { ...ip, isPrimary: false, etag: etag() });
  const tables = new Map(state.tables);
  for (const table of world.routeTables) {
    tables.set(table.id, { ...table, rules: table.rules.map(asStored), etag: etag(), busyUntilMs: 0 });
  }
  return {
    ruleQuota: world.ruleQuota ?? state.ruleQuota,
    apiKeys: new Map([...state.apiKeys, ...Object.entries(world.apiKeys)]),
    vcns: new Map([...state.vcns, ...world.vcns.map((vcn) => [vcn.id, vcn] as const)]),
    subnets: new Map([...state.subnets, ...world.subnets.map((subnet) => [subnet.id, subnet] as const)]),
    vnics,
    securityLists: new Map([...state.securityLists, ...world.securityLists.map((list) => [list.id, list] as const)]),
    securityGroups: new Map([
      ...state.securityGroups,
      ...world.networkSecurityGroups.map((group) => [group.id, group] as const),
    ]),
    privateIps,
    tables,
  };
}

/** A state as a world that makes it again. */
export function worldOf(state: State): World {
  return {
    apiKeys: Object.fromEntries(state.apiKeys),
    ruleQuota: state.ruleQuota,
    vcns: [...state.vcns.values()],
    subnets: [...state.subnets.values()],
    vnics: [...state.vnics.values()],
    securityLists: [...state.securityLists.values()],
    networkSecurityGroups: [...state.securityGroups.values()],
    secondaryIps: [...state.privateIps.values()]
      .filter(({ isPrimary }) => !isPrimary)
      .map(({ isPrimary: _, etag: __, ...rest }) => rest),
    routeTables: [...state.tables.values()].map(({ etag: _, busyUntilMs: __, ...rest }) => ({
      ...rest,
      rules: [...rest.rules],
    })),
  };
}

/** OCID of the primary private IP of a VNIC that none was given for. */
export function primaryOf(vnicId: string): string {
  return vnicId.replace(/^ocid1\.vnic\./, "ocid1.privateip.");
}

/** A rule as OCI keeps it: under its new name too where only the old one was given, and with its type. */
export function asStored(rule: RouteRule): RouteRule {
  const named =
    rule.destination === undefined
      ? { ...rule, destination: rule.cidrBlock, destinationType: "CIDR_BLOCK" as const }
      : rule;
  return { ...named, routeType: rule.routeType ?? "STATIC" };
}

export function withTable(state: State, table: Table): State {
  return { ...state, tables: new Map(state.tables).set(table.id, table) };
}

export function withPrivateIp(state: State, ip: PrivateIp): State {
  return { ...state, privateIps: new Map(state.privateIps).set(ip.id, ip) };
}

/** Without a VNIC and its ephemeral private IPs. Reserved ones stay, on no VNIC. */
export function withoutVnic(state: State, id: string, etag: MakeEtag): State {
  const vnics = new Map(state.vnics);
  vnics.delete(id);
  const privateIps = new Map<string, PrivateIp>();
  for (const ip of state.privateIps.values()) {
    if (ip.vnic !== id) privateIps.set(ip.id, ip);
    else if (ip.lifetime === "RESERVED") privateIps.set(ip.id, { ...ip, vnic: null, etag: etag() });
  }
  return { ...state, vnics, privateIps };
}

/** Whether packets that a rule takes arrive anywhere. */
export function ruleState(state: State, { networkEntityId: target }: RouteRule): "active" | "blackhole" {
  if (!target.startsWith("ocid1.privateip.")) return "active";
  const vnic = state.privateIps.get(target)?.vnic;
  const found = vnic ? state.vnics.get(vnic) : undefined;
  return found?.skipSourceDestCheck === true ? "active" : "blackhole";
}
