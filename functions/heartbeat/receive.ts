import { limits } from "../../shared/domain/limits.ts";
import { webHandler } from "../../shared/platform/plain-http.ts";
import type { HeartbeatDeps } from "./deps.ts";
import { createHeartbeat } from "./heartbeat.ts";

/** The heartbeat endpoint as a handler of the web's Request and Response, for servers that speak these. */
export function createReceiver(deps: HeartbeatDeps): (request: Request) => Promise<Response> {
  return webHandler(createHeartbeat(deps), limits.bodyBytes);
}
