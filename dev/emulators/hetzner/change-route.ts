import type { Action } from "./actions.ts";
import type { Inside } from "./emulator.ts";
import { apiError } from "./errors.ts";
import { checkAddable } from "./routes.ts";
import { actionShape } from "./shapes.ts";
import type { NetworkRoute } from "./world.ts";

/** Begins an action that adds or deletes a route, and answers with it. Throws `ApiError` when it is not accepted. */
export function changeRoute(inside: Inside, command: Action["command"], id: number, route: NetworkRoute): unknown {
  const { project, actionConditions } = inside;
  const network = project.current().networks.get(id);
  if (network === undefined) throw apiError("not_found", `network with ID '${id}' not found`);
  inside.actions.refuseBusy(id);
  if (command === "add_route") checkAddable(network, route);
  else refuseMissing(network.routes, route);

  const error = nextOperationFault(inside, command, route.destination);
  const { ms, deleted } = actionConditions.operations;
  const isEarly = command === "delete_route" && deleted === "when accepted";
  const apply = () => project.putRoute(id, route.destination, command === "add_route" ? route.gateway : null);
  if (error === null && isEarly) apply();
  const action = inside.actions.begin(command, id, ms, () => {
    if (error === null && !isEarly) apply();
    return error;
  });
  return { action: actionShape(action) };
}

function refuseMissing(routes: readonly NetworkRoute[], { destination, gateway }: NetworkRoute): void {
  if (routes.some((route) => route.destination === destination && route.gateway === gateway)) return;
  throw apiError("not_found", `route to '${destination}' via '${gateway}' not found`);
}

function nextOperationFault(inside: Inside, command: Action["command"], destination: string): Action["error"] {
  const hit = inside.actionConditions.faults.find(
    ({ fault, left }) =>
      left > 0 && fault.command === command && (fault.destination === undefined || fault.destination === destination),
  );
  if (hit === undefined) return null;
  hit.left--;
  return { code: hit.fault.code, message: hit.fault.message };
}
