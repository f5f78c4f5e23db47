import type { Cloud, ProviderName } from "../domain/clouds/cloud.ts";
import { CloudRecord } from "../domain/clouds/record.ts";
import { RouteError } from "../domain/errors.ts";
import type { SessionCredentials } from "../platform/kept-session.ts";
import type { Clock } from "../ports/clock.ts";
import type { CloudSecrets, WebIdentity } from "../ports/cloud-secrets.ts";
import type { OpenProvider, RouteProvider } from "../ports/route-provider.ts";

/**
 * What a cloud's provider is opened with. `cloudEndpoints`: other addresses of clouds' APIs, such as private ones, as URLs.
 * `awsCredentials`: those of the AWS role that this runs as, outside AWS. `home`: the cloud that this runs in, whose
 * locations are entered as whom it runs as there, whatever identity they name to be entered with from AWS.
 */
export type ProviderParts = {
  readonly clock: Clock;
  readonly home?: "azure" | "gcp";
  readonly awsCredentials?: () => Promise<SessionCredentials>;
  readonly cloudSecrets?: CloudSecrets;
  readonly awsToken?: WebIdentity;
  readonly cloudEndpoints?: Readonly<Partial<Record<Exclude<ProviderName, "aws">, string>>>;
};

type Opener = (cloud: Cloud, locationId: string) => RouteProvider | Promise<RouteProvider>;

/** Opens the provider of a cloud: its own, or one that asks the executors that the location names. A cloud's SDK is imported when its first location is opened, and not before. */
export function createProviderRegistry(parts: ProviderParts): OpenProvider {
  const openers = new Map<Cloud["provider"], Promise<Opener>>();
  let remote: Promise<ReturnType<typeof import("./remote.ts").openRemote>> | undefined;
  return async (cloud, locationId) => {
    const checked = CloudRecord.safeParse(cloud);
    if (!checked.success) throw unreadable(cloud.provider, checked.error.issues[0]?.path.join(".") ?? "");
    const { provider, executors } = checked.data;
    if (executors !== undefined) {
      remote ??= import("./remote.ts").then((module) => module.openRemote(parts));
      return (await remote)(checked.data, executors, locationId);
    }
    const opener = openers.get(provider) ?? load(provider, parts);
    openers.set(provider, opener);
    return (await opener)(checked.data, locationId);
  };
}

async function load(provider: Cloud["provider"], parts: ProviderParts): Promise<Opener> {
  const { clock, cloudEndpoints } = parts;
  switch (provider) {
    case "aws": {
      const open = (await import("./aws/open.ts")).openAws(clock, parts.awsCredentials);
      return (cloud, locationId) => open(only(cloud, "aws"), locationId);
    }
    case "gcp": {
      const open = (await import("./gcp/open.ts")).openGcp(clock, cloudEndpoints?.gcp);
      return (cloud, locationId) => open(entered(only(cloud, "gcp"), parts), locationId);
    }
    case "oci": {
      const open = (await import("./oci/open.ts")).openOci(parts);
      return (cloud) => open(only(cloud, "oci"));
    }
    case "hetzner": {
      const open = (await import("./hetzner/open.ts")).openHetzner(parts);
      return (cloud) => open(only(cloud, "hetzner"));
    }
    case "azure": {
      const open = (await import("./azure/open.ts")).openAzure(parts);
      return (cloud) => open(entered(only(cloud, "azure"), parts));
    }
    default:
      return provider satisfies never;
  }
}

/** A location with the identity that it is entered with from here: none of its own in the cloud that this runs in. */
export function entered<C extends { readonly provider: ProviderName; readonly identity?: unknown }>(
  cloud: C,
  { home }: Pick<ProviderParts, "home">,
): C | Omit<C, "identity"> {
  if (cloud.provider !== home) return cloud;
  const { identity: _fromAws, ...rest } = cloud;
  return rest;
}

function only<P extends Cloud["provider"]>(cloud: Cloud, provider: P): Extract<Cloud, { provider: P }> {
  if (isOf(cloud, provider)) return cloud;
  throw new Error(`${cloud.provider} is not ${provider}`);
}

function isOf<P extends Cloud["provider"]>(cloud: Cloud, provider: P): cloud is Extract<Cloud, { provider: P }> {
  return cloud.provider === provider;
}

function unreadable(provider: string, field: string): RouteError {
  const message = `${provider}: the stored settings of the cloud cannot be read: ${field}`;
  return new RouteError("INVALID", message, { retry: "never", next: "apply the network file again" });
}
