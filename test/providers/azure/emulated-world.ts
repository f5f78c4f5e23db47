import { type AzureEmulator, createAzureEmulator } from "../../../dev/emulators/azure/emulator.ts";
import { serveAzure } from "../../../dev/emulators/azure/server.ts";
import type { WorldSeed } from "../../../dev/emulators/azure/world.ts";
import type { FaultRule } from "../../../dev/emulators/common/faults.ts";
import type { AzureCloud } from "../../../shared/domain/clouds/azure.ts";
import type { RouteTables } from "../../../shared/domain/clouds/route-tables.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { openAzure } from "../../../shared/providers/azure/open.ts";
import type { ContractWorld, Mishap, Selection } from "../contract/world.ts";

export const SUBSCRIPTION = "0b1f6471-1bf0-4dda-aec3-cb9272f09590";
export const OTHER_SUBSCRIPTION = "6731de76-14a6-49ae-97bc-6eba6914391e";
export const GROUP = "RG-Network";
const TAG = "pointsman-routes";

const FAULTS: Readonly<Record<Mishap, FaultRule["fault"]>> = {
  throttled: { kind: "throttle" },
  denied: { kind: "deny" },
  "cloud fault": { kind: "internal-error" },
  "answer lost": { kind: "drop", written: true },
  "lost on its way": { kind: "drop", written: false },
};

/** A resource id in the case that Azure shows it in. */
export function idIn(
  kind: "routeTables" | "networkInterfaces" | "virtualNetworks",
  name: string,
  group = GROUP,
): string {
  return `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.Network/${kind}/${name}`;
}
export const tableId = (name: string, group = GROUP): string => idIn("routeTables", name, group).toLowerCase();
export const interfaceId = (name: string): string => idIn("networkInterfaces", name).toLowerCase();
export const subnetId = (network: string, name: string): string =>
  `${idIn("virtualNetworks", network)}/subnets/${name}`;

/** The cloud settings of a location in the network `vnet-home`. */
export function cloudOf(routeTables: RouteTables): AzureCloud {
  return {
    provider: "azure",
    subscription: SUBSCRIPTION,
    resourceGroup: GROUP.toLowerCase(),
    virtualNetwork: "vnet-home",
    routeTables,
  };
}

function routeTables(selection: Selection): RouteTables {
  switch (selection.by) {
    case "id":
      return { by: "id", ids: [...selection.ids] };
    case "tag":
      return { by: "tag", key: TAG, value: selection.value };
    case "network":
      return selection;
    default:
      return selection satisfies never;
  }
}

/** The contract's world on the Azure emulator, behind HTTP and the real SDK. */
export async function emulated(shape: {
  readonly tables: number;
}): Promise<{ readonly world: ContractWorld; readonly emulator: AzureEmulator }> {
  const names = Array.from({ length: shape.tables }, (_, at) => `rt-${String(at).padStart(4, "0")}`);
  const emulator = createAzureEmulator({ clock: systemClock, world: seedOf(names) });
  const server = await serveAzure(emulator);
  const open = openAzure({ clock: systemClock, cloudEndpoints: { azure: server.url } });
  const { control } = emulator;
  const addresses = { a: "10.0.0.4", b: "10.0.0.5", untagged: "10.0.0.6", elsewhere: "10.99.0.4" };
  const named = (name: string) => interfaceId(`nic-${name}`);
  let count = 0;
  const world: ContractWorld = {
    tables: names.map((name) => tableId(name)),
    tableElsewhere: tableId("rt-elsewhere"),
    tableMissing: tableId("rt-missing"),
    interfaces: { ...addresses, b: "10.0.0.9" },
    interfaceMissing: "10.0.0.99",
    named: {
      a: named("a"),
      b: named("b"),
      untagged: named("untagged"),
      elsewhere: named("elsewhere"),
      missing: named("missing"),
    },
    mark: "pointsman-host",
    addresses,
    instanceOfA: "",
    open: (selection) => open(cloudOf(routeTables(selection))),
    plant: async (table, destination, target) => {
      const hop =
        target === "gateway" ? ({ nextHopType: "VirtualNetworkGateway" } as const) : { nextHopIpAddress: target };
      control.putRoute(table, { name: `planted-${count++}`, addressPrefix: destination, ...hop });
    },
    standing: async (table) => control.effective(table),
    changingCalls: () => control.calls().length,
    gaps: () => control.gaps(0),
    mishap: (mishap, destination) =>
      control.fail({
        action: destination === undefined ? "Microsoft.Network/routeTables/routes/write" : "*",
        fault: FAULTS[mishap],
        ...(destination !== undefined && { destination }),
      }),
    detachA: () => control.removeInterface(named("a")),
    fillQuota: () => emulator.seed({ routeQuota: 1 }),
    close: () => server.close(),
  };
  return { world, emulator };
}

export function seedOf(tables: readonly string[]): WorldSeed {
  const place = { subscription: SUBSCRIPTION, resourceGroup: GROUP };
  const nic = (name: string, network: string, list: readonly string[], host?: string) => ({
    ...place,
    name: `nic-${name}`,
    addresses: list.map((address) => ({ address, subnet: subnetId(network, "hosts") })),
    tags: host === undefined ? {} : { "pointsman-host": host },
  });
  const subnets = tables.map((name, at) => ({
    name: `net-${at}`,
    prefix: `10.1.${at}.0/24`,
    routeTable: idIn("routeTables", name),
  }));
  return {
    networks: [
      {
        ...place,
        name: "vnet-home",
        prefixes: ["10.0.0.0/15"],
        subnets: [{ name: "hosts", prefix: "10.0.0.0/24" }, ...subnets],
      },
      {
        ...place,
        name: "vnet-elsewhere",
        prefixes: ["10.99.0.0/16"],
        subnets: [{ name: "hosts", prefix: "10.99.0.0/24", routeTable: idIn("routeTables", "rt-elsewhere") }],
      },
    ],
    routeTables: [
      ...tables.map((name, at) => ({ ...place, name, tags: at < 2 ? { "Pointsman-Routes": "yes" } : {} })),
      { ...place, name: "rt-elsewhere", tags: { [TAG]: "yes" } },
    ],
    interfaces: [
      nic("a", "vnet-home", ["10.0.0.4"], "hosta"),
      nic("b", "vnet-home", ["10.0.0.9", "10.0.0.5"], "hostb"),
      nic("untagged", "vnet-home", ["10.0.0.6"]),
      nic("elsewhere", "vnet-elsewhere", ["10.99.0.4"], "hostz"),
    ],
  };
}
