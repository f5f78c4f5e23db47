import { adopt } from "./adopt.ts";
import { apply } from "./apply.ts";
import { createGuard, operatorOf } from "./auth.ts";
import type { AdminDeps } from "./deps.ts";
import { device } from "./device.ts";
import { beginDoctor, readDoctor } from "./doctor.ts";
import { drain, readDrain, undrain } from "./drains.ts";
import { events } from "./events.ts";
import { explain } from "./explain.ts";
import { hostUri } from "./host-uri.ts";
import { errorResponse, jsonResponse } from "./http.ts";
import { keptRoutes } from "./kept-routes.ts";
import { network } from "./network.ts";
import { forgetOrphans, orphans } from "./orphans.ts";
import { pause, resume } from "./pause.ts";
import { pin, unpin } from "./pins.ts";
import { plan, validate } from "./plan.ts";
import { rotateHost, rotateLink } from "./rotate.ts";
import { matchRoute, type RouteLine } from "./router.ts";
import { status } from "./status.ts";
import { switchover } from "./switchover.ts";

const base = "/admin/v1";
const place = "{link}/{location}";

/** Everything that the API can do. Names, not ids, in the paths. */
export const adminRoutes: readonly RouteLine[] = [
  { method: "GET", path: `${base}/network`, handle: network },
  { method: "POST", path: `${base}/validate`, handle: validate },
  { method: "POST", path: `${base}/plan`, handle: plan },
  { method: "POST", path: `${base}/apply`, handle: apply },
  { method: "GET", path: `${base}/status`, handle: status },
  { method: "GET", path: `${base}/explain/${place}`, handle: explain },
  { method: "GET", path: `${base}/events`, handle: events },
  { method: "GET", path: `${base}/host-uri/${place}/{host}`, handle: hostUri },
  { method: "GET", path: `${base}/device/${place}/{host}`, handle: device },
  { method: "GET", path: `${base}/routes/${place}`, handle: keptRoutes },
  { method: "POST", path: `${base}/switchover/${place}`, handle: switchover },
  { method: "POST", path: `${base}/pin/${place}`, handle: pin },
  { method: "POST", path: `${base}/unpin/${place}`, handle: unpin },
  { method: "POST", path: `${base}/drain/${place}`, handle: drain },
  { method: "GET", path: `${base}/drain/${place}/{host}`, handle: readDrain },
  { method: "POST", path: `${base}/undrain/${place}`, handle: undrain },
  { method: "POST", path: `${base}/pause`, handle: pause },
  { method: "POST", path: `${base}/resume`, handle: resume },
  { method: "POST", path: `${base}/rotate/host/${place}/{host}`, handle: rotateHost },
  { method: "POST", path: `${base}/rotate/link/{link}`, handle: rotateLink },
  { method: "POST", path: `${base}/adopt/${place}`, handle: adopt },
  { method: "POST", path: `${base}/doctor`, handle: beginDoctor },
  { method: "GET", path: `${base}/doctor/{id}`, handle: readDoctor },
  { method: "GET", path: `${base}/orphans`, handle: orphans },
  { method: "POST", path: `${base}/orphans/forget`, handle: forgetOrphans },
];

/**
 * The admin HTTP API over web requests. Every request needs the bearer token, whatever its path; an answer is JSON.
 * Never rejects: bad input is answered 4xx, and only a database or secret store that cannot be asked, or a fault, 5xx.
 */
export function createAdmin(deps: AdminDeps): (request: Request) => Promise<Response> {
  const guard = createGuard(deps);
  return async (request) => {
    try {
      await guard(request);
      const by = operatorOf(request);
      const { pathname, searchParams } = new URL(request.url);
      const { line, params } = matchRoute(adminRoutes, request.method, pathname);
      const param = (name: string) => params.get(name) ?? "";
      const answer = await line.handle({ deps, request, query: searchParams, by, param });
      return jsonResponse(answer.status ?? 200, answer.body);
    } catch (error) {
      return errorResponse(error, deps.log);
    }
  };
}
