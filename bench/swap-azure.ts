import { createAzureEmulator } from "../dev/emulators/azure/emulator.ts";
import { serveAzure } from "../dev/emulators/azure/server.ts";
import type { WorldSeed } from "../dev/emulators/azure/world.ts";
import type { AzureCloud } from "../shared/domain/clouds/azure.ts";
import { limits } from "../shared/domain/limits.ts";
import { systemClock } from "../shared/platform/clock.ts";
import { createProviderRegistry } from "../shared/providers/registry.ts";
import { type Bench, plainRow, type Row, ratioRow } from "./row.ts";
import { swapDestinations, timeSwap } from "./swap-run.ts";

const latencyMs = 50;
/** How long an operation takes in the emulator: Azure promises nothing. */
const operationMs = 1_000;
/** What the bar applies to: a table's changes one after the other, or what the buckets force where that is longer. */
const ratio = 1.2;
/** Networks of the peers, each with a route in every table. */
const networks = 50;

const subscription = "0b1f6471-1bf0-4dda-aec3-cb9272f09590";
const resourceGroup = "rg-bench";
const place = { subscription, resourceGroup };
const idOf = (kind: string, name: string) =>
  `/subscriptions/${subscription}/resourcegroups/${resourceGroup}/providers/microsoft.network/${kind}/${name}`;
const addresses = ["10.0.0.4", "10.0.0.5"] as const;

/** Swaps a location's routes through the real SDK over HTTP, on the real clock: 50 networks in one table, in 4 and in 10. */
export const swapAzure: Bench = {
  name: "swap.azure",
  async run(note) {
    note(
      `Azure emulator with ${latencyMs} ms latency, operations of ${operationMs} ms, one at a time in a table of ${networks} routes, ` +
        `and buckets of ${limits.azureBurstChanges} + ${limits.azureChangesPerSecond}/s`,
    );
    const rows: Row[] = [];
    for (const tables of [1, 4, 10]) {
      const routes = networks * tables;
      const forcedMs = (Math.max(0, routes - limits.azureBurstChanges) / limits.azureChangesPerSecond) * 1_000;
      // The call, its operation, and one look at how it ended.
      const serialMs = networks * (latencyMs + operationMs + latencyMs);
      const floorMs = Math.max(forcedMs, serialMs);
      note(`${routes} routes in ${tables} tables, about ${Math.ceil(floorMs / 1_000)} s …`);
      const { verifiedMs, calls } = await swapOnce(tables);
      rows.push(
        ratioRow(`swap.azure.${routes}.verified`, verifiedMs, "ms", floorMs, { most: ratio }),
        plainRow(`swap.azure.${routes}.calls`, calls, "changing calls"),
      );
    }
    return rows;
  },
};

type Swapped = { readonly verifiedMs: number; readonly calls: number };

async function swapOnce(count: number): Promise<Swapped> {
  const ids = Array.from({ length: count }, (_, at) => idOf("routetables", `rt-${String(at).padStart(2, "0")}`));
  const cloud: AzureCloud = {
    provider: "azure",
    ...place,
    virtualNetwork: "vnet-bench",
    routeTables: { by: "id", ids },
  };
  const emulator = createAzureEmulator({ clock: systemClock, world: worldOf(ids) });
  const { control } = emulator;
  control.latency("*", latencyMs);
  control.operations(operationMs);
  control.throttling(true);
  const server = await serveAzure(emulator);
  const openProvider = createProviderRegistry({ clock: systemClock, cloudEndpoints: { azure: server.url } });
  try {
    const verifiedMs = await timeSwap(
      {
        cloud,
        targets: addresses,
        hostTargets: [idOf("networkinterfaces", "nic-0"), idOf("networkinterfaces", "nic-1")],
        tableKeys: ids.map((id) => `azure${id}`),
        openProvider,
      },
      networks,
    );
    const isMoved = ids.every((id) => [...control.effective(id).values()].every((target) => target === addresses[1]));
    if (!isMoved) throw new Error("a route was not swapped");
    const gaps = control.gaps(0);
    if (gaps.length > 0) throw new Error(`${gaps.length} destinations were without a route`);
    return { verifiedMs, calls: control.calls().length };
  } finally {
    await server.close();
  }
}

function worldOf(ids: readonly string[]): WorldSeed {
  const subnet = `${idOf("virtualnetworks", "vnet-bench")}/subnets/hosts`;
  return {
    networks: [
      {
        ...place,
        name: "vnet-bench",
        prefixes: ["10.0.0.0/16"],
        subnets: [
          { name: "hosts", prefix: "10.0.0.0/24" },
          ...ids.map((routeTable, at) => ({ name: `net-${at}`, prefix: `10.0.${at + 1}.0/24`, routeTable })),
        ],
      },
    ],
    interfaces: addresses.map((address, at) => ({ ...place, name: `nic-${at}`, addresses: [{ address, subnet }] })),
    routeTables: ids.map((id) => ({
      ...place,
      name: id.slice(id.lastIndexOf("/") + 1),
      routes: swapDestinations(networks).map((addressPrefix, at) => ({
        name: `to-${at}`,
        addressPrefix,
        nextHopIpAddress: addresses[0],
      })),
    })),
  };
}
