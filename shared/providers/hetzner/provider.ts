import type { HetznerCloud } from "../../domain/clouds/hetzner.ts";
import type { RouteProvider } from "../../ports/route-provider.ts";
import type { HetznerClient } from "./client.ts";
import { readRoutes, surveyNetwork } from "./read.ts";
import { hostTargets } from "./targets.ts";
import { type Waits, waits } from "./waits.ts";
import { writeRoutes } from "./write.ts";

/** What is known of how long actions take in a project. */
const known = new WeakMap<HetznerClient, Waits>();

/** The routes of one location in one network of Hetzner Cloud. `client` is for the project of the location's token. */
export function hetznerProvider({ network }: HetznerCloud, client: HetznerClient): RouteProvider {
  const learned = known.get(client) ?? waits();
  known.set(client, learned);
  return {
    survey: (signal) => surveyNetwork(client, network, signal),
    read: (tables, signal) => readRoutes(client, tables, signal),
    targets: (hosts, signal) => hostTargets(client, network, hosts, signal),
    write: (changes, turn, signal) => writeRoutes(client, learned, changes, turn, signal),
  };
}
