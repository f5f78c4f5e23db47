import type { OciCloud } from "../../domain/clouds/oci.ts";
import { limits } from "../../domain/limits.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RouteProvider } from "../../ports/route-provider.ts";
import { type Pace, pace } from "../common/pace.ts";
import type { OciSession } from "./call.ts";
import type { OciClient } from "./client.ts";
import { heldTable } from "./held-table.ts";
import { readRoutes, surveyRoutes } from "./read.ts";
import { hostTargets } from "./targets.ts";
import { writeRoutes } from "./write.ts";

/** OCI counts calls by who makes them in which region, which is what a client stands for: locations that share one share its pace. */
const paces = new WeakMap<OciClient, Pace>();

/** The routes of one location in one VCN of OCI. `client` is for the location's region and identity. */
export function ociProvider(cloud: OciCloud, client: OciClient, clock: Clock): RouteProvider {
  const { region, compartment, vcn, floatingIp } = cloud;
  const session: OciSession = {
    client,
    clock,
    region,
    compartment,
    vcn,
    ...(floatingIp !== undefined && { floatingIp }),
  };
  const shared = paces.get(client) ?? pace(clock, { burst: limits.ociBurstCalls, perSecond: limits.ociCallsPerSecond });
  paces.set(client, shared);
  return {
    survey: (signal) => surveyRoutes(session, cloud.routeTables, signal),
    tableOf: (noted) => heldTable(session, noted),
    read: (tables, signal) => readRoutes(session, tables, signal),
    targets: (hosts, signal) => hostTargets(session, hosts, signal),
    write: (changes, turn, signal) => writeRoutes(session, shared, changes, turn, signal),
  };
}
