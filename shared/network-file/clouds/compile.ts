import type { Cloud } from "../../domain/clouds/cloud.ts";
import { defaults } from "../defaults.ts";
import type { CloudSection } from "./section.ts";
import { compileTables } from "./tables.ts";

type SectionOf<P extends CloudSection["provider"]> = Extract<CloudSection, { provider: P }>;

/** A cloud as it is stored: every default written out, ids in their canonical form. */
export function compileCloud(section: CloudSection): Cloud {
  const { executors } = section;
  const cloud = compileOwn(section);
  return executors === undefined
    ? cloud
    : { ...cloud, executors: executors.map(({ url, id, key }) => ({ url, id, key })) };
}

function compileOwn(section: CloudSection): Cloud {
  switch (section.provider) {
    case "aws":
      return compileAws(section);
    case "azure":
      return compileAzure(section);
    case "gcp": {
      const { project, network, identity } = section;
      const priority = section.priority ?? defaults.gcp.priority;
      const isEntered = identity && {
        audience: identity.audience,
        ...(identity.serviceAccount === undefined ? {} : { serviceAccount: identity.serviceAccount }),
      };
      const tables = { by: "network" } as const;
      return {
        provider: "gcp",
        project,
        network,
        priority,
        routeTables: tables,
        ...(isEntered && { identity: isEntered }),
      };
    }
    case "oci": {
      const { region, compartment, vcn, floatingIp, identity } = section;
      const routeTables = compileTables(section.routeTables);
      return {
        provider: "oci",
        region,
        compartment,
        vcn,
        routeTables,
        ...(floatingIp === undefined ? {} : { floatingIp }),
        ...(identity && { identity: { secret: identity.secret } }),
      };
    }
    case "hetzner": {
      const { network, token } = section;
      return { provider: "hetzner", network, routeTables: { by: "network" }, token };
    }
    default:
      return section satisfies never;
  }
}

function compileAws({ region, vpc, routeTables, prefixList, assumeRole }: SectionOf<"aws">): Cloud {
  return {
    provider: "aws",
    region,
    vpc,
    routeTables: compileTables(routeTables),
    ...(prefixList && { prefixList: { maxEntries: prefixList.maxEntries } }),
    ...(assumeRole && { assumeRole: { roleArn: assumeRole.roleArn, externalId: assumeRole.externalId } }),
  };
}

/** Azure compares names and ids without regard to case. */
function compileAzure(section: SectionOf<"azure">): Cloud {
  const subscription = section.subscription.toLowerCase();
  const resourceGroup = section.resourceGroup.toLowerCase();
  const folder = `/subscriptions/${subscription}/resourcegroups/${resourceGroup}/providers/microsoft.network/routetables`;
  const idOf = (table: string) => (table.startsWith("/") ? table.toLowerCase() : `${folder}/${table.toLowerCase()}`);
  const { identity } = section;
  return {
    provider: "azure",
    subscription,
    resourceGroup,
    virtualNetwork: section.virtualNetwork.toLowerCase(),
    routeTables: compileTables(section.routeTables, idOf),
    ...(identity && { identity: { tenant: identity.tenant.toLowerCase(), client: identity.client.toLowerCase() } }),
  };
}
