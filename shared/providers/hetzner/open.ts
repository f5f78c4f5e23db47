import type { HetznerCloud } from "../../domain/clouds/hetzner.ts";
import { RouteError } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { CloudSecrets } from "../../ports/cloud-secrets.ts";
import type { RouteProvider } from "../../ports/route-provider.ts";
import { allowance } from "./allowance.ts";
import { type HetznerClient, hetznerClient } from "./client.ts";
import { tokenSource } from "./identity.ts";
import { hetznerProvider } from "./provider.ts";

const API = "https://api.hetzner.cloud/v1";

export type HetznerParts = {
  readonly clock: Clock;
  readonly cloudSecrets?: CloudSecrets;
  /** `hetzner`: where the API is instead, with its version, such as `http://127.0.0.1:4000/v1`. */
  readonly cloudEndpoints?: { readonly hetzner?: string };
  readonly fetch?: typeof fetch;
};

/**
 * Opens providers of Hetzner locations, over the HTTP API itself. What it returns throws `RouteError` without secrets. A token stands for a project, and a project has one
 * allowance of requests: locations with the same secret share a client.
 */
export function openHetzner(parts: HetznerParts): (cloud: HetznerCloud) => RouteProvider {
  const clientOf = hetznerClients(parts);
  return (cloud) => hetznerProvider(cloud, clientOf(cloud));
}

/** The clients of locations, one a token. Throws as `openHetzner` does. */
export function hetznerClients(parts: HetznerParts): (cloud: HetznerCloud) => HetznerClient {
  const clients = new Map<string, HetznerClient>();
  return (cloud) => {
    const client = clients.get(cloud.token) ?? newClient(parts, cloud.token);
    clients.set(cloud.token, client);
    return client;
  };
}

function newClient({ clock, cloudSecrets, cloudEndpoints, fetch: send = fetch }: HetznerParts, secret: string) {
  if (cloudSecrets === undefined) {
    throw new RouteError("DENIED", `hetzner: the secret ${secret} cannot be read: no secrets store is set up`, {
      retry: "later",
      next: "deploy the routes function with access to AWS Secrets Manager",
    });
  }
  return hetznerClient({
    clock,
    allowance: allowance(clock),
    token: tokenSource(cloudSecrets, secret),
    secret,
    url: (cloudEndpoints?.hetzner ?? API).replace(/\/+$/, ""),
    fetch: send,
  });
}
