import type { Cloud, ProviderName } from "../domain/clouds/cloud.ts";
import { CloudRecord } from "../domain/clouds/record.ts";
import { RouteError } from "../domain/errors.ts";
import type { CloudDoctor, OpenDoctor } from "../ports/cloud-doctor.ts";
import { entered, type ProviderParts } from "./registry.ts";

type Opener = (cloud: Cloud, locationId: string) => CloudDoctor | Promise<CloudDoctor>;

/** Opens the doctor of a cloud. A cloud's checks, and its SDK, are imported when its first location is examined. */
export function createDoctorRegistry(parts: ProviderParts): OpenDoctor {
  const openers = new Map<ProviderName, Promise<Opener>>();
  return async (cloud, locationId) => {
    const checked = CloudRecord.safeParse(cloud);
    if (!checked.success) {
      const field = checked.error.issues[0]?.path.join(".") ?? "";
      const message = `${cloud.provider}: the stored settings of the cloud cannot be read: ${field}`;
      throw new RouteError("INVALID", message, { retry: "never", next: "apply the network file again" });
    }
    const { provider, executors } = checked.data;
    if (executors !== undefined) throw unexamined(provider);
    const opener = openers.get(provider) ?? load(provider, parts);
    openers.set(provider, opener);
    return (await opener)(checked.data, locationId);
  };
}

function unexamined(provider: string): RouteError {
  const message = `${provider}: a location that names executors is not examined: they are asked for routes alone`;
  const next = "look at the location's routes with pointsman explain, and at the executor's log";
  return new RouteError("INVALID", message, { retry: "never", next });
}

async function load(provider: ProviderName, parts: ProviderParts): Promise<Opener> {
  switch (provider) {
    case "aws": {
      const open = (await import("./aws/doctor.ts")).openAwsDoctor(parts.clock, parts.awsCredentials);
      return (cloud) => open(only(cloud, "aws"));
    }
    case "azure": {
      const open = (await import("./azure/doctor.ts")).openAzureDoctor(parts);
      return (cloud) => open(entered(only(cloud, "azure"), parts));
    }
    case "gcp": {
      const open = (await import("./gcp/doctor.ts")).openGcpDoctor(parts.clock, parts.cloudEndpoints?.gcp);
      return (cloud, locationId) => open(entered(only(cloud, "gcp"), parts), locationId);
    }
    case "oci": {
      const open = (await import("./oci/doctor.ts")).openOciDoctor(parts);
      return (cloud) => open(only(cloud, "oci"));
    }
    case "hetzner": {
      const open = (await import("./hetzner/doctor.ts")).openHetznerDoctor(parts);
      return (cloud) => open(only(cloud, "hetzner"));
    }
    default:
      return provider satisfies never;
  }
}

function only<P extends ProviderName>(cloud: Cloud, provider: P): Extract<Cloud, { provider: P }> {
  if (isOf(cloud, provider)) return cloud;
  throw new Error(`${cloud.provider} is not ${provider}`);
}

function isOf<P extends ProviderName>(cloud: Cloud, provider: P): cloud is Extract<Cloud, { provider: P }> {
  return cloud.provider === provider;
}
