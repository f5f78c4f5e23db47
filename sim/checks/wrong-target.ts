import type { RouteCall } from "../facts.ts";
import type { Truth } from "../world/truth.ts";
import { allowances } from "./allowances.ts";
import type { Chronicle } from "./chronicle.ts";
import { isOf, networksSince, placesOfTable } from "./places.ts";

/**
 * Whether a call points a route at an interface that was not the active host's own under any decision of late: not an
 * old decision carried out, but another host's interface, or a stranger's, taken for the active host's.
 */
export function isAnothersInterface(truth: Truth, { heads }: Chronicle, call: RouteCall): boolean {
  const owner = truth.ownerOf(call.target);
  if (owner === undefined) return true;
  const fromMs = call.startedMs - allowances.frozenMs - allowances.routesRunMs;
  const networks = networksSince(truth, fromMs);
  const ids = new Set(placesOfTable(networks, call.table).map(({ location }) => location.id));
  const commits = [...ids].flatMap((id) => heads.between(id, fromMs, call.startedMs));
  if (!commits.some(({ decision }) => isOf(truth, call.target, decision.activeHostId))) return true;
  // The active host says of itself what is true of another one.
  const newest = [...ids].flatMap((id) => heads.between(id, call.startedMs, call.startedMs));
  return newest.some(
    ({ decision }) => decision.activeHostId !== null && truth.host(decision.activeHostId)?.isLying === true,
  );
}
