import type { OciCloud } from "../../domain/clouds/oci.ts";
import { RouteError } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { CloudSecrets } from "../../ports/cloud-secrets.ts";
import type { RouteProvider } from "../../ports/route-provider.ts";
import { type OciClient, ociClient } from "./client.ts";
import { apiKeyIdentity, type OciIdentity, resourcePrincipal } from "./identity.ts";
import { ociProvider } from "./provider.ts";

export type OciParts = {
  readonly clock: Clock;
  readonly cloudSecrets?: CloudSecrets;
  readonly cloudEndpoints?: { readonly oci?: string };
};

/**
 * Opens providers of OCI locations. One client for each region and identity is made when first needed and kept, with
 * its pace. Throws `RouteError` INVALID when a location names a secret and there are none here.
 */
export function openOci(parts: OciParts): (cloud: OciCloud) => RouteProvider {
  const clientOf = ociClients(parts);
  return (cloud) => ociProvider(cloud, clientOf(cloud), parts.clock);
}

/** The clients of locations. Throws as `openOci` does. */
export function ociClients({ cloudSecrets, cloudEndpoints }: OciParts): (cloud: OciCloud) => OciClient {
  const clients = new Map<string, OciClient>();
  return (cloud) => {
    const key = JSON.stringify([cloud.region, cloud.identity?.secret]);
    const client = clients.get(key) ?? ociClient(cloud.region, identityOf(cloud, cloudSecrets), cloudEndpoints?.oci);
    clients.set(key, client);
    return client;
  };
}

function identityOf({ identity }: OciCloud, secrets: CloudSecrets | undefined): OciIdentity {
  if (identity === undefined) return resourcePrincipal();
  if (secrets !== undefined) return apiKeyIdentity(secrets, identity.secret);
  throw new RouteError("INVALID", `oci: the secret ${identity.secret} cannot be read where this runs`, {
    retry: "never",
    next: "run the routes function where secrets can be read, or leave the location's identity out inside OCI",
  });
}
