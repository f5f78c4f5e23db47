import type { TableRef } from "../../ports/route-provider.ts";
import type { OciSession } from "./call.ts";

/** Whether what is named as a table is an address, in whatever cloud settings it was noted. */
export function isAddress({ id }: Pick<TableRef, "id">): boolean {
  return id.startsWith("ocid1.privateip.");
}

/** A table with what it holds: the networks at the floating address, if there is one. */
export function heldTable({ floatingIp: target }: Pick<OciSession, "floatingIp">, table: TableRef): TableRef {
  return target === undefined || isAddress(table) ? table : { ...table, holds: { kind: "fixed", target } };
}
