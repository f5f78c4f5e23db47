import type { Cloud } from "../domain/clouds/cloud.ts";
import { networkKey } from "../domain/clouds/cloud.ts";
import { RouteError } from "../domain/errors.ts";
import type { TableRef } from "../domain/routes.ts";
import { type RemotePlace, remoteProvider } from "../executor/remote.ts";
import { systemRandom } from "../platform/random.ts";
import type { RouteProvider } from "../ports/route-provider.ts";
import { listedTable } from "./aws/prefix-lists/names.ts";
import { heldTable } from "./oci/held-table.ts";
import type { ProviderParts } from "./registry.ts";

type Executors = NonNullable<Cloud["executors"]>;

/**
 * Opens providers of locations that name executors. Each reads its key by `cloudSecrets`; throws `RouteError` INVALID where
 * there are none.
 */
export function openRemote(
  parts: ProviderParts,
): (cloud: Cloud, executors: Executors, locationId: string) => RouteProvider {
  const shunned = new Map<string, number>();
  return ({ executors: _, ...cloud }, executors, locationId) => {
    const { clock, cloudSecrets } = parts;
    if (cloudSecrets === undefined) throw keyless(cloud.provider);
    const calls = { clock, cloudSecrets, random: systemRandom, fetch, shunned };
    return remoteProvider(calls, placeOf(cloud, executors, locationId));
  };
}

/** A location as its executors are asked for it. `cloud`: without executors. */
export function placeOf(cloud: Cloud, executors: Executors, locationId: string): RemotePlace {
  const tableOf = tableOfCloud(cloud, locationId);
  return {
    executors,
    cloud,
    locationId,
    isTable: (table) => isTableOf(cloud, locationId, table),
    ...(tableOf && { tableOf }),
  };
}

/**
 * Whether a table can be one of a cloud by its key: the ledger knows tables by that, and an executor that lies must not get at
 * entries of another cloud, region or project.
 */
function isTableOf(cloud: Cloud, locationId: string, { key, id }: TableRef): boolean {
  switch (cloud.provider) {
    case "aws": {
      if (cloud.prefixList === undefined) return key === `aws/${cloud.region}/${id}` && id.startsWith("rtb-");
      const listed = listedTable(cloud.region, locationId, { key, id });
      return listed.holds !== undefined && listed.key === key;
    }
    case "azure":
      return key === `azure${id}` && id.startsWith("/subscriptions/");
    case "oci":
      return key === `oci/${cloud.region}/${id}` && (id.startsWith("ocid1.routetable.") || id === cloud.floatingIp);
    case "gcp":
    case "hetzner":
      return key === networkKey(cloud);
    default:
      return cloud satisfies never;
  }
}

function tableOfCloud(cloud: Cloud, locationId: string): RouteProvider["tableOf"] {
  if (cloud.provider === "aws" && cloud.prefixList !== undefined) {
    const { region } = cloud;
    return (noted) => listedTable(region, locationId, noted);
  }
  if (cloud.provider !== "oci") return undefined;
  const { floatingIp } = cloud;
  return (noted) => heldTable(floatingIp === undefined ? {} : { floatingIp }, noted);
}

function keyless(provider: string): RouteError {
  const message = `${provider}: the key of the location's executors cannot be read where this runs`;
  const next = "run the routes function where secrets can be read, or leave the location's executors out";
  return new RouteError("INVALID", message, { retry: "never", next });
}
