import type { HetznerCloud } from "../../domain/clouds/hetzner.ts";
import type { RouteProvider } from "../../ports/route-provider.ts";
import { lanes } from "../common/lanes.ts";
import type { HetznerClient } from "./client.ts";
import { readRoutes, surveyNetwork } from "./read.ts";
import { hostTargets } from "./targets.ts";
import { waits } from "./waits.ts";
import { type Shared, writeRoutes } from "./write.ts";

/** What the locations of a project share. */
const shared = new WeakMap<HetznerClient, Shared>();

/** The routes of one location in one network of Hetzner Cloud. `client` is for the project of the location's token. */
export function hetznerProvider({ network }: HetznerCloud, client: HetznerClient): RouteProvider {
  const own = shared.get(client) ?? { client, waits: waits(), lanes: lanes() };
  shared.set(client, own);
  return {
    survey: (signal) => surveyNetwork(client, network, signal),
    read: (tables, signal) => readRoutes(client, tables, signal),
    targets: (hosts, signal) => hostTargets(client, network, hosts, signal),
    write: (changes, turn, signal) => writeRoutes(own, changes, turn, signal),
  };
}
