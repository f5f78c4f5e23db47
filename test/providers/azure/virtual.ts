import { type AzureEmulator, createAzureEmulator } from "../../../dev/emulators/azure/emulator.ts";
import { inProcess } from "../../../dev/emulators/azure/in-process.ts";
import type { WorldSeed } from "../../../dev/emulators/azure/world.ts";
import { type TestClock, testClock } from "../../../dev/test-clock.ts";
import type { AzureCloud } from "../../../shared/domain/clouds/azure.ts";
import type { ChangeOutcome, RouteChange, RouteProvider, TableRef } from "../../../shared/ports/route-provider.ts";
import { type AzureParts, openAzure } from "../../../shared/providers/azure/open.ts";
import { cloudOf, GROUP, idIn, SUBSCRIPTION, subnetId, tableId } from "./emulated-world.ts";

export type VirtualWorld = {
  readonly clock: TestClock;
  readonly emulator: AzureEmulator;
  /** A provider of another process: with a pace, tokens and locks of its own. */
  open(cloud?: AzureCloud, parts?: Partial<AzureParts>): RouteProvider;
  /** Lets time go on until a promise is settled; its value, and how long it took in virtual time. */
  drive<T>(promise: Promise<T>): Promise<{ readonly value: T; readonly tookMs: number }>;
};

const STEPS = 100_000;

/** The provider on the emulator in virtual time, with the real SDK and without sockets. */
export function virtualWorld(seed: WorldSeed): VirtualWorld {
  const clock = testClock();
  const emulator = createAzureEmulator({ clock, world: seed });
  return {
    clock,
    emulator,
    open(cloud = cloudOf({ by: "network" }), parts = {}) {
      return openAzure({
        clock,
        cloudEndpoints: { azure: "http://127.0.0.1" },
        httpClient: inProcess(emulator),
        ...parts,
      })(cloud);
    },
    async drive(promise) {
      const startMs = clock.monotonicMs();
      let isOver = false;
      const mark = () => {
        isOver = true;
      };
      promise.then(mark, mark);
      for (let steps = 0; !isOver && steps < STEPS; steps++) await clock.step();
      const tookMs = clock.monotonicMs() - startMs;
      return { value: await promise, tookMs };
    },
  };
}

export const never = (): AbortSignal => new AbortController().signal;
export const mayWrite = (): Promise<void> => Promise.resolve();
export const turn = { guard: mayWrite, epoch: 1 };

/** What became of each change: `written`, or the code of its error. */
export const codes = (outcomes: readonly ChangeOutcome[]): readonly string[] =>
  outcomes.map((outcome) => (outcome.result === "written" ? "written" : outcome.error.code));

export const HOST_A = "10.0.0.4";
export const HOST_B = "10.0.0.5";

/** The n-th destination of many. */
export const destination = (at: number): string => `10.${100 + Math.floor(at / 256)}.${at % 256}.0/24`;

export const refOf = (name: string): TableRef => ({ id: tableId(name), key: `azure${tableId(name)}` });

export const create = (table: TableRef, to: string, target = HOST_B): RouteChange => ({
  kind: "create",
  table,
  destination: to,
  target,
});

export const replace = (table: TableRef, to: string, target = HOST_B, found = HOST_A): RouteChange => ({
  kind: "replace",
  table,
  destination: to,
  target,
  found,
});

/** Tables `rt-1`, `rt-2` … with so many routes to `HOST_A` each, and the interfaces `nic-a` and `nic-b` of two hosts. */
export function routesWorld(routes: number, tables = 1): WorldSeed {
  const place = { subscription: SUBSCRIPTION, resourceGroup: GROUP };
  const names = Array.from({ length: tables }, (_, at) => `rt-${at + 1}`);
  const nic = (host: string, address: string) => ({
    ...place,
    name: `nic-${host}`,
    addresses: [{ address, subnet: subnetId("vnet-home", "hosts") }],
    tags: { "pointsman-host": `host${host}` },
  });
  return {
    networks: [
      {
        ...place,
        name: "vnet-home",
        prefixes: ["10.0.0.0/15"],
        subnets: [
          { name: "hosts", prefix: "10.0.0.0/24" },
          ...names.map((name, at) => ({
            name: `net-${at}`,
            prefix: `10.1.${at}.0/24`,
            routeTable: idIn("routeTables", name),
          })),
        ],
      },
    ],
    interfaces: [nic("a", HOST_A), nic("b", HOST_B)],
    securityGroups: [{ ...place, name: "nsg-1", rules: [{ name: "all", priority: 100, ports: ["500", "4500"] }] }],
    routeTables: names.map((name) => ({
      ...place,
      name,
      routes: Array.from({ length: routes }, (_, at) => ({
        name: `to-${at}`,
        addressPrefix: destination(at),
        nextHopIpAddress: HOST_A,
      })),
    })),
  };
}
