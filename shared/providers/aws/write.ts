import { CreateRouteCommand, DeleteRouteCommand, ReplaceRouteCommand } from "@aws-sdk/client-ec2";
import { familyOf } from "../../domain/cidr.ts";
import { RouteError } from "../../domain/errors.ts";
import type { ChangeOutcome, RouteChange, Turn } from "../../ports/route-provider.ts";
import type { Pace } from "../common/pace.ts";
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
  const run = writeRun<Call>({
    cloud: "aws",
    pace,
    guard: turn.guard,
    signal,
    nowMs: () => session.clock.nowMs(),
    routeError,
    textOf: ({ action, about }) => `${action} for ${about}`,
  });
  const results = new Map<RouteChange, ChangeOutcome>();
  // Tables that were found gone: their other changes need no calls to know it.
  const gone = new Map<string, RouteError>();
  const lanes = (["replace", "create", "remove"] as const).map((kind) =>
    inLane(
      changes.filter((change) => change.kind === kind),
      async (change) => void results.set(change, await writeOne(session, run, gone, change)),
    ),
  );
  await Promise.all(lanes);
  return changes.flatMap((change) => results.get(change) ?? []);
}

function writeOne(
  session: Ec2Session,
  run: WriteRun<Call>,
  gone: Map<string, RouteError>,
  change: RouteChange,
): Promise<ChangeOutcome> {
  const call = callOf(session, change);
  return run.outcome(change, async () => {
    const refuseGone = (): void => {
      const known = gone.get(change.table.id);
      if (known !== undefined) throw known;
    };
    refuseGone();
    try {
      await run.call(ACTIONS[change.kind], call, async () => {
        refuseGone();
        await attempt(session.clock, call, (abortSignal) => send(session, change, abortSignal));
      });
    } catch (error) {
      if (error instanceof RouteError && error.code === "TABLE_MISSING") gone.set(change.table.id, error);
      throw error;
    }
  });
}

function callOf(session: Ec2Session, change: RouteChange): Call {
  return {
    action: `ec2:${ACTIONS[change.kind]}`,
    region: session.region,
    about: `${change.destination} in ${change.table.id}`,
    resource: `route-table/${change.table.id}`,
  };
}

async function send(session: Ec2Session, change: RouteChange, abortSignal: AbortSignal): Promise<void> {
  const where = {
    RouteTableId: change.table.id,
    ...(familyOf(change.destination) === 6
      ? { DestinationIpv6CidrBlock: change.destination }
      : { DestinationCidrBlock: change.destination }),
  };
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
