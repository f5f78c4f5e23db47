import { DescribeRouteTablesCommand, type EC2Client, type Route, type RouteTable } from "@aws-sdk/client-ec2";
import { asAws } from "../../dev/as-aws.ts";
import type { CheckedRoute } from "../../dev/demo/check-routes.ts";
import { interfaceOf, tablesOf } from "../../dev/runtime/aws-world.ts";
import type { AwsCloud } from "../../shared/domain/clouds/aws.ts";
import type { Host, Location, Network } from "../../shared/domain/network.ts";
import { reachedNetworks } from "../../shared/domain/topology.ts";
import type { Store } from "../../shared/ports/store.ts";

/** Clients of the real SDK, by region. */
type Ec2 = { readonly client: (region: string) => EC2Client };

/** Reads every route that every location should have from the emulator, through the real SDK. */
export async function checkRoutes(network: Network, store: Store, ec2: Ec2): Promise<readonly CheckedRoute[]> {
  const checked: CheckedRoute[] = [];
  for (const link of network.links) {
    for (const location of link.locations) {
      const head = (await store.readHead(link.id, location.id)).value?.value;
      const active = location.hosts.find((host) => host.id === head?.activeHostId);
      if (location.cloud === undefined || active === undefined) continue;
      const tables = await readTables(location, asAws(location.cloud), ec2);
      checked.push(...routesOf(location, active, reachedNetworks(link, location), tables));
    }
  }
  return checked;
}

async function readTables(location: Location, cloud: AwsCloud, ec2: Ec2): Promise<readonly RouteTable[]> {
  const client = ec2.client(cloud.region);
  try {
    const answer = await client.send(new DescribeRouteTablesCommand({ RouteTableIds: [...tablesOf(location)] }));
    return answer.RouteTables ?? [];
  } finally {
    client.destroy();
  }
}

function routesOf(
  location: Location,
  active: Host,
  destinations: readonly string[],
  tables: readonly RouteTable[],
): readonly CheckedRoute[] {
  return tablesOf(location).flatMap((id) => {
    const routes = tables.find((table) => table.RouteTableId === id)?.Routes ?? [];
    return destinations.map((destination) => ({
      locationId: location.id,
      table: id,
      destination,
      wanted: interfaceOf(active),
      found: routes.find((route) => isTo(route, destination))?.NetworkInterfaceId ?? "nothing",
    }));
  });
}

function isTo(route: Route, destination: string): boolean {
  return route.DestinationCidrBlock === destination || route.DestinationIpv6CidrBlock === destination;
}
