import { CreateRouteCommand, DeleteRouteCommand, ReplaceRouteCommand } from "@aws-sdk/client-ec2";
import { familyOf } from "../../domain/cidr.ts";
import { RouteError } from "../../domain/errors.ts";
import { type Finding, failed, passed, warned } from "../../domain/finding.ts";
import { doctorLimits, limits } from "../../domain/limits.ts";
import { inParallel } from "../../platform/parallel.ts";
import type { ExaminedLocation } from "../../ports/cloud-doctor.ts";
import type { TableRef } from "../../ports/route-provider.ts";
import { attempt, type Ec2Session } from "./call.ts";
import type { Call } from "./errors.ts";

type Action = "CreateRoute" | "ReplaceRoute" | "DeleteRoute";

/** What a dry run is tried with: the call with `DryRun` set, which EC2 judges and never carries out. */
type Trial = {
  readonly table: TableRef;
  readonly action: Action;
  readonly destination: string;
  readonly target: string;
};

/**
 * Tries by dry runs whether the routes of each table may be written, table by table since a policy may tell them apart:
 * `DryRunOperation` says yes, `UnauthorizedOperation` no. Throws nothing that one trial came to.
 */
export async function permissions(
  session: Ec2Session,
  location: ExaminedLocation,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const all = location.survey?.tables ?? [];
  const tried = all.slice(0, doctorLimits.dryRunTables);
  const target = location.hosts.find((host) => host.found !== undefined && host.isActive) ?? location.hosts[0];
  const interfaceId = target?.found;
  if (tried.length === 0 || location.destinations.length === 0) return [];
  if (interfaceId === undefined) {
    const next = "correct what is said of the hosts' interfaces, then examine again";
    return [warned("permissions", location.name, "not tried: no interface of a host is known", next)];
  }
  const found = await inParallel(tried, limits.routeCallsAtOnce, (table) =>
    judgeTable(session, location, table, interfaceId, signal),
  );
  if (all.length === tried.length) return found.flat();
  const text = `tried on ${tried.length} of ${all.length} tables, to leave swaps their rate of calls`;
  return [...found.flat(), passed("permissions", location.name, text)];
}

async function judgeTable(
  session: Ec2Session,
  location: ExaminedLocation,
  table: TableRef,
  target: string,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const standing = (location.survey?.routes ?? []).filter(
    (route) => route.table.key === table.key && route.isStatic && location.destinations.includes(route.destination),
  );
  const [some = ""] = location.destinations;
  const absent = location.destinations.find((one) => !standing.some((route) => route.destination === one)) ?? some;
  // Rather at a route that points at a link host than at anybody else's.
  const ours = standing.find((route) => location.hosts.some((host) => host.found === route.target));
  const there = ours?.destination ?? absent;
  const trials: readonly Trial[] = [
    { table, action: "CreateRoute", destination: absent, target },
    { table, action: "ReplaceRoute", destination: there, target },
    ...(location.removeRoutes ? [{ table, action: "DeleteRoute", destination: there, target } as const] : []),
  ];
  const results = await Promise.all(trials.map((trial) => judge(session, trial, signal)));
  const wrong = results.filter((one) => one !== undefined);
  if (wrong.length > 0) return wrong;
  return [passed("permissions", table.id, `allowed: ${trials.map(({ action }) => `ec2:${action}`).join(", ")}`)];
}

/** Undefined where the call is allowed: also where EC2 says that it would fail for what stands there now. */
async function judge(session: Ec2Session, trial: Trial, signal: AbortSignal): Promise<Finding | undefined> {
  const { table, action, destination } = trial;
  const call: Call = {
    action: `ec2:${action}`,
    region: session.region,
    about: `${destination} in ${table.id}, as a dry run`,
    resource: `route-table/${table.id}`,
  };
  try {
    await attempt(session.clock, call, (abortSignal) => dryRun(session, trial, abortSignal), signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof RouteError)) throw error;
    if (error.code === "ROUTE_EXISTS" || error.code === "ROUTE_MISSING" || error.code === "QUOTA") return undefined;
    if (error.code === "DENIED") return failed("permissions", table.id, `${call.action} is refused`, error.next);
    return warned("permissions", table.id, `${call.action} could not be tried: ${error.message}`, error.next);
  }
}

/** Resolves when EC2 would carry the call out. The flag is set here and nowhere else, for every call alike. */
async function dryRun(session: Ec2Session, trial: Trial, abortSignal: AbortSignal): Promise<void> {
  const { table, action, destination, target } = trial;
  const where = {
    DryRun: true,
    RouteTableId: table.id,
    ...(familyOf(destination) === 6
      ? { DestinationIpv6CidrBlock: destination }
      : { DestinationCidrBlock: destination }),
  };
  try {
    if (action === "DeleteRoute") await session.ec2.send(new DeleteRouteCommand(where), { abortSignal });
    else {
      const Command = action === "CreateRoute" ? CreateRouteCommand : ReplaceRouteCommand;
      await session.ec2.send(new Command({ ...where, NetworkInterfaceId: target }), { abortSignal });
    }
  } catch (error) {
    if (error instanceof Error && error.name === "DryRunOperation") return;
    throw error;
  }
}
