import { familyOf } from "../../shared/domain/cidr.ts";
import { familiesOf } from "../../shared/domain/clouds/cloud.ts";
import type { Host, Link, Location, Network } from "../../shared/domain/network.ts";
import { reachedNetworks } from "../../shared/domain/topology.ts";
import type { Store } from "../../shared/ports/store.ts";
import type { LocalCloud, StandingRoute } from "../runtime/clouds/local-cloud.ts";
import type { LocalClouds } from "../runtime/clouds/local-clouds.ts";

/** A route that should point at the active host of its location, and where it points. */
export type CheckedRoute = {
  readonly locationId: string;
  readonly table: string;
  readonly destination: string;
  readonly wanted: string;
  /** The cloud's own id of a target, or `nothing`. */
  readonly found: string;
};

type Clouds = Pick<LocalClouds, "byName">;

/** Every route that every location should have, as its cloud has it now. */
export async function checkRoutes(network: Network, store: Store, clouds: Clouds): Promise<readonly CheckedRoute[]> {
  const checked: CheckedRoute[] = [];
  for (const link of network.links) {
    for (const location of link.locations) {
      const head = (await store.readHead(link.id, location.id)).value?.value;
      const active = location.hosts.find((host) => host.id === head?.activeHostId);
      if (active !== undefined) checked.push(...(await routesTo(clouds, link, location, active)));
    }
  }
  return checked;
}

/** The routes of one location while a host of it is active. */
export async function routesTo(
  clouds: Clouds,
  link: Link,
  location: Location,
  active: Host,
): Promise<readonly CheckedRoute[]> {
  const cloud = cloudOf(clouds, location);
  if (cloud === undefined || location.cloud === undefined) return [];
  const families = familiesOf(location.cloud);
  const destinations = reachedNetworks(link, location).filter((destination) => families.has(familyOf(destination)));
  const standing = await cloud.standing(location);
  const wanted = cloud.targetOf(location, active);
  return tablesIn(standing, location).flatMap((table) =>
    destinations.map((destination) => ({
      locationId: location.id,
      table,
      destination,
      wanted,
      found: standing.find((route) => route.table === table && route.destination === destination)?.target ?? "nothing",
    })),
  );
}

/** The emulator of the cloud that a location's routes live in. */
export function cloudOf({ byName }: Clouds, { cloud }: Location): LocalCloud | undefined {
  return cloud === undefined ? undefined : byName.get(cloud.provider);
}

/** A table without any route shows itself only where the network names it. */
function tablesIn(standing: readonly StandingRoute[], { cloud }: Location): readonly string[] {
  const named = cloud?.routeTables.by === "id" ? cloud.routeTables.ids : [];
  const seen = standing.map(({ table }) => table);
  const tables = [...new Set([...named, ...seen])];
  return tables.length > 0 ? tables : [""];
}
