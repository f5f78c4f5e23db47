import { asAws } from "../../dev/as-aws.ts";
import { answer, type Line } from "../../dev/memory-cloud-call.ts";
import { memoryProvider } from "../../dev/memory-cloud-provider.ts";
import { makeChange, type Truth } from "../../dev/memory-cloud-truth.ts";
import type { Cloud } from "../../shared/domain/clouds/cloud.ts";
import type { RouteProvider } from "../../shared/ports/route-provider.ts";
import type { Process } from "../platform/process.ts";
import { errorOf, withinCallTime } from "./call-time.ts";
import { etagLine } from "./etag-line.ts";
import { writeTables } from "./etag-write.ts";
import { arrival, asAnswer, type Ground, isCarriedOut } from "./ground.ts";
import type { Inside } from "./inside.ts";

/** Changing calls of one `write` that are under way at once. */
const callsAtOnce = 8;

/** A memory cloud from inside. */
export function insideOf(truth: Truth): Inside {
  return {
    addTable(id, vpc, network) {
      truth.addTable({ id, vpc });
      truth.put(id, network, "local", false);
    },
    putInterface: ({ id, vpc, address, tag }) =>
      truth.addInterface({ id, vpc, address, ...(tag !== undefined && { hostId: tag }) }),
    removeInterface: truth.removeInterface,
    detachInterface: truth.detachInterface,
    put: truth.put,
    remove: truth.remove,
    target: truth.target,
    routes: (table) => truth.snapshot(table, 0)?.routes ?? [],
  };
}

/** Opens providers in a process of a cloud whose routes are changed one by one. */
export function openReplace(ground: Ground, process: Process): (cloud: Cloud) => Promise<RouteProvider> {
  const line = wiredLine(ground, process);
  const { truth } = ground;
  const { clock } = process;
  return async (cloud) => memoryProvider({ clock, truth, line, parallel: callsAtOnce, cloud: asAws(cloud) });
}

/**
 * Opens providers in a process of a cloud whose tables are changed as a whole, on their etag, as Oracle Cloud does.
 * `changesPerCall`: changes of one table that go into one call.
 */
export function openEtag(
  ground: Ground,
  process: Process,
  changesPerCall: number,
): (cloud: Cloud) => Promise<RouteProvider> {
  const line = wiredLine(ground, process);
  const etags = etagLine(ground, line, process);
  const { truth } = ground;
  const { clock } = process;
  return async (cloud) => ({
    ...memoryProvider({ clock, truth, line, parallel: callsAtOnce, cloud: asAws(cloud) }),
    write: (changes, { guard }, signal) => writeTables({ clock, etags, changesPerCall }, changes, guard, signal),
  });
}

/** The line of one process: everything leaves through the process, and goes over the wire. */
function wiredLine(ground: Ground, process: Process): Line {
  const { truth, wire, calls } = ground;
  return {
    async ask({ kind, table }, look, signal) {
      if (signal.aborted) throw answer("TIMED_OUT", `${kind} not begun before the run ended`, "soon");
      const what = table === "" ? kind : `${kind} ${table}`;
      const trip = process.outward(what, async () => {
        const fate = await wire.there(what, false);
        const lagMs = wire.lagMs(what);
        await wire.back(fate);
        const error = errorOf(fate, what);
        if (error !== undefined) throw error;
        return look(lagMs);
      });
      return withinCallTime(process.clock, what, trip);
    },
    change(change) {
      const what = `${change.kind} ${change.destination} in ${change.table.id}`;
      const call = calls.start(process.writer, change);
      const trip = process.outward(what, async () => {
        call.send();
        const fate = await arrival(ground, change.kind, what);
        call.arrive();
        const refusal = isCarriedOut(fate) ? makeChange(truth, change) : errorOf(fate, what);
        call.land(refusal === undefined);
        await wire.back(fate);
        return refusal ?? errorOf(fate, what);
      });
      return withinCallTime(process.clock, what, trip).catch(asAnswer);
    },
  };
}
