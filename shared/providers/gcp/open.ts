import type { GcpCloud } from "../../domain/clouds/gcp.ts";
import { limits } from "../../domain/limits.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RouteProvider } from "../../ports/route-provider.ts";
import { type Pace, pace } from "../common/pace.ts";
import { type ComputeClient, computeClient } from "./client.ts";
import { anonymous, authorityOf } from "./identity.ts";
import { gcpProvider } from "./provider.ts";

const ENDPOINT = "https://compute.googleapis.com";
const MANAGER = "https://cloudresourcemanager.googleapis.com";
const MANAGER_SCOPES = ["https://www.googleapis.com/auth/cloud-platform.read-only"];

/**
 * Opens providers of Google Cloud locations. Locations with the same identity share a client with its token, those of
 * one project a pace. An `endpoint` that is not HTTPS is an emulator's, and is shown no token.
 */
export function openGcp(
  clock: Clock,
  endpoint: string = ENDPOINT,
): (cloud: GcpCloud, locationId: string) => RouteProvider {
  const clientOf = gcpClients(endpoint);
  const paces = new Map<string, Pace>();
  return (cloud, locationId) => {
    const { project } = cloud;
    const shared =
      paces.get(project) ?? pace(clock, { burst: limits.gcpBurstCalls, perSecond: limits.gcpCallsPerSecond });
    paces.set(project, shared);
    return gcpProvider({ client: clientOf(cloud), clock, cloud, locationId }, shared);
  };
}

/** The clients of locations, one for each identity. `endpoint` as for `openGcp`. */
export function gcpClients(endpoint: string = ENDPOINT): (cloud: GcpCloud) => ComputeClient {
  return clientsOf((identity) => computeClient(endpoint, isReal(endpoint) ? authorityOf(identity) : anonymous));
}

/** Clients of the Resource Manager, that tells what an identity may do; under an emulator it is at the same address. */
export function managerClients(endpoint?: string): (cloud: GcpCloud) => ComputeClient {
  const at = endpoint === undefined || isReal(endpoint) ? MANAGER : endpoint;
  return clientsOf((identity) => {
    const authority = isReal(at) ? authorityOf(identity, undefined, MANAGER_SCOPES) : anonymous;
    return computeClient(at, authority, fetch, "v1/");
  });
}

const isReal = (endpoint: string): boolean => endpoint.startsWith("https:");

function clientsOf(make: (identity: GcpCloud["identity"]) => ComputeClient): (cloud: GcpCloud) => ComputeClient {
  const clients = new Map<string, ComputeClient>();
  return ({ identity }) => {
    const key = JSON.stringify([identity?.audience, identity?.serviceAccount]);
    const client = clients.get(key) ?? make(identity);
    clients.set(key, client);
    return client;
  };
}
