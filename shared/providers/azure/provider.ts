import { setMaxListeners } from "node:events";
import type { RouteProvider } from "../../ports/route-provider.ts";
import type { ArmSession } from "./call.ts";
import { readRoutes, surveyRoutes } from "./read.ts";
import { hostTargets } from "./targets.ts";
import { writeRoutes } from "./write.ts";

/** The routes of one location in one virtual network of Azure. */
export function azureProvider(session: ArmSession): RouteProvider {
  // Tables and interfaces are read one by one, many at once, and each read listens.
  const forMany = (signal: AbortSignal): AbortSignal => {
    setMaxListeners(0, signal);
    return signal;
  };
  return {
    survey: (signal) => surveyRoutes(session, session.cloud.routeTables, forMany(signal)),
    read: (tables, signal) => readRoutes(session, tables, forMany(signal)),
    targets: (hosts, signal) => hostTargets(session, hosts, forMany(signal)),
    write: (changes, turn, signal) => writeRoutes(session, changes, turn, signal),
  };
}
