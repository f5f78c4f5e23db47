import type { AwsCloud } from "./aws.ts";
import type { AzureCloud } from "./azure.ts";
import type { GcpCloud } from "./gcp.ts";
import type { HetznerCloud } from "./hetzner.ts";
import type { OciCloud } from "./oci.ts";

/** Where a location's routes live. One member a provider. */
export type Cloud = AwsCloud | AzureCloud | GcpCloud | OciCloud | HetznerCloud;
export type ProviderName = Cloud["provider"];

/** Names the network of a cloud among all networks of all clouds. */
export function networkKey(cloud: Cloud): string {
  switch (cloud.provider) {
    case "aws":
      return `aws/${cloud.region}/${cloud.vpc}`;
    case "azure":
      return `azure/${cloud.subscription}/${cloud.resourceGroup}/${cloud.virtualNetwork}`;
    case "gcp":
      return `gcp/${cloud.project}/${cloud.network}`;
    case "oci":
      return `oci/${cloud.region}/${cloud.vcn}`;
    case "hetzner":
      return `hetzner/${cloud.network}`;
    default:
      return cloud satisfies never;
  }
}

/** Whether the route tables of two clouds are in the same network: the same VPC. */
export function isSameNetwork(a: Cloud, b: Cloud): boolean {
  return networkKey(a) === networkKey(b);
}

/** Whether a table (by the cloud's own id) in the same network can be one of the tables that a cloud means. */
export function mayMean(cloud: Cloud, tableId: string): boolean {
  return cloud.routeTables.by !== "id" || cloud.routeTables.ids.includes(tableId) || isMovedAddress(cloud, tableId);
}

/** Whether what is noted as a table is an address that is moved from host to host: it holds itself alone, and no network. */
export function isMovedAddress(cloud: Cloud, tableId: string): boolean {
  return cloud.provider === "oci" && cloud.floatingIp === tableId;
}

/** Whether a location's networks are kept in lists, and its tables hold routes for these. */
export function keepsLists(cloud: Cloud): boolean {
  return cloud.provider === "aws" && cloud.prefixList !== undefined;
}

/** The same cloud with one of its tables at a time, where it names several; undefined where it does not. */
export function tableByTable(cloud: Cloud): readonly Cloud[] | undefined {
  const { routeTables } = cloud;
  if (routeTables.by !== "id" || routeTables.ids.length < 2) return undefined;
  if (cloud.provider === "gcp" || cloud.provider === "hetzner") return undefined;
  return routeTables.ids.map((id) => ({ ...cloud, routeTables: { by: "id", ids: [id] } }));
}

/** Where a location's routes live and how they are kept, as text. Routes that a change of it leaves belong to an older generation. */
export function placeKey(cloud: Cloud): string {
  const tables = tablesText(cloud.routeTables);
  const parts: readonly string[] = [networkKey(cloud), tables];
  switch (cloud.provider) {
    case "aws":
      return JSON.stringify([...parts, cloud.assumeRole?.roleArn ?? "", cloud.prefixList === undefined ? "" : "list"]);
    case "oci":
      return JSON.stringify([...parts, cloud.floatingIp ?? ""]);
    default:
      return JSON.stringify(parts);
  }
}

/** The address families that Pointsman can route to a host in the cloud; docs/clouds says why not both. */
export function familiesOf({ provider }: Cloud): ReadonlySet<4 | 6> {
  switch (provider) {
    case "aws":
      return new Set([4, 6]);
    case "azure":
    case "gcp":
    case "oci":
    case "hetzner":
      return new Set([4]);
    default:
      return provider satisfies never;
  }
}

/** A cloud in one line: its network and its tables. */
export function cloudText(cloud: Cloud): string {
  const network = networkKey(cloud).replaceAll("/", " ");
  const { routeTables } = cloud;
  switch (routeTables.by) {
    case "id":
      return `${network}, ${routeTables.ids.join(" ")}`;
    case "tag":
      return `${network}, tables tagged ${routeTables.key}=${routeTables.value}`;
    case "network":
      return `${network}, all tables`;
    default:
      return routeTables satisfies never;
  }
}

/** A choice of route tables as one text. */
export function tablesText(tables: Cloud["routeTables"]): string {
  switch (tables.by) {
    case "id":
      return tables.ids.join(", ");
    case "tag":
      return `tag ${tables.key}=${tables.value}`;
    case "network":
      return "all";
    default:
      return tables satisfies never;
  }
}
