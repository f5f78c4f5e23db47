import { CreateRouteCommand, DeleteRouteCommand, ReplaceRouteCommand } from "@aws-sdk/client-ec2";
import { familyOf } from "../../domain/cidr.ts";
import { RouteError } from "../../domain/errors.ts";
import type { ChangeOutcome, RouteChange, Turn } from "../../ports/route-provider.ts";
import { enteredPace, type Pace, tried } from "../common/pace.ts";
import { inLane, type WriteRun, writeRun } from "../common/write-run.ts";
import { attempt, type Ec2Session } from "./call.ts";
import { type Call, routeError } from "./errors.ts";

const ACTIONS = { create: "CreateRoute", replace: "ReplaceRoute", remove: "DeleteRoute" } as const;

/**
 * Writes the changes at EC2's pace, each kind of change in a lane of its own since EC2 counts them apart. Outcomes are
 * in the order of the changes.
 */
export async function writeRoutes(
  session: Ec2Session,
  pace: Pace,
  changes: readonly RouteChange[],
  turn: Turn,
  signal: AbortSignal,
): Promise<readonly ChangeOutcome[]> {
  const write = routeWriter(session, awsRun(session, pace, turn, signal));
  const outcomes = await inLanes(changes, (change) => write(change, destinationOf(change)));
  return changes.flatMap((change) => outcomes.get(change) ?? []);
}

/** What the changes of one `write` share. */
export function awsRun(session: Ec2Session, pace: Pace, turn: Turn, signal: AbortSignal): WriteRun<Call> {
  return writeRun<Call>({
    cloud: "aws",
    pace: enteredPace(pace, session.clock, () => tried(() => session.ec2.config.credentials())),
    guard: turn.guard,
    signal,
    nowMs: () => session.clock.nowMs(),
    routeError,
    textOf: ({ action, about }) => `${action} for ${about}`,
  });
}

/** Works off changes of routes, each kind of change in a lane of its own. */
export async function inLanes(
  changes: readonly RouteChange[],
  write: (change: RouteChange) => Promise<ChangeOutcome>,
): Promise<ReadonlyMap<RouteChange, ChangeOutcome>> {
  const results = new Map<RouteChange, ChangeOutcome>();
  const lanes = (["replace", "create", "remove"] as const).map((kind) =>
    inLane(
      changes.filter((change) => change.kind === kind),
      async (change) => void results.set(change, await write(change)),
    ),
  );
  await Promise.all(lanes);
  return results;
}

/** A destination as EC2's calls take it: one of three parameters. */
export type Ec2Destination =
  | { readonly DestinationCidrBlock: string }
  | { readonly DestinationIpv6CidrBlock: string }
  | { readonly DestinationPrefixListId: string };

/** Writes one route: the change as the outcome names it, and its destination as EC2 does. */
export type WriteRoute = (change: RouteChange, where: Ec2Destination) => Promise<ChangeOutcome>;

/** Writes the routes of a run. Tables that were found gone need no calls for their other changes. */
export function routeWriter(session: Ec2Session, run: WriteRun<Call>, quota?: string): WriteRoute {
  const gone = new Map<string, RouteError>();
  return (change, where) => {
    const call = { ...callOf(session, change, where), ...(quota !== undefined && { quota }) };
    return run.outcome(change, async () => {
      const refuseGone = (): void => {
        const known = gone.get(change.table.id);
        if (known !== undefined) throw known;
      };
      refuseGone();
      try {
        await run.call(ACTIONS[change.kind], call, async () => {
          refuseGone();
          await attempt(session.clock, call, (abortSignal) => send(session, change, where, abortSignal));
        });
      } catch (error) {
        if (error instanceof RouteError && error.code === "TABLE_MISSING") gone.set(change.table.id, error);
        throw error;
      }
    });
  };
}

function destinationOf({ destination }: RouteChange): Ec2Destination {
  return familyOf(destination) === 6
    ? { DestinationIpv6CidrBlock: destination }
    : { DestinationCidrBlock: destination };
}

function callOf(session: Ec2Session, change: RouteChange, where: Ec2Destination): Call {
  const list = "DestinationPrefixListId" in where ? ` (${where.DestinationPrefixListId})` : "";
  return {
    action: `ec2:${ACTIONS[change.kind]}`,
    region: session.region,
    about: `${change.destination}${list} in ${change.table.id}`,
    resource: `route-table/${change.table.id}`,
  };
}

async function send(
  session: Ec2Session,
  change: RouteChange,
  destination: Ec2Destination,
  abortSignal: AbortSignal,
): Promise<void> {
  const where = { RouteTableId: change.table.id, ...destination };
  switch (change.kind) {
    case "create":
      await session.ec2.send(new CreateRouteCommand({ ...where, NetworkInterfaceId: change.target }), { abortSignal });
      return;
    case "replace":
      await session.ec2.send(new ReplaceRouteCommand({ ...where, NetworkInterfaceId: change.target }), { abortSignal });
      return;
    case "remove":
      await session.ec2.send(new DeleteRouteCommand(where), { abortSignal });
      return;
    default:
      change satisfies never;
  }
}
