import { familyOf } from "../../../shared/domain/cidr.ts";
import type { HetznerCloud } from "../../../shared/domain/clouds/hetzner.ts";
import { isIpv4 } from "../../../shared/domain/ip-address.ts";
import type { Host, Location, Network } from "../../../shared/domain/network.ts";
import type { Clock } from "../../../shared/ports/clock.ts";
import { createHetznerEmulator, type HetznerEmulator } from "../../emulators/hetzner/emulator.ts";
import { serveHetzner } from "../../emulators/hetzner/server.ts";
import type { WorldSeed } from "../../emulators/hetzner/world.ts";
import { localAddress } from "../pretended-hosts.ts";
import type { LocalCloud } from "./local-cloud.ts";

type HetznerPlace = { readonly location: Location; readonly cloud: HetznerCloud };

/** Hetzner Cloud as the local runtime has it: one project for all its networks. */
export type LocalHetzner = LocalCloud & {
  readonly emulator: HetznerEmulator;
  /** What the secret of every location's token is to hold. */
  readonly token: string;
};

/** The Hetzner emulator behind HTTP on a loopback port; port 0, and a port that is taken, stand for any free one. */
export async function startLocalHetzner(options: {
  readonly clock: Clock;
  readonly port: number;
}): Promise<LocalHetzner> {
  const token = "local";
  const emulator = createHetznerEmulator({ clock: options.clock, world: { tokens: [{ token }] } });
  const server = await serveHetzner(emulator, options.port).catch(() => serveHetzner(emulator, 0));
  const { control } = emulator;
  return {
    provider: "hetzner",
    url: server.url,
    emulator,
    token,
    seed: (network) => emulator.seed(missingFrom(emulator, worldOf(network))),
    async standing(location) {
      return hetznerPlace(location).flatMap(({ cloud: { network } }) =>
        control
          .routes(network)
          .map(({ destination, gateway }) => ({ table: String(network), destination, target: gateway })),
      );
    },
    targetOf: (location, host) => addressOf(location, host),
    changingCalls: () => control.calls().length,
    gaps: control.gaps,
    stop: () => server.close(),
  };
}

function hetznerPlace(location: Location): readonly HetznerPlace[] {
  const { cloud } = location;
  return cloud?.provider === "hetzner" ? [{ location, cloud }] : [];
}

function worldOf(network: Network): WorldSeed {
  const places = network.links.flatMap((link) => link.locations).flatMap(hetznerPlace);
  return {
    networks: places.map(({ location, cloud }) => {
      const range = location.networks.find((cidr) => familyOf(cidr) === 4) ?? "192.168.254.0/24";
      return { id: cloud.network, name: location.name, ip_range: range, subnets: [{ ip_range: range }] };
    }),
    servers: places.flatMap(({ location, cloud }) =>
      location.hosts
        .filter((host) => !host.static)
        .map((host) => ({
          id: serverOf(host),
          name: host.name,
          labels: { "pointsman-host": host.id },
          private_net: [{ network: cloud.network, ip: addressOf(location, host) }],
        })),
    ),
  };
}

/** The address that a host's server has in the location's network. */
function addressOf(location: Location, host: Host): string {
  const target = host.target ?? "auto";
  return isIpv4(target) ? target : localAddress(location, location.hosts.indexOf(host));
}

/** The server that its target names, or one whose number follows from the host's id (FNV-1a). */
function serverOf(host: Host): number {
  const named = /^server-(\d+)$/.exec(host.target ?? "")?.[1];
  if (named !== undefined) return Number(named);
  const hash = [...host.id].reduce(
    (sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 16_777_619) >>> 0,
    2_166_136_261,
  );
  return 1_000_000 + hash;
}

/** What a seed names and the emulator does not have yet: what stands, with its routes, is left as it is. */
function missingFrom(emulator: HetznerEmulator, seed: WorldSeed): WorldSeed {
  const world = emulator.dump();
  const lacking = <T extends { readonly id: number }>(
    known: readonly { readonly id: number }[],
    items: readonly T[],
  ): T[] => items.filter((item) => !known.some(({ id }) => id === item.id));
  return {
    networks: lacking(world.networks, seed.networks ?? []),
    servers: lacking(world.servers, seed.servers ?? []),
  };
}
