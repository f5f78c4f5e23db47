import type { Cloud } from "../domain/network.ts";
import type { Clock } from "../ports/clock.ts";
import type { RouteProvider } from "../ports/route-provider.ts";

/** Opens the provider of a cloud. A cloud's SDK is imported when its first location is opened, and not before. */
export function createProviderRegistry(deps: { readonly clock: Clock }): (cloud: Cloud) => Promise<RouteProvider> {
  let aws: Promise<(cloud: Extract<Cloud, { provider: "aws" }>) => RouteProvider> | undefined;
  return async (cloud) => {
    switch (cloud.provider) {
      case "aws":
        aws ??= import("./aws/open.ts").then(({ openAws }) => openAws(deps.clock));
        return (await aws)(cloud);
      default:
        return cloud.provider satisfies never;
    }
  };
}
