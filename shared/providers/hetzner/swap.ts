import { RouteError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { RouteChange } from "../../ports/route-provider.ts";
import { act, callOf, type Done, type Entry } from "./act.ts";
import { routeError, withNote } from "./errors.ts";
import type { Run } from "./run.ts";
import { gatewayOf, settledNetwork } from "./standing.ts";

type Replace = Extract<RouteChange, { kind: "replace" }>;

/**
 * Points a route at another gateway: deletes it and adds the new one, back to back, since the API neither replaces a
 * route nor takes two for one destination. Throws `RouteError` when the new one does not stand in the end.
 *
 * What the guard means between the two calls: it is asked before the delete, and again before the add. When it refuses
 * the add, because a newer decision was made or the lease is gone, the route that was deleted is put back, and for that
 * nobody is asked: a run that may write nothing new any more still owes what it took away. That is safe whatever a newer
 * run has done meanwhile:
 * - `add_route` never overwrites. Where the newer run has added its route, putting back is refused and changes nothing.
 * - Where it planned with the old route (it read before the delete), it finds what it planned with, and replaces it.
 * - Where it planned to create (it read after the delete), its own call finds the old route instead, which is
 *   ROUTE_EXISTS: it reads again and replaces it, as it does with every route that a late call left.
 * Without it the newer run could find what it took to be in place gone, and nothing would be routed until a reconcile.
 * The old route is also put back when the add is refused for good, or cannot be told to have worked. Only a run that is
 * killed between the two calls leaves a destination without a route: the next run reads that and creates it.
 */
export async function swapRoute(run: Run, { table, destination, found, target }: Replace): Promise<void> {
  const place = { network: table.id, destination };
  const old: Entry = { ...place, gateway: found };
  const taken = await act(run, {
    action: "delete_route",
    entry: old,
    until: run.signal,
    isGuarded: true,
    // Both calls, the looks at their actions, and putting back: a swap that would be throttled halfway is not begun.
    calls: limits.hetznerSwapCalls,
    busyMs: limits.hetznerBusyMs,
  });
  if (!taken.isDone && (await isStanding(run, old, target, taken)) === "new") return;

  const added = await act(run, {
    action: "add_route",
    entry: { ...place, gateway: target },
    until: run.finishing,
    isGuarded: true,
    calls: 1,
    busyMs: limits.hetznerPollMs,
  });
  if (added.isDone) return;
  await settle(run, old, target, added);
}

/**
 * What stands after a delete that failed: `gone` when the route was deleted all the same, `new` when the new one stands
 * already. Throws the `RouteError` of the change when neither is so.
 */
async function isStanding(
  run: Run,
  old: Entry,
  target: string,
  taken: Extract<Done, { isDone: false }>,
): Promise<"gone" | "new"> {
  const { error, effect } = taken;
  const mayBeMissing = error.code === "TABLE_MISSING" || error.code === "INVALID";
  if (effect === "none" && !mayBeMissing) throw error;
  const network = await settledNetwork(run, old.network);
  if (network instanceof RouteError) {
    if (effect === "none") throw network.code === "TABLE_MISSING" ? network : error;
    throw withNote(error, await putBack(run, old));
  }
  const stands = gatewayOf(network, old.destination);
  const call = callOf(run, "delete_route", old);
  if (stands === target) return "new";
  if (stands === old.gateway) throw error;
  if (stands !== undefined) throw routeError("ROUTE_EXISTS", call, `it is via ${stands} now, not via ${old.gateway}`);
  if (effect === "none") throw routeError("ROUTE_MISSING", call, "there is no such route");
  return "gone";
}

/** After an add that failed: done if it worked all the same; else puts the old route back and throws. */
async function settle(run: Run, old: Entry, target: string, added: Extract<Done, { isDone: false }>): Promise<void> {
  // Nothing to look at when the guard refused: every moment is one without a route.
  const isRefusal = added.effect === "none" && ["SUPERSEDED", "UNKNOWN", "TIMED_OUT"].includes(added.error.code);
  if (!isRefusal) {
    const network = await settledNetwork(run, old.network);
    const stands = network instanceof RouteError ? undefined : gatewayOf(network, old.destination);
    if (stands === target) return;
    if (stands !== undefined) {
      throw routeError(
        "ROUTE_EXISTS",
        callOf(run, "add_route", old),
        `it is via ${stands} now: somebody else put that`,
      );
    }
  }
  throw withNote(added.error, await putBack(run, old));
}

/** Puts back what was deleted, as often as there is time to try; tells in words what came of it. */
async function putBack(run: Run, old: Entry): Promise<string> {
  const { clock } = run.client;
  for (let pauseMs: number = limits.hetznerBusyMs; !run.finishing.aborted; pauseMs *= 2) {
    const put = await act(run, {
      action: "add_route",
      entry: old,
      until: run.finishing,
      isGuarded: false,
      calls: 1,
      busyMs: limits.hetznerPollMs,
    });
    if (put.isDone) return `the route via ${old.gateway} was put back`;
    const network = await settledNetwork(run, old.network);
    const stands = network instanceof RouteError ? undefined : gatewayOf(network, old.destination);
    if (stands !== undefined) return `a route via ${stands} stands`;
    if (put.error.retry !== "soon") return `the route via ${old.gateway} could not be put back: ${put.error.message}`;
    await clock.sleep(Math.min(pauseMs, limits.hetznerPollMaxMs), run.finishing);
  }
  return `the route via ${old.gateway} could not be put back in time`;
}
