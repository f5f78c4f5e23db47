import type { FaultRule } from "../../../dev/emulators/common/faults.ts";
import { createGcpEmulator, type GcpEmulator } from "../../../dev/emulators/gcp/emulator.ts";
import { serveGcp } from "../../../dev/emulators/gcp/server.ts";
import type { WorldSeed } from "../../../dev/emulators/gcp/world.ts";
import type { GcpCloud } from "../../../shared/domain/clouds/gcp.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { openGcp } from "../../../shared/providers/gcp/open.ts";
import type { ContractWorld, Mishap } from "../contract/world.ts";

export const PROJECT = "acme-network";
export const NETWORK = "vpc-home";
export const LOCATION = "l1";
export const ZONE = "europe-west1-b";
export const PRIORITY = 1_000;

/** The cloud settings of a location in a network. */
export function cloudOf(network = NETWORK): GcpCloud {
  return { provider: "gcp", project: PROJECT, network, priority: PRIORITY, routeTables: { by: "network" } };
}

/** An instance as a target names it. */
export const instance = (name: string): string => `projects/${PROJECT}/zones/${ZONE}/instances/${name}`;

const FAULTS: Readonly<Record<Mishap, FaultRule["fault"]>> = {
  throttled: { kind: "throttle" },
  denied: { kind: "deny" },
  "cloud fault": { kind: "internal-error" },
  "answer lost": { kind: "drop", written: true },
  "lost on its way": { kind: "drop", written: false },
};

/** The contract's world on the Google emulator, behind HTTP. Calls of every world so far are given to `onClose`. */
export async function emulatedWorld(
  onClose: (emulator: GcpEmulator) => void = () => undefined,
): Promise<ContractWorld> {
  const emulator = createGcpEmulator({ clock: systemClock, world: seedOf() });
  const server = await serveGcp(emulator);
  const project = emulator.control.project(PROJECT);
  emulator.control.operations({ minMs: 1, maxMs: 5 });
  const open = openGcp(systemClock, server.url);
  let planted = 0;
  return {
    tables: [NETWORK],
    tableElsewhere: "vpc-elsewhere",
    tableMissing: "vpc-missing",
    interfaces: {
      a: instance("vm-a"),
      b: instance("vm-b"),
      untagged: instance("vm-untagged"),
      elsewhere: instance("vm-elsewhere"),
    },
    interfaceMissing: instance("vm-missing"),
    addresses: { a: "10.0.0.4", b: "10.0.0.5", untagged: "10.0.0.6", elsewhere: "10.99.0.4" },
    mark: "pointsman-host",
    callsPerReplace: 2,
    instanceOfA: instance("vm-a"),
    open: () => open(cloudOf(), LOCATION),
    async plant(network, destRange, target) {
      planted++;
      const hop =
        target === "gateway"
          ? { nextHopGateway: `projects/${PROJECT}/global/gateways/default-internet-gateway` }
          : { nextHopInstance: target };
      project.putRoute({ name: `planted-${planted}`, network, destRange, priority: PRIORITY + 1, ...hop });
    },
    standing: async (network) => standing(emulator, network),
    changingCalls: () => emulator.control.calls().length,
    gaps: () => emulator.control.gaps(0),
    mishap(mishap, destination) {
      // What was accepted is to stand when its answer is lost, and not a moment later.
      if (mishap === "answer lost") emulator.control.operations(0);
      emulator.control.fail({
        action: "routes.insert",
        fault: FAULTS[mishap],
        ...(destination !== undefined && { destination }),
      });
    },
    detachA: () => project.removeInstance(ZONE, "vm-a"),
    fillQuota: () => project.setQuota(1),
    async close() {
      onClose(emulator);
      await server.close();
    },
  };
}

/** What carries the traffic of a network, by destination. */
export function standing(emulator: GcpEmulator, network: string): ReadonlyMap<string, string> {
  const routes = emulator.control.project(PROJECT).routes(network);
  const best = new Map<string, string>();
  for (const { destRange, nextHopInstance, nextHopIp, nextHopGateway } of routes) {
    if (!best.has(destRange)) best.set(destRange, nextHopInstance ?? nextHopIp ?? nextHopGateway ?? "");
  }
  return best;
}

/** Two networks of a project, with the machines that the contract speaks of. A page holds few entries. */
export function seedOf(): WorldSeed {
  const vm = (name: string, address: string, hostId?: string, network = NETWORK) => ({
    zone: ZONE,
    name,
    interfaces: [{ network, address }],
    ...(hostId !== undefined && { metadata: { "pointsman-host": hostId } }),
  });
  return {
    pageEntries: 40,
    projects: [
      {
        id: PROJECT,
        networks: [
          { name: NETWORK, subnets: ["10.0.0.0/16"] },
          { name: "vpc-elsewhere", subnets: ["10.99.0.0/16"] },
        ],
        instances: [
          vm("vm-a", "10.0.0.4", "hosta"),
          vm("vm-b", "10.0.0.5", "hostb"),
          vm("vm-untagged", "10.0.0.6"),
          vm("vm-elsewhere", "10.99.0.4", "hostz", "vpc-elsewhere"),
        ],
      },
    ],
  };
}
