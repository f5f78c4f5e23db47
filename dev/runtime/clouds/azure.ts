import { familyOf } from "../../../shared/domain/cidr.ts";
import type { AzureCloud } from "../../../shared/domain/clouds/azure.ts";
import type { Host, Location, Network } from "../../../shared/domain/network.ts";
import type { Clock } from "../../../shared/ports/clock.ts";
import { type AzureEmulator, createAzureEmulator } from "../../emulators/azure/emulator.ts";
import { serveAzure } from "../../emulators/azure/server.ts";
import type { WorldSeed } from "../../emulators/azure/world.ts";
import { localAddress } from "../pretended-hosts.ts";
import type { LocalCloud } from "./local-cloud.ts";

type Place = { readonly subscription: string; readonly resourceGroup: string; readonly name: string };
type NetworkSeed = NonNullable<WorldSeed["networks"]>[number];
type AzurePlace = { readonly location: Location; readonly cloud: AzureCloud };

/** Azure as the local runtime has it. */
export type LocalAzure = LocalCloud & { readonly emulator: AzureEmulator };

/** The Azure emulator behind HTTP on a loopback port; port 0, and a port that is taken, stand for any free one. */
export async function startLocalAzure(options: { readonly clock: Clock; readonly port: number }): Promise<LocalAzure> {
  const emulator = createAzureEmulator({ clock: options.clock });
  const server = await serveAzure(emulator, options.port).catch(() => serveAzure(emulator, 0));
  const { control } = emulator;
  return {
    provider: "azure",
    url: server.url,
    emulator,
    seed: (network) => emulator.seed(missingFrom(emulator, worldOf(network))),
    async standing(location) {
      return azurePlace(location).flatMap((place) =>
        tablesOf(place).flatMap((table) =>
          [...control.effective(table)].map(([destination, target]) => ({ table, destination, target })),
        ),
      );
    },
    targetOf: (location, host) => localAddress(location, location.hosts.indexOf(host)),
    changingCalls: () => control.calls().length,
    gaps: control.gaps,
    stop: () => server.close(),
  };
}

function azurePlace(location: Location): readonly AzurePlace[] {
  const { cloud } = location;
  return cloud?.provider === "azure" ? [{ location, cloud }] : [];
}

/** The route tables of a location as they are seeded, by id in lower case. */
function tablesOf({ location, cloud }: AzurePlace): readonly string[] {
  const { routeTables, subscription, resourceGroup } = cloud;
  return routeTables.by === "id"
    ? routeTables.ids
    : [idOf("routetables", { subscription, resourceGroup, name: `rt-${location.id.toLowerCase()}` })];
}

function worldOf(network: Network): WorldSeed {
  const places = network.links.flatMap((link) => link.locations).flatMap(azurePlace);
  return {
    networks: places.map(networkOf),
    routeTables: places.flatMap(({ location, cloud }) =>
      tablesOf({ location, cloud }).flatMap((id) => {
        const place = placeOf(id);
        const { routeTables: by } = cloud;
        return place === undefined ? [] : [{ ...place, tags: by.by === "tag" ? { [by.key]: by.value } : {} }];
      }),
    ),
    securityGroups: places.map(({ cloud }) => ({ ...groupOf(cloud), rules: [{ name: "all", priority: 100 }] })),
    interfaces: places.flatMap(({ location, cloud }) =>
      location.hosts.flatMap((host, at) => (host.static ? [] : [interfaceOf({ location, cloud }, host, at)])),
    ),
  };
}

/** The virtual network of a location, as far as the location is in it. */
function networkOf({ location, cloud }: AzurePlace): NetworkSeed {
  const { subscription, resourceGroup, virtualNetwork: name } = cloud;
  const [first = "192.0.2.0/24", ...more] = location.networks.filter((cidr) => familyOf(cidr) === 4);
  const routed = tablesOf({ location, cloud }).map((routeTable, at) => ({
    name: `routed-${location.id}-${at}`,
    prefix: first,
    routeTable,
  }));
  const subnets = [{ name: hostSubnet(location), prefix: first }, ...routed];
  return { subscription, resourceGroup, name, prefixes: [first, ...more], subnets };
}

/** The security group of the link hosts of a network, open to everything. */
function groupOf({ subscription, resourceGroup, virtualNetwork }: AzureCloud): Place {
  return { subscription, resourceGroup, name: `nsg-${virtualNetwork}` };
}

const hostSubnet = (location: Location) => `hosts-${location.id}`;

function interfaceOf({ location, cloud }: AzurePlace, host: Host, at: number) {
  const { subscription, resourceGroup, virtualNetwork: name } = cloud;
  const own = { subscription, resourceGroup, name: `nic-${host.id.toLowerCase()}` };
  const subnet = `${idOf("virtualnetworks", { subscription, resourceGroup, name })}/subnets/${hostSubnet(location)}`;
  return {
    ...(placeOf(host.target ?? "auto") ?? own),
    securityGroup: idOf("networksecuritygroups", groupOf(cloud)),
    tags: { Name: host.name, "pointsman-host": host.id },
    addresses: [{ address: localAddress(location, at), subnet }],
  };
}

/** What a seed names and the emulator does not have yet: what stands, with its routes, is left as it is. */
function missingFrom(emulator: AzureEmulator, seed: WorldSeed): WorldSeed {
  const world = emulator.dump();
  const isSame = (a: Place, b: Place) => idOf("", a) === idOf("", b);
  const lacking = <T extends Place>(known: readonly Place[], items: readonly T[] = []): T[] =>
    items.filter((item) => !known.some((other) => isSame(item, other)));
  return {
    networks: merged([...world.networks, ...(seed.networks ?? [])]),
    routeTables: lacking(world.routeTables, seed.routeTables),
    interfaces: lacking(world.interfaces, seed.interfaces),
    securityGroups: lacking(world.securityGroups, seed.securityGroups),
  };
}

/** Each network once, with the subnets of all locations in it; the first of a name counts. */
function merged(networks: readonly NetworkSeed[]): NetworkSeed[] {
  const byId = new Map<string, NetworkSeed>();
  for (const network of networks) {
    const id = idOf("virtualnetworks", network);
    const { subnets = [], prefixes = [] } = byId.get(id) ?? {};
    const more = (network.subnets ?? []).filter(({ name }) => !subnets.some((known) => known.name === name));
    byId.set(id, {
      ...network,
      prefixes: [...new Set([...prefixes, ...network.prefixes])],
      subnets: [...subnets, ...more],
    });
  }
  return [...byId.values()];
}

function idOf(kind: string, { subscription, resourceGroup, name }: Place): string {
  return `/subscriptions/${subscription}/resourcegroups/${resourceGroup}/providers/microsoft.network/${kind}/${name}`.toLowerCase();
}

function placeOf(id: string): Place | undefined {
  const [, subscription, resourceGroup, name] =
    /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.network\/[a-z]+\/([^/]+)$/i.exec(id) ??
    [];
  if (subscription === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return { subscription, resourceGroup, name };
}
