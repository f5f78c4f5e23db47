import type { FaultRule } from "../../../dev/emulators/common/faults.ts";
import { createHetznerEmulator, type HetznerEmulator } from "../../../dev/emulators/hetzner/emulator.ts";
import { serveHetzner } from "../../../dev/emulators/hetzner/server.ts";
import type { WorldSeed } from "../../../dev/emulators/hetzner/world.ts";
import type { HetznerCloud } from "../../../shared/domain/clouds/hetzner.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import type { CloudSecrets } from "../../../shared/ports/cloud-secrets.ts";
import { openHetzner } from "../../../shared/providers/hetzner/open.ts";
import type { ContractWorld, Mishap } from "../contract/world.ts";

export const HOME = 4711;
export const ELSEWHERE = 4712;
export const TOKEN = "jEheVytlAoFl7F8MqUQ7jAo2hOXASztXjEheVytlAoFl7F8MqUQ7jAo2hOXASztX";

const FAULTS: Readonly<Record<Mishap, FaultRule["fault"]>> = {
  throttled: { kind: "throttle" },
  denied: { kind: "deny" },
  "cloud fault": { kind: "internal-error" },
  "answer lost": { kind: "drop", written: true },
  "lost on its way": { kind: "drop", written: false },
};

/** The cloud settings of a location in a network. */
export function cloudOf(network: number): HetznerCloud {
  return { provider: "hetzner", network, routeTables: { by: "network" }, token: "pointsman/hetzner" };
}

/** Secrets that hold a token until they are told to hold another. */
export function secretsOf(text: () => string): CloudSecrets {
  let kept: string | undefined;
  return {
    async read() {
      kept ??= text();
      return kept;
    },
    forget() {
      kept = undefined;
    },
  };
}

/** The contract's world on the emulator, behind HTTP and the provider's own client. */
export async function emulatedWorld(): Promise<ContractWorld & { readonly emulator: HetznerEmulator }> {
  const emulator = createHetznerEmulator({ clock: systemClock, world: seedOf() });
  const server = await serveHetzner(emulator);
  const open = openHetzner({
    clock: systemClock,
    cloudSecrets: secretsOf(() => TOKEN),
    cloudEndpoints: { hetzner: server.url },
  });
  const { control } = emulator;
  return {
    emulator,
    tables: [String(HOME)],
    tableElsewhere: String(ELSEWHERE),
    tableMissing: "9999",
    interfaces: { a: "10.0.0.4", b: "10.0.0.5", untagged: "10.0.0.6", elsewhere: "10.99.0.4" },
    interfaceMissing: "10.0.0.99",
    addresses: { a: "10.0.0.4", b: "10.0.0.5", untagged: "10.0.0.6", elsewhere: "10.99.0.4" },
    instanceOfA: "server-11",
    mark: "pointsman-host",
    open: () => open(cloudOf(HOME)),
    plant: async (table, destination, target) =>
      control.putRoute(Number(table), { destination, gateway: target === "gateway" ? "10.0.0.200" : target }),
    standing: async (table) =>
      new Map(control.routes(Number(table)).map(({ destination, gateway }) => [destination, gateway])),
    changingCalls: () => control.calls().length,
    gaps: () => control.gaps(0),
    mishap: (mishap, destination) =>
      control.fail({ action: "change", fault: FAULTS[mishap], ...(destination !== undefined && { destination }) }),
    detachA: () => control.removeServer(11),
    fillQuota: () => control.setQuota(HOME, control.routes(HOME).length),
    close: () => server.close(),
  };
}

export function seedOf(): WorldSeed {
  const server = (id: number, network: number, ip: string, host?: string) => ({
    id,
    name: `server-${id}`,
    private_net: [{ network, ip }],
    labels: host === undefined ? {} : { "pointsman-host": host },
  });
  return {
    tokens: [{ token: TOKEN }],
    networks: [
      {
        id: HOME,
        name: "home",
        ip_range: "10.0.0.0/16",
        subnets: [{ ip_range: "10.0.0.0/24" }, { type: "vswitch", ip_range: "10.0.9.0/24" }],
      },
      { id: ELSEWHERE, name: "elsewhere", ip_range: "10.99.0.0/16", subnets: [{ ip_range: "10.99.0.0/24" }] },
    ],
    servers: [
      server(11, HOME, "10.0.0.4", "hosta"),
      server(12, HOME, "10.0.0.5", "hostb"),
      server(13, HOME, "10.0.0.6"),
      server(14, ELSEWHERE, "10.99.0.4", "hostz"),
    ],
  };
}
