import { setMaxListeners } from "node:events";
import { CreateRouteCommand, DeleteRouteCommand, ReplaceRouteCommand } from "@aws-sdk/client-ec2";
import { familyOf } from "../../domain/cidr.ts";
import { RouteError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { ChangeOutcome, Guard, RouteChange } from "../../ports/route-provider.ts";
import { attempt, type Ec2Session } from "./call.ts";
import { type Call, routeError, translate } from "./errors.ts";
import type { Pace } from "./pace.ts";

const ACTIONS = { create: "CreateRoute", replace: "ReplaceRoute", remove: "DeleteRoute" } as const;

/** What the changes of one `write` share. */
type Run = {
  readonly session: Ec2Session;
  readonly pace: Pace;
  readonly guard: Guard;
  /** Aborts when the caller's signal does, or when the guard has refused a call. */
  readonly signal: AbortSignal;
  readonly halt: (error: RouteError) => void;
  readonly refusal: () => RouteError | null;
  /** Tables that were found gone: their other changes need no calls to know it. */
  readonly gone: Map<string, RouteError>;
};

/**
 * Writes the changes at EC2's pace, each kind of change in a lane of its own since EC2 counts them apart. Outcomes are
 * in the order of the changes. A throttled call changed nothing, so its change waits for its turn again, with its
 * guard, until the signal aborts; every other error is the change's outcome.
 */
export async function writeRoutes(
  session: Ec2Session,
  pace: Pace,
  changes: readonly RouteChange[],
  guard: Guard,
  signal: AbortSignal,
): Promise<readonly ChangeOutcome[]> {
  const refused = new AbortController();
  let refusal: RouteError | null = null;
  const stop = AbortSignal.any([signal, refused.signal]);
  // Every call that is under way listens: many at once are meant.
  setMaxListeners(0, stop);
  const run: Run = {
    session,
    pace,
    guard,
    signal: stop,
    halt(error) {
      refusal ??= error;
      refused.abort();
    },
    refusal: () => refusal,
    gone: new Map(),
  };
  const results = new Map<RouteChange, ChangeOutcome>();
  const lanes = (["replace", "create", "remove"] as const).map((kind) =>
    writeLane(
      run,
      changes.filter((change) => change.kind === kind),
      results,
    ),
  );
  await Promise.all(lanes);
  return changes.flatMap((change) => results.get(change) ?? []);
}

async function writeLane(
  run: Run,
  changes: readonly RouteChange[],
  results: Map<RouteChange, ChangeOutcome>,
): Promise<void> {
  const rest = changes.values();
  const work = async () => {
    for (const change of rest) results.set(change, await writeOne(run, change));
  };
  await Promise.all(Array.from({ length: Math.min(limits.routeCallsAtOnce, changes.length) }, work));
}

async function writeOne(run: Run, change: RouteChange): Promise<ChangeOutcome> {
  const call = callOf(run.session, change);
  let throttled: RouteError | null = null;
  const failed = (error: RouteError): ChangeOutcome => ({ change, result: "failed", error });
  const notStarted = () =>
    failed(run.refusal() ?? throttled ?? routeError("TIMED_OUT", call, "not begun before the run ended"));

  for (;;) {
    const gone = run.gone.get(change.table.id);
    if (gone !== undefined) return failed(gone);
    const hasTurn = await run.pace.turn(ACTIONS[change.kind], run.signal);
    if (!hasTurn) return notStarted();
    try {
      await run.guard();
    } catch (error) {
      run.halt(refusalOf(error, call));
    }
    if (run.signal.aborted) return notStarted();
    try {
      await attempt(run.session.clock, call, (abortSignal) => send(run.session, change, abortSignal));
      return { change, result: "written", landedMs: run.session.clock.nowMs() };
    } catch (error) {
      const outcome = translate(error, call);
      if (outcome.code === "TABLE_MISSING") run.gone.set(change.table.id, outcome);
      if (outcome.code !== "THROTTLED") return failed(outcome);
      throttled = outcome;
      run.pace.exhausted(ACTIONS[change.kind]);
    }
  }
}

/** Without an answer of the guard nothing may be written either. */
function refusalOf(error: unknown, call: Call): RouteError {
  if (error instanceof RouteError) return error;
  const message = `aws: ${call.action} for ${call.about} was not begun: whether it may be could not be told`;
  return new RouteError("UNKNOWN", message, { cause: error, retry: "soon", next: "see the cause; it is tried again" });
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
