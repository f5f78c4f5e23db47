import { familyOf } from "../../../shared/domain/cidr.ts";
import { isSameNetwork } from "../../../shared/domain/clouds/cloud.ts";
import type { GcpCloud } from "../../../shared/domain/clouds/gcp.ts";
import type { Host, Location, Network } from "../../../shared/domain/network.ts";
import type { Clock } from "../../../shared/ports/clock.ts";
import { createGcpEmulator, type GcpEmulator } from "../../emulators/gcp/emulator.ts";
import { serveGcp } from "../../emulators/gcp/server.ts";
import { hopOf, instanceKey } from "../../emulators/gcp/state.ts";
import type { Instance, StaticRoute, World, WorldSeed } from "../../emulators/gcp/world.ts";
import { localAddress } from "../pretended-hosts.ts";
import type { LocalCloud, StandingRoute } from "./local-cloud.ts";

type GcpPlace = { readonly location: Location; readonly cloud: GcpCloud };

/** Google Cloud as the local runtime has it. */
export type LocalGcp = LocalCloud & { readonly emulator: GcpEmulator };

/** The Google emulator behind HTTP on a loopback port; port 0, and a port that is taken, stand for any free one. */
export async function startLocalGcp(options: { readonly clock: Clock; readonly port: number }): Promise<LocalGcp> {
  const emulator = createGcpEmulator({ clock: options.clock });
  const server = await serveGcp(emulator, options.port).catch(() => serveGcp(emulator, 0));
  const { control } = emulator;
  return {
    provider: "gcp",
    url: server.url,
    emulator,
    seed: (network) => emulator.seed(missingFrom(emulator.dump(), worldOf(network))),
    standing: async (location) => gcpPlace(location).flatMap((place) => carrying(emulator, place)),
    targetOf: (location, host) => gcpPlace(location).map((place) => targetOf(place, host))[0] ?? "",
    changingCalls: () => control.calls().length,
    gaps: control.gaps,
    stop: () => server.close(),
  };
}

function gcpPlace(location: Location): readonly GcpPlace[] {
  const { cloud } = location;
  return cloud?.provider === "gcp" ? [{ location, cloud }] : [];
}

/** For every destination the route with the lowest number, which carries the traffic. */
function carrying(emulator: GcpEmulator, { cloud }: GcpPlace): readonly StandingRoute[] {
  const best = new Map<string, StaticRoute>();
  for (const route of emulator.control.project(cloud.project).routes(cloud.network)) {
    if (!best.has(route.destRange)) best.set(route.destRange, route);
  }
  return [...best].map(([destination, route]) => ({ table: cloud.network, destination, target: hopOf(route) }));
}

const LOCAL_ZONE = "europe-west1-b";

/** An address stays one; an instance, and `auto`, become the instance's path. */
function targetOf(place: GcpPlace, host: Host): string {
  const target = host.target ?? "auto";
  if (target !== "auto" && !target.includes("instances/")) return target;
  return `projects/${projectOf(place, host)}/${instanceKey(placeOf(host))}`;
}

function projectOf({ cloud }: GcpPlace, { target = "auto" }: Host): string {
  return /^projects\/([^/]+)\//.exec(target)?.[1] ?? cloud.project;
}

function placeOf({ id, target = "auto" }: Host): Pick<Instance, "zone" | "name"> {
  const [, zone = LOCAL_ZONE, name = `host-${id.toLowerCase()}`] =
    /zones\/([^/]+)\/instances\/([^/]+)$/.exec(target) ?? [];
  return { zone, name };
}

/** The networks, and an instance for every host, which an instance of a service project of a Shared VPC may be. */
function worldOf(network: Network): WorldSeed {
  const places = network.links.flatMap((link) => link.locations).flatMap(gcpPlace);
  const own = places.map(({ cloud }) => {
    const sharing = places.filter((other) => isSameNetwork(other.cloud, cloud));
    const subnets = [...new Set(sharing.flatMap(subnetsOf))];
    const open = { name: `allow-all-${cloud.network}`, network: cloud.network, sourceRanges: ["0.0.0.0/0"] };
    return { id: cloud.project, networks: [{ name: cloud.network, subnets }], firewalls: [open] };
  });
  const machines = places.flatMap((place) =>
    place.location.hosts.flatMap((host, at) =>
      host.static ? [] : [{ id: projectOf(place, host), instances: [instanceSeed(place, host, at)] }],
    ),
  );
  return { projects: [...own, ...machines] };
}

function subnetsOf({ location }: GcpPlace): string[] {
  const subnets = location.networks.filter((cidr) => familyOf(cidr) === 4);
  return subnets.length > 0 ? subnets : ["192.0.2.0/24"];
}

function instanceSeed({ location, cloud }: GcpPlace, host: Host, at: number) {
  const { target = "auto" } = host;
  const isAddress = target !== "auto" && !target.includes("instances/");
  return {
    ...placeOf(host),
    interfaces: [
      {
        network: `projects/${cloud.project}/global/networks/${cloud.network}`,
        address: isAddress ? target : localAddress(location, at),
      },
    ],
    metadata: { "pointsman-host": host.id },
  };
}

/** What of a seed is not there yet, so that what was changed by hand stays as it is. */
function missingFrom(world: World, { projects = [] }: WorldSeed): WorldSeed {
  return {
    projects: projects.map((seed) => {
      const known = world.projects.find(({ id }) => id === seed.id);
      const instances = (seed.instances ?? []).filter(
        (made) => !known?.instances.some((old) => old.name === made.name && old.zone === made.zone),
      );
      const networks = (seed.networks ?? []).filter((made) => !known?.networks.some((old) => old.name === made.name));
      const firewalls = (seed.firewalls ?? []).filter(
        (made) => !known?.firewalls.some((old) => old.name === made.name),
      );
      return { ...seed, networks, instances, firewalls };
    }),
  };
}
