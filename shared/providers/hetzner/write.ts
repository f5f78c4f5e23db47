import { RouteError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { ChangeOutcome, RouteChange, Turn } from "../../ports/route-provider.ts";
import type { Lanes } from "../common/lanes.ts";
import { isAnew, urgentFirst } from "../common/write-run.ts";
import { act, callOf } from "./act.ts";
import { objectionTo } from "./admission.ts";
import type { Network } from "./answers.ts";
import type { HetznerClient } from "./client.ts";
import { routeError } from "./errors.ts";
import { readNetwork } from "./read.ts";
import { openRun, type Run } from "./run.ts";
import { gatewayOf, settledNetwork } from "./standing.ts";
import { swapRoute } from "./swap.ts";
import type { Waits } from "./waits.ts";

/** What every location of a project writes with. */
export type Shared = { readonly client: HetznerClient; readonly waits: Waits; readonly lanes: Lanes };

/**
 * Writes the changes one after the other, since a network takes one action at a time: each swap's two calls stand back
 * to back, and only one destination at a time is without a route. Outcomes are in the order of the changes.
 */
export async function writeRoutes(
  { client, waits, lanes }: Shared,
  changes: readonly RouteChange[],
  turn: Turn,
  signal: AbortSignal,
): Promise<readonly ChangeOutcome[]> {
  const run = openRun(client, waits, turn.guard, signal);
  const look = freshLook(run, (id) => readNetwork(client, id, run.signal));
  const quietLook = freshLook(run, (id) => quiet(run, id));
  const outcomes = new Map<RouteChange, ChangeOutcome>();
  try {
    for (const change of urgentFirst(changes)) {
      const work = () => outcomeOf(run, isAnew(change) ? quietLook : look, change);
      outcomes.set(change, await lanes.alone(change.table.id, run.signal, work));
    }
  } finally {
    run.close();
  }
  return changes.flatMap((change) => outcomes.get(change) ?? []);
}

/** A network as it was read at most `limits.hetznerLookMs` ago. Throws `RouteError`. */
type Look = (network: string) => Promise<Network>;

function freshLook(run: Run, read: Look): Look {
  const seen = new Map<string, { readonly atMs: number; readonly network: Promise<Network> }>();
  return (id) => {
    const nowMs = run.client.clock.monotonicMs();
    const known = seen.get(id);
    if (known !== undefined && nowMs - known.atMs <= limits.hetznerLookMs) return known.network;
    const network = read(id);
    seen.set(id, { atMs: nowMs, network });
    return network;
  };
}

async function outcomeOf(run: Run, look: Look, change: RouteChange): Promise<ChangeOutcome> {
  try {
    if (run.signal.aborted) throw run.over(callOf(run, ACTIONS[change.kind], { network: change.table.id, ...change }));
    if ((await isLeftToDo(run, look, change)) === "all") await writeOne(run, change);
    return { change, result: "written", landedMs: run.client.clock.nowMs() };
  } catch (error) {
    if (!(error instanceof RouteError)) throw error;
    return { change, result: "failed", error };
  }
}

const ACTIONS = { create: "add_route", replace: "delete_route", remove: "delete_route" } as const;

/** Throws `RouteError` when the network as it stands already tells that the change cannot be made. */
async function isLeftToDo(run: Run, look: Look, change: RouteChange): Promise<"all" | "nothing"> {
  const { destination, table, kind } = change;
  const network = await look(table.id);
  const call = callOf(run, ACTIONS[kind], { network: table.id, destination });
  const stands = gatewayOf(network, destination);
  if (kind === "create") {
    if (stands !== undefined) throw routeError("ROUTE_EXISTS", call, `there is a route via ${stands}`);
  } else {
    if (kind === "replace" && stands === change.target) return "nothing";
    if (stands === undefined) throw routeError("ROUTE_MISSING", call, "there is no such route");
    if (stands !== change.found) throw routeError("ROUTE_EXISTS", call, `it is via ${stands}, not via ${change.found}`);
  }
  if (kind === "remove") return "all";
  const objection = objectionTo(network, destination, change.target);
  if (objection !== undefined) throw routeError(objection.code, call, objection.reason);
  return "all";
}

/**
 * A network as it is when every action in it is over. What is to be written though it was read in place is not written
 * again, since it would stand nowhere meanwhile: but an action of an older decision may be about to delete it.
 */
async function quiet(run: Run, id: string): Promise<Network> {
  const network = await settledNetwork(run, id);
  if (network instanceof RouteError) throw network;
  return network;
}

function writeOne(run: Run, change: RouteChange): Promise<void> {
  switch (change.kind) {
    case "replace":
      return swapRoute(run, change);
    case "create":
      return changeOnce(run, change, "add_route", change.target);
    case "remove":
      return changeOnce(run, change, "delete_route", change.found);
    default:
      return change satisfies never;
  }
}

/** A single call; when it cannot be told whether it worked, what stands tells. Throws `RouteError`. */
async function changeOnce(
  run: Run,
  { table, destination }: RouteChange,
  action: "add_route" | "delete_route",
  gateway: string,
): Promise<void> {
  const entry = { network: table.id, destination, gateway };
  const done = await act(run, {
    action,
    entry,
    until: run.signal,
    isGuarded: true,
    calls: limits.hetznerChangeCalls,
    busyMs: limits.hetznerBusyMs,
  });
  if (done.isDone) return;
  const { error, effect } = done;
  const isUnclear = error.code === "TABLE_MISSING" || error.code === "INVALID";
  if (effect === "none" && !isUnclear) throw error;
  const network = await settledNetwork(run, table.id);
  if (network instanceof RouteError) throw network.code === "TABLE_MISSING" ? network : error;
  const stands = gatewayOf(network, destination);
  const call = callOf(run, action, entry);
  if (effect === "unknown") {
    if (stands === (action === "add_route" ? gateway : undefined)) return;
    throw error;
  }
  if (action === "add_route" && stands !== undefined) {
    throw routeError("ROUTE_EXISTS", call, `there is a route via ${stands}`);
  }
  if (action === "delete_route" && stands === undefined) {
    throw routeError("ROUTE_MISSING", call, "there is no such route");
  }
  if (action === "delete_route" && stands !== gateway) {
    throw routeError("ROUTE_EXISTS", call, `it is via ${stands}, not via ${gateway}`);
  }
  throw error;
}
