import type { NetworkManagementClient } from "@azure/arm-network";
import type { AzureCloud } from "../../domain/clouds/azure.ts";
import type { Clock } from "../../ports/clock.ts";
import type { WebIdentity } from "../../ports/cloud-secrets.ts";
import type { RouteProvider } from "../../ports/route-provider.ts";
import { lanes } from "../common/lanes.ts";
import { tried } from "../common/pace.ts";
import type { ArmSession } from "./call.ts";
import { armClient, type ClientParts } from "./client.ts";
import { armEndpoint, localCredential } from "./endpoint.ts";
import { armTokens, callerOf, credentialOf } from "./identity.ts";
import { type ArmPace, armPace } from "./pace.ts";
import { azureProvider } from "./provider.ts";

/** `cloudEndpoints.azure`: another address of Azure Resource Manager; `httpClient`: instead of the SDK's own. */
export type AzureParts = {
  readonly clock: Clock;
  readonly awsToken?: WebIdentity;
  readonly cloudEndpoints?: { readonly azure?: string };
  readonly httpClient?: ClientParts["httpClient"];
};

type Entrance = Pick<ArmSession, "clientOf" | "pace" | "caller" | "entered" | "lastOperation">;

/**
 * Opens providers of Azure locations. Clients are made when first needed and kept, one for each identity and
 * subscription, with their connections, tokens and pace. Throws `RouteError` INVALID for an endpoint that would take
 * tokens over the network in the clear.
 */
export function openAzure(parts: AzureParts): (cloud: AzureCloud) => RouteProvider {
  const sessionOf = azureSessions(parts);
  return (cloud) => azureProvider(sessionOf(cloud));
}

/** What calls of a location are made with. Throws `RouteError` as `openAzure` does. */
export function azureSessions(parts: AzureParts): (cloud: AzureCloud) => ArmSession {
  const { endpoint, isLocal } = armEndpoint(parts.cloudEndpoints?.azure);
  const entrances = new Map<string, Entrance>();
  const shared = lanes();
  return (cloud) => {
    const key = JSON.stringify([cloud.identity?.tenant, cloud.identity?.client]);
    const entrance = entrances.get(key) ?? entranceOf(cloud, parts, endpoint, isLocal);
    entrances.set(key, entrance);
    return { ...entrance, cloud, clock: parts.clock, lanes: shared };
  };
}

function entranceOf({ identity }: AzureCloud, parts: AzureParts, endpoint: string, isLocal: boolean): Entrance {
  const { clock, awsToken, httpClient } = parts;
  const credential = isLocal ? localCredential : () => credentialOf(identity, awsToken, httpClient);
  const tokens = armTokens(clock, `${endpoint}/.default`, credential);
  const pace: ArmPace = armPace(clock);
  const clients = new Map<string, NetworkManagementClient>();
  const clientOf = (subscription: string): NetworkManagementClient => {
    const client =
      clients.get(subscription) ?? armClient(subscription, tokens, { endpoint, ...(httpClient && { httpClient }) });
    clients.set(subscription, client);
    return client;
  };
  const entered = () => tried(() => tokens.get());
  return { clientOf, pace, caller: callerOf(identity), entered, lastOperation: { ms: 0 } };
}
