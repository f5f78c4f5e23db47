import type { GcpCloud } from "../../domain/clouds/gcp.ts";
import { limits } from "../../domain/limits.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RouteProvider } from "../../ports/route-provider.ts";
import { type Pace, pace } from "../common/pace.ts";
import { type ComputeClient, computeClient } from "./client.ts";
import { anonymous, authorityOf } from "./identity.ts";
import { gcpProvider } from "./provider.ts";

const ENDPOINT = "https://compute.googleapis.com";

/**
 * Opens providers of Google Cloud locations. Locations with the same identity share a client with its token, those of
 * one project a pace. An `endpoint` that is not HTTPS is an emulator's, and is shown no token.
 */
export function openGcp(
  clock: Clock,
  endpoint: string = ENDPOINT,
): (cloud: GcpCloud, locationId: string) => RouteProvider {
  const clients = new Map<string, ComputeClient>();
  const paces = new Map<string, Pace>();
  return (cloud, locationId) => {
    const { project, identity } = cloud;
    const key = JSON.stringify([identity?.audience, identity?.serviceAccount]);
    const authority = endpoint.startsWith("https:") ? authorityOf(identity) : anonymous;
    const client = clients.get(key) ?? computeClient(endpoint, authority);
    clients.set(key, client);
    const shared =
      paces.get(project) ?? pace(clock, { burst: limits.gcpBurstCalls, perSecond: limits.gcpCallsPerSecond });
    paces.set(project, shared);
    return gcpProvider({ client, clock, cloud, locationId }, shared);
  };
}
