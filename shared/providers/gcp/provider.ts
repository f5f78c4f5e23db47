import type { RouteProvider } from "../../ports/route-provider.ts";
import type { Pace } from "../common/pace.ts";
import type { GcpSession } from "./call.ts";
import { readRoutes, surveyRoutes } from "./read.ts";
import { hostTargets } from "./targets.ts";
import { writeRoutes } from "./write.ts";

/** The routes of one location in one VPC network. `pace` is shared by everything that writes in the project. */
export function gcpProvider(session: GcpSession, pace: Pace): RouteProvider {
  return {
    survey: (signal) => surveyRoutes(session, signal),
    read: (tables, signal) => readRoutes(session, tables, signal),
    targets: (hosts, signal) => hostTargets(session, hosts, signal),
    write: (changes, turn, signal) => writeRoutes(session, pace, changes, turn, signal),
  };
}
