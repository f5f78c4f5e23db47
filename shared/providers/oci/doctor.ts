import type { Subnet } from "oci-core/lib/model/subnet.js";
import type { Vnic } from "oci-core/lib/model/vnic.js";
import type { OciCloud } from "../../domain/clouds/oci.ts";
import { type Finding, failed, passed, warned } from "../../domain/finding.ts";
import { doctorLimits } from "../../domain/limits.ts";
import { quotaFinding } from "../../domain/quota.ts";
import type { Clock } from "../../ports/clock.ts";
import type { CloudDoctor, ExaminedHost, ExaminedLocation } from "../../ports/cloud-doctor.ts";
import { outcomesOf } from "../common/examining.ts";
import { find, type OciSession, read } from "./call.ts";
import type { OciClient } from "./client.ts";
import { firewall } from "./doctor-firewall.ts";
import { type OciParts, ociClients } from "./open.ts";
import { claimedAddress, subnetsOfVcn } from "./targets.ts";

/** Opens doctors of OCI locations, under the identities that write their routes. */
export function openOciDoctor(parts: OciParts): (cloud: OciCloud) => CloudDoctor {
  const clientOf = ociClients(parts);
  return (cloud) => ociDoctor(cloud, clientOf(cloud), parts.clock);
}

/**
 * The checks of one location in one VCN. OCI has no dry run, and tells nobody what a policy allows: whether a table may
 * be changed shows in the last swap alone.
 */
export function ociDoctor({ region, compartment, vcn }: OciCloud, client: OciClient, clock: Clock): CloudDoctor {
  const session: OciSession = { client, clock, region, compartment, vcn };
  return {
    examine: (location, signal) =>
      outcomesOf([
        ...location.hosts.map((host) => {
          return ["interface", host.name, () => examineHost(session, location, host, signal)] as const;
        }),
        ["quota", location.name, async () => quotas(location)],
      ]),
  };
}

function quotas({ survey, destinations }: ExaminedLocation): readonly Finding[] {
  return (survey?.tables ?? []).flatMap((table) => {
    if (table.holds !== undefined && table.holds.kind !== "fixed") return [];
    const standing = (survey?.routes ?? []).filter((route) => route.table.key === table.key && route.isStatic);
    return [
      quotaFinding({
        about: table.id,
        what: "rules",
        standing: standing.length,
        missing: destinations.filter((one) => !standing.some((route) => route.destination === one)).length,
        quota: doctorLimits.ociRules,
        raise: "ask Oracle for a higher limit of route rules a table, or merge networks",
      }),
    ];
  });
}

async function examineHost(
  session: OciSession,
  location: ExaminedLocation,
  host: ExaminedHost,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const vnic = await vnicOf(session, host, signal);
  if (vnic === undefined) return [];
  const about = `${host.name} (${vnic.displayName ?? vnic.id})`;
  const { subnetId = "" } = vnic;
  const call = { operation: "GetSubnet", region: session.region, about: subnetId, absent: "TARGET_MISSING" } as const;
  const { subnet } = await read(session, call, (network) => network.getSubnet({ subnetId }), signal);
  const walls = await outcomesOf([["firewall", about, () => firewall(session, location, about, vnic, subnet, signal)]]);
  return [
    place(session, about, subnet),
    forwarding(session, about, vnic),
    ...override(location, about, vnic),
    ...walls,
  ];
}

/** The VNIC of a host, whether or not its routes may go there; undefined where `interface` tells already why not. */
async function vnicOf(session: OciSession, host: ExaminedHost, signal: AbortSignal): Promise<Vnic | undefined> {
  const { region } = session;
  const target = host.found ?? host.target;
  const addressOf = async (): Promise<string | undefined> => {
    if (!target.startsWith("ocid1.privateip.")) {
      return (await claimedAddress(session, host, () => subnetsOfVcn(session, signal), signal)).vnicId;
    }
    const call = { operation: "GetPrivateIp", region, about: target, absent: "TARGET_MISSING" } as const;
    const answer = await find(session, call, (network) => network.getPrivateIp({ privateIpId: target }), signal);
    return answer?.privateIp.vnicId;
  };
  const vnicId = target.startsWith("ocid1.vnic.") ? target : await addressOf();
  if (vnicId === undefined) return undefined;
  const call = { operation: "GetVnic", region, about: vnicId, absent: "TARGET_MISSING" } as const;
  return (await find(session, call, (network) => network.getVnic({ vnicId }), signal))?.vnic;
}

function place({ vcn }: OciSession, about: string, subnet: Subnet): Finding {
  if (subnet.vcnId === vcn) return passed("interface", about, "is in the location's VCN");
  const next = "give the host a target in the VCN of the location";
  return failed("interface", about, `is in ${subnet.vcnId}, the location's tables are in ${vcn}`, next);
}

function forwarding({ region }: OciSession, about: string, vnic: Vnic): Finding {
  if (vnic.skipSourceDestCheck === true) return passed("forwarding", about, "skipSourceDestCheck is on");
  const next = `oci network vnic update --vnic-id ${vnic.id} --skip-source-dest-check true, or \`pointsman doctor --fix\``;
  const text = "skipSourceDestCheck is off: OCI drops every packet that the host forwards";
  return {
    ...failed("forwarding", about, text, next),
    fix: { kind: "oci-skip-source-dest-check", region, vnic: vnic.id },
  };
}

/** A table of the VNIC's own goes before that of its subnet. */
function override(location: ExaminedLocation, about: string, { routeTableId }: Vnic): readonly Finding[] {
  if (!routeTableId) return [];
  const isOurs = location.survey?.tables.some(({ id }) => id === routeTableId) === true;
  const text = `its VNIC has a route table of its own, ${routeTableId}`;
  const next = isOurs
    ? "give it another: what the host decrypted would be sent back to it"
    : "see that this table leads to the location's networks and to the internet";
  return [warned("tables", about, text, next)];
}
