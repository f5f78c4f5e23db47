import {
  CreateRouteCommand,
  DeleteRouteCommand,
  ModifyManagedPrefixListCommand,
  ReplaceRouteCommand,
} from "@aws-sdk/client-ec2";
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
 * `DryRunOperation` says yes, `UnauthorizedOperation` no. `maxEntries`: what the location's prefix lists have room for.
 */
export async function permissions(
  session: Ec2Session,
  location: ExaminedLocation,
  maxEntries: number,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const everything = location.survey?.tables ?? [];
  const all = everything.filter((table) => table.holds?.kind !== "list");
  const tried = all.slice(0, doctorLimits.dryRunTables);
  const target = location.hosts.find((host) => host.found !== undefined && host.isActive) ?? location.hosts[0];
  const interfaceId = target?.found;
  if (tried.length === 0 || location.destinations.length === 0) return [];
  if (interfaceId === undefined) {
    const next = "correct what is said of the hosts' interfaces, then examine again";
    return [warned("permissions", location.name, "not tried: no interface of a host is known", next)];
  }
  const inLists = everything.filter((table) => table.holds?.kind === "list");
  const [tables, lists] = await Promise.all([
    inParallel(tried, limits.routeCallsAtOnce, (table) => judgeTable(session, location, table, interfaceId, signal)),
    inParallel(inLists, limits.routeCallsAtOnce, (table) => judgeList(session, table, maxEntries, signal)),
  ]);
  const found = [...tables, ...lists];
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
  const results = await Promise.all(
    trials.map((trial) => {
      const about = `${trial.destination} in ${table.id}`;
      const call = dryCall(session, trial.action, about, `route-table/${table.id}`);
      return judge(session, call, table.id, (abortSignal) => tryRoute(session, trial, abortSignal), signal);
    }),
  );
  const wrong = results.filter((one) => one !== undefined);
  if (wrong.length > 0) return wrong;
  return [passed("permissions", table.id, `allowed: ${trials.map(({ action }) => `ec2:${action}`).join(", ")}`)];
}

/** A list that stands can be tried; one that is still to be made is asked for at the first swap. */
async function judgeList(
  session: Ec2Session,
  { id }: TableRef,
  maxEntries: number,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (!id.startsWith("pl-")) return [passed("permissions", id, "the list is still to be made: not tried")];
  const action = "ModifyManagedPrefixList";
  const command = new ModifyManagedPrefixListCommand({ DryRun: true, PrefixListId: id, MaxEntries: maxEntries });
  const send = (abortSignal: AbortSignal) => session.ec2.send(command, { abortSignal });
  const wrong = await judge(session, dryCall(session, action, id, `prefix-list/${id}`), id, send, signal);
  return [wrong ?? passed("permissions", id, `allowed: ec2:${action}`)];
}

function dryCall({ region }: Ec2Session, action: string, about: string, resource: string): Call {
  return { action: `ec2:${action}`, region, about: `${about}, as a dry run`, resource };
}

/** Undefined where the call is allowed: also where EC2 says that it would fail for what stands there now. */
async function judge(
  session: Ec2Session,
  call: Call,
  about: string,
  send: (abortSignal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const dry = async (abortSignal: AbortSignal): Promise<void> => {
    try {
      await send(abortSignal);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "DryRunOperation") throw error;
    }
  };
  try {
    await attempt(session.clock, call, dry, signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof RouteError)) throw error;
    if (error.code === "ROUTE_EXISTS" || error.code === "ROUTE_MISSING" || error.code === "QUOTA") return undefined;
    if (error.code === "DENIED") return failed("permissions", about, `${call.action} is refused`, error.next);
    return warned("permissions", about, `${call.action} could not be tried: ${error.message}`, error.next);
  }
}

/** The call of a trial, its flag set here for all kinds alike. */
async function tryRoute(
  session: Ec2Session,
  { table, action, destination, target }: Trial,
  abortSignal: AbortSignal,
): Promise<void> {
  const where = {
    DryRun: true,
    RouteTableId: table.id,
    ...(familyOf(destination) === 6
      ? { DestinationIpv6CidrBlock: destination }
      : { DestinationCidrBlock: destination }),
  };
  if (action === "DeleteRoute") {
    await session.ec2.send(new DeleteRouteCommand(where), { abortSignal });
    return;
  }
  const Command = action === "CreateRoute" ? CreateRouteCommand : ReplaceRouteCommand;
  await session.ec2.send(new Command({ ...where, NetworkInterfaceId: target }), { abortSignal });
}
