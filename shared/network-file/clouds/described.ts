import { type Cloud, tablesText } from "../../domain/clouds/cloud.ts";
import type { Settings } from "../described.ts";

const fields = [
  "provider",
  "region",
  "vpc",
  "subscription",
  "resourceGroup",
  "virtualNetwork",
  "project",
  "compartment",
  "vcn",
  "network",
  "routeTables",
  "priority",
  "prefixList.maxEntries",
  "floatingIp",
  "token",
  "assumeRole.roleArn",
  "assumeRole.externalId",
  "identity.tenant",
  "identity.client",
  "identity.audience",
  "identity.serviceAccount",
  "identity.secret",
  "executors",
] as const;

type Plain = string | number | null | undefined;
type Part = Plain | { readonly [name: string]: Plain };

/** The settings of a cloud, by the name of their field in a network file; all of them, so that two clouds can be compared. */
export function describeCloud(cloud: Cloud | undefined): Settings {
  const set: Record<string, string | number | null> = {};
  for (const field of fields) set[`cloud.${field}`] = null;
  if (cloud === undefined) return set;
  const { routeTables, executors } = cloud;
  for (const [name, value] of Object.entries<Part>({ ...cloud, routeTables: null, executors: null })) {
    if (typeof value !== "object") set[`cloud.${name}`] = value ?? null;
    else for (const [part, inner] of Object.entries(value ?? {})) set[`cloud.${name}.${part}`] = inner ?? null;
  }
  if (executors !== undefined) {
    set["cloud.executors"] = executors.map(({ url, id, key }) => `${id} at ${url} with ${key}`).join(", ");
  }
  const hasChoice = cloud.provider !== "gcp" && cloud.provider !== "hetzner";
  if (hasChoice) set["cloud.routeTables"] = tablesText(routeTables);
  return set;
}
