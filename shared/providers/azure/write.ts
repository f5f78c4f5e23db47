import { RouteError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { ChangeOutcome, RouteChange, Turn } from "../../ports/route-provider.ts";
import { graceAfter } from "../common/grace.ts";
import { enteredPace } from "../common/pace.ts";
import { inLane, isAnew, urgentFirst, type WriteRun, writeRun } from "../common/write-run.ts";
import type { ArmSession } from "./call.ts";
import { retryAfterMs } from "./error-codes.ts";
import { type Call, routeError } from "./errors.ts";
import { type Place, placeOf } from "./ids.ts";
import { type Accepted, begin, ended } from "./operation.ts";
import { laneOf } from "./pace.ts";
import { freeName } from "./route-name.ts";
import { type Standing, type StandingSource, standingRoutes } from "./standing.ts";

/** The run, and the time in which operations that it began may still end. */
type Writing = { readonly run: WriteRun<Call>; readonly finishing: AbortSignal };
type Table = Writing & { readonly place: Place; readonly standing: StandingSource };

/**
 * Writes the changes: those of one table one after the other, since Azure takes a single change of a table at a time,
 * those of several tables at once. Each is written when its operation has ended well. Outcomes are in the order of the
 * changes.
 */
export async function writeRoutes(
  session: ArmSession,
  changes: readonly RouteChange[],
  turn: Turn,
  signal: AbortSignal,
): Promise<readonly ChangeOutcome[]> {
  const run = writeRun<Call>({
    cloud: "azure",
    pace: enteredPace(session.pace, session.clock, session.entered),
    guard: turn.guard,
    signal,
    nowMs: () => session.clock.nowMs(),
    routeError,
    textOf: ({ action, about }) => `${action} for ${about}`,
  });
  const byTable = new Map<string, RouteChange[]>();
  for (const change of urgentFirst(changes))
    byTable.set(change.table.id, [...(byTable.get(change.table.id) ?? []), change]);
  const results = new Map<RouteChange, ChangeOutcome>();
  const grace = graceAfter(session.clock, run.signal, limits.routeCallMs);
  const writing: Writing = { run, finishing: grace.signal };
  try {
    await inLane(byTable, ([tableId, list]) =>
      session.lanes.alone(tableId, run.signal, () => writeTable(session, writing, tableId, list, results)),
    );
  } finally {
    grace.close();
  }
  return changes.flatMap((change) => results.get(change) ?? []);
}

async function writeTable(
  session: ArmSession,
  writing: Writing,
  tableId: string,
  changes: readonly RouteChange[],
  results: Map<RouteChange, ChangeOutcome>,
): Promise<void> {
  const place = placeOf(tableId, "routetables");
  const { run } = writing;
  const standing = standingRoutes(session, tableId, run.signal);
  // A table that cannot be read, or has gone, needs no further calls to know it.
  let closed: RouteError | null = null;
  for (const change of changes) {
    const outcome = await run.outcome(change, async () => {
      if (closed !== null) throw closed;
      const call = callOf(session, change);
      if (place === undefined) throw routeError("TABLE_MISSING", call, "not the id of a route table");
      try {
        await writeOne(session, { ...writing, place, standing }, change, call);
      } catch (error) {
        if (error instanceof RouteError && (standing.isUnread() || error.code === "TABLE_MISSING")) closed = error;
        throw error;
      }
    });
    results.set(change, outcome);
  }
}

/**
 * A call that met another operation on its table changed nothing. When that operation is over the table is not what it
 * was: it is read anew, and the call made again if it still fits, with its guard, until the run ends.
 */
async function writeOne(session: ArmSession, table: Table, change: RouteChange, call: Call): Promise<void> {
  const { run, standing, finishing } = table;
  for (let pauseMs: number = limits.azureLockedMs; ; pauseMs = Math.min(pauseMs * 2, limits.azureLockedMaxMs)) {
    const stands = await standing.now();
    const name = nameFor(stands, change, call);
    if (name === null) return;
    let accepted: Accepted;
    try {
      accepted = await send(session, table, change, call, name);
    } catch (error) {
      if (!(error instanceof RouteError) || error.code !== "LOCKED" || run.signal.aborted) throw error;
      await session.clock.sleep(askedMs(error) ?? pauseMs, run.signal);
      if (run.signal.aborted)
        throw routeError("LOCKED", call, "another operation held the table until the run ended", error);
      standing.forget();
      continue;
    }
    await ended(session, table.place.subscription, call, accepted, finishing);
    stands.apply(change, name);
    return;
  }
}

function send(session: ArmSession, { run, place }: Table, change: RouteChange, call: Call, name: string) {
  const { subscription, resourceGroup, name: table } = place;
  const { routes } = session.clientOf(subscription);
  return inTurn(session, run, laneOf(change.kind === "remove" ? "delete" : "write", subscription), call, () =>
    begin(session, call, (options) => {
      if (change.kind === "remove") return routes.beginDelete(resourceGroup, table, name, options);
      const { destination: addressPrefix, target: nextHopIpAddress } = change;
      const route = { addressPrefix, nextHopType: "VirtualAppliance", nextHopIpAddress };
      return routes.beginCreateOrUpdate(resourceGroup, table, name, route, options);
    }),
  );
}

/** The name of the route to put or delete; null when what was wanted has come to stand meanwhile. Throws `RouteError`. */
function nameFor(standing: Standing, change: RouteChange, call: Call): string | null {
  const found = standing.route(change.destination);
  if (change.kind === "create") {
    if (found === undefined) return freeName(change.destination, standing.names());
    throw routeError("ROUTE_EXISTS", call, `route ${found.name} stands there, to ${found.target}`);
  }
  if (found === undefined) throw routeError("ROUTE_MISSING", call, "no route to it stands in the table");
  if (change.kind === "replace" && found.target === change.target) {
    // Planned though it was read in place: reads may be old, and a call of an older decision may be about to land.
    return found.isSound && !isAnew(change) ? null : found.name;
  }
  if (found.target === change.found) return found.name;
  throw routeError("ROUTE_EXISTS", call, `it points at ${found.target} now, not at ${change.found}`);
}

/** One call in its turn. Azure says how long a throttled one is to wait. */
function inTurn<T>(
  session: ArmSession,
  run: WriteRun<Call>,
  lane: string,
  call: Call,
  send: () => Promise<T>,
): Promise<T> {
  return run.call(lane, call, async () => {
    try {
      return await send();
    } catch (error) {
      if (error instanceof RouteError && error.code === "THROTTLED") session.pace.hold(lane, askedMs(error) ?? 0);
      throw error;
    }
  });
}

function askedMs(error: RouteError): number | undefined {
  const ms = retryAfterMs(error.cause);
  return ms === undefined ? undefined : Math.min(ms, limits.azureRetryAfterMaxMs);
}

function callOf(session: ArmSession, change: RouteChange): Call {
  const { id } = change.table;
  return {
    action: `Microsoft.Network/routeTables/routes/${change.kind === "remove" ? "delete" : "write"}`,
    about: `${change.destination} in ${id}`,
    scope: id,
    missing: "TABLE_MISSING",
    caller: session.caller,
  };
}
