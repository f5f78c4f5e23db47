import { DescribeRouteTablesCommand, type Filter, type RouteTable } from "@aws-sdk/client-ec2";
import type { RouteTables } from "../../domain/clouds/route-tables.ts";
import { RouteError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { TableRef } from "../../ports/route-provider.ts";
import { pieces } from "../common/call.ts";
import { allPages, attemptRead, type Ec2Session } from "./call.ts";

/**
 * The tables of a location as EC2 describes them, in order of key, with their refs. Throws `RouteError`: TABLE_MISSING when a table that is named is not
 * there, when none has the tag, or the VPC has none; INVALID when a table belongs to another VPC.
 */
export async function locationTables(
  session: Ec2Session,
  wanted: RouteTables,
  signal: AbortSignal,
): Promise<readonly LocationTable[]> {
  const tables =
    wanted.by === "id" ? await namedTables(session, wanted.ids, signal) : await found(session, wanted, signal);
  const byId = new Map(tables.map((table) => [table.RouteTableId ?? "", table]));
  return [...byId]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, described]) => ({ ref: { key: `aws/${session.region}/${id}`, id }, described }));
}

export type LocationTable = { readonly ref: TableRef; readonly described: RouteTable };

/** Every table that matches the filters, all pages. Throws `RouteError`. */
async function describeTables(
  session: Ec2Session,
  filters: Filter[],
  about: string,
  signal: AbortSignal,
): Promise<readonly RouteTable[]> {
  const call = { action: "ec2:DescribeRouteTables", region: session.region, about, resource: "*" };
  return allPages(call, async (token) => {
    const command = new DescribeRouteTablesCommand({
      Filters: filters,
      MaxResults: limits.awsPageEntries,
      NextToken: token,
    });
    const send = (abortSignal: AbortSignal) => session.ec2.send(command, { abortSignal });
    const answer = await attemptRead(session.clock, call, send, signal);
    return { entries: answer.RouteTables ?? [], next: answer.NextToken };
  });
}

/** The tables with these ids; those that are not there are left out. Throws `RouteError`. */
export async function describeTablesById(
  session: Ec2Session,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly RouteTable[]> {
  const groups = await Promise.all(
    pieces(ids, limits.awsFilterValues).map((group) =>
      describeTables(session, [{ Name: "route-table-id", Values: group.map(literal) }], group.join(", "), signal),
    ),
  );
  return groups.flat();
}

async function namedTables(
  session: Ec2Session,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly RouteTable[]> {
  const tables = await describeTablesById(session, ids, signal);
  const missing = ids.filter((id) => !tables.some((table) => table.RouteTableId === id));
  if (missing.length > 0) {
    throw new RouteError("TABLE_MISSING", `aws: no route table ${missing.join(", ")} in ${session.region}`, {
      retry: "later",
      next: "correct the location's routeTables or region, or make the table again",
    });
  }
  const foreign = tables.find((table) => table.VpcId !== session.vpc);
  if (foreign === undefined) return tables;
  const { RouteTableId: id, VpcId: vpc } = foreign;
  throw new RouteError("INVALID", `aws: route table ${id} belongs to ${vpc}, the location to ${session.vpc}`, {
    retry: "never",
    next: `take ${id} out of the location's routeTables, or correct its vpc`,
  });
}

async function found(
  session: Ec2Session,
  wanted: Exclude<RouteTables, { by: "id" }>,
  signal: AbortSignal,
): Promise<readonly RouteTable[]> {
  const filters: Filter[] = [{ Name: "vpc-id", Values: [literal(session.vpc)] }];
  if (wanted.by === "tag") filters.push({ Name: `tag:${wanted.key}`, Values: [literal(wanted.value)] });
  const tables = await describeTables(session, filters, session.vpc, signal);
  if (tables.length > 0) return tables;

  const tag = wanted.by === "tag" ? ` with the tag ${wanted.key}=${wanted.value}` : "";
  throw new RouteError("TABLE_MISSING", `aws: ${session.vpc} (${session.region}) has no route table${tag}`, {
    retry: "later",
    next:
      wanted.by === "tag"
        ? `set the tag ${wanted.key}=${wanted.value} on the tables of ${session.vpc} that the routes belong into`
        : "correct the location's vpc or region",
  });
}

/** A filter value without the meaning that EC2 gives to `*`, `?` and the backslash. */
export function literal(value: string): string {
  return value.replace(/[\\*?]/g, "\\$&");
}
