import type { Cloud } from "./network.ts";

/** Whether the route tables of two clouds are in the same network: the same VPC. */
export function isSameNetwork(a: Cloud, b: Cloud): boolean {
  return a.provider === b.provider && a.region === b.region && a.vpc === b.vpc;
}

/** Whether a table (by the cloud's own id) in the same network can be one of the tables that a cloud means. */
export function mayMean(cloud: Cloud, tableId: string): boolean {
  return cloud.routeTables.by !== "id" || cloud.routeTables.ids.includes(tableId);
}
