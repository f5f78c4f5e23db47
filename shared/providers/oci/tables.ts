import type { RouteTable } from "oci-core/lib/model/route-table.js";
import type { RouteTables } from "../../domain/clouds/route-tables.ts";
import { RouteError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { TableRef } from "../../ports/route-provider.ts";
import { inLane } from "../common/write-run.ts";
import { find, list, type OciSession } from "./call.ts";

export type LocationTable = { readonly ref: TableRef; readonly found: RouteTable };

/**
 * The tables of a location as OCI shows them, in order of key. Throws `RouteError`: TABLE_MISSING when a table that is
 * named is not there, when none has the tag, or the VCN has none in the location's compartment; INVALID when a table
 * belongs to another VCN.
 */
export async function locationTables(
  session: OciSession,
  wanted: RouteTables,
  signal: AbortSignal,
): Promise<readonly LocationTable[]> {
  const tables =
    wanted.by === "id" ? await namedTables(session, wanted.ids, signal) : await chosen(session, wanted, signal);
  return [...tables]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((found) => ({ ref: { key: `oci/${session.region}/${found.id}`, id: found.id }, found }));
}

/**
 * The tables with these ids, once each; those that are gone are left out. One listing shows those in the location's
 * compartment; the others are asked for by themselves. Throws `RouteError`.
 */
export async function tablesById(
  session: OciSession,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly RouteTable[]> {
  const wanted = new Set(ids);
  const found = new Map<string, RouteTable>();
  if (wanted.size > limits.ociTablesByName) {
    for (const table of await listTables(session, signal)) if (wanted.has(table.id)) found.set(table.id, table);
  }
  await inLane(
    [...wanted].filter((id) => !found.has(id)),
    async (id) => {
      const table = await findTable(session, id, signal);
      if (table !== undefined) found.set(id, table);
    },
  );
  return [...wanted].flatMap((id) => found.get(id) ?? []);
}

async function listTables(session: OciSession, signal: AbortSignal): Promise<readonly RouteTable[]> {
  const { region, compartment, vcn } = session;
  const call = { operation: "ListRouteTables", region, about: vcn, absent: "TABLE_MISSING" } as const;
  const query = { compartmentId: compartment, vcnId: vcn, limit: limits.ociPageEntries };
  const tables = await list(session, call, (network, page) => network.listRouteTables({ ...query, ...page }), signal);
  return tables.filter(isThere);
}

async function findTable(session: OciSession, id: string, signal: AbortSignal): Promise<RouteTable | undefined> {
  const call = { operation: "GetRouteTable", region: session.region, about: id, absent: "TABLE_MISSING" } as const;
  const answer = await find(session, call, (network) => network.getRouteTable({ rtId: id }), signal);
  return answer !== undefined && isThere(answer.routeTable) ? answer.routeTable : undefined;
}

/** OCI shows what was deleted for a while. */
export function isThere({ lifecycleState }: { readonly lifecycleState: string }): boolean {
  return lifecycleState !== "TERMINATING" && lifecycleState !== "TERMINATED";
}

async function namedTables(
  session: OciSession,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly RouteTable[]> {
  const tables = await tablesById(session, ids, signal);
  const missing = ids.filter((id) => !tables.some((table) => table.id === id));
  if (missing.length > 0) {
    throw new RouteError("TABLE_MISSING", `oci: no route table ${missing.join(", ")} for us in ${session.region}`, {
      retry: "later",
      next: "correct the location's routeTables or region, or allow ROUTE_TABLE_READ in the table's compartment: OCI tells no difference",
    });
  }
  const foreign = tables.find((table) => table.vcnId !== session.vcn);
  if (foreign === undefined) return tables;
  throw new RouteError("INVALID", `oci: ${foreign.id} belongs to ${foreign.vcnId}, the location to ${session.vcn}`, {
    retry: "never",
    next: `take ${foreign.id} out of the location's routeTables, or correct its vcn`,
  });
}

async function chosen(
  session: OciSession,
  wanted: Exclude<RouteTables, { by: "id" }>,
  signal: AbortSignal,
): Promise<readonly RouteTable[]> {
  const all = await listTables(session, signal);
  const tables = wanted.by === "tag" ? all.filter((table) => table.freeformTags?.[wanted.key] === wanted.value) : all;
  if (tables.length > 0) return tables;
  const tag = wanted.by === "tag" ? ` with the freeform tag ${wanted.key}=${wanted.value}` : "";
  throw new RouteError("TABLE_MISSING", `oci: ${session.vcn} has no route table${tag} in ${session.compartment}`, {
    retry: "later",
    next:
      wanted.by === "tag"
        ? `set the freeform tag ${wanted.key}=${wanted.value} on the tables that the routes belong into`
        : "correct the location's vcn, compartment or region",
  });
}
