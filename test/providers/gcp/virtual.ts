import type { GcpEmulator } from "../../../dev/emulators/gcp/emulator.ts";
import { createGcpEmulator } from "../../../dev/emulators/gcp/emulator.ts";
import { inProcess } from "../../../dev/emulators/gcp/in-process.ts";
import type { StaticRoute, WorldSeed } from "../../../dev/emulators/gcp/world.ts";
import { type TestClock, testClock } from "../../../dev/test-clock.ts";
import type { GcpCloud } from "../../../shared/domain/clouds/gcp.ts";
import { limits } from "../../../shared/domain/limits.ts";
import type { ChangeOutcome, Route, RouteChange, RouteProvider } from "../../../shared/ports/route-provider.ts";
import { pace } from "../../../shared/providers/common/pace.ts";
import { computeClient } from "../../../shared/providers/gcp/client.ts";
import { anonymous } from "../../../shared/providers/gcp/identity.ts";
import { gcpProvider } from "../../../shared/providers/gcp/provider.ts";
import { cloudOf, instance, LOCATION, NETWORK, PROJECT, seedOf } from "./emulated-world.ts";

export const A = instance("vm-a");
export const B = instance("vm-b");
export const TABLE = { key: `gcp/${PROJECT}/${NETWORK}`, id: NETWORK };
export const never = (): AbortSignal => new AbortController().signal;

export type VirtualWorld = {
  readonly clock: TestClock;
  readonly emulator: GcpEmulator;
  open(cloud?: GcpCloud, locationId?: string): RouteProvider;
  /** Lets time go on until a promise is settled; its value, and how long it took in virtual time. */
  drive<T>(promise: Promise<T>): Promise<{ readonly value: T; readonly tookMs: number }>;
  /** Writes changes for a decision of the location; the outcomes as `written` or the code of the error. */
  write(changes: readonly RouteChange[], epoch: number, signal?: AbortSignal): Promise<readonly string[]>;
  outcomes(changes: readonly RouteChange[], epoch: number): Promise<readonly ChangeOutcome[]>;
  /** What the provider reads for a destination. */
  seen(destination: string): Promise<Route | undefined>;
  /** The routes that stand, as `destination priority target` with the last part of the target. */
  standing(): readonly string[];
  plant(route: Partial<StaticRoute> & Pick<StaticRoute, "name" | "destRange">): void;
};

const STEPS = 200_000;
const TURNS = 6;

/** The provider on the emulator in virtual time, with real requests and without sockets. */
export function virtualWorld(more: WorldSeed = {}): VirtualWorld {
  const clock = testClock();
  const emulator = createGcpEmulator({ clock, world: seedOf() });
  emulator.seed(more);
  const client = computeClient("http://compute.test", anonymous, inProcess(emulator));
  const shared = pace(clock, { burst: limits.gcpBurstCalls, perSecond: limits.gcpCallsPerSecond });
  const open = (cloud = cloudOf(), locationId = LOCATION) => gcpProvider({ client, clock, cloud, locationId }, shared);
  const drive: VirtualWorld["drive"] = async (promise) => {
    const startMs = clock.monotonicMs();
    let isOver = false;
    const mark = () => {
      isOver = true;
    };
    promise.then(mark, mark);
    for (let steps = 0; !isOver && steps < STEPS; steps++) {
      // Reading the body of an answer takes more turns than the clock waits for by itself.
      for (let turn = 0; turn < TURNS; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
      if (!isOver) await clock.step();
    }
    const tookMs = clock.monotonicMs() - startMs;
    return { value: await promise, tookMs };
  };
  const outcomes = async (changes: readonly RouteChange[], epoch: number, signal = never()) => {
    const turn = { guard: () => Promise.resolve(), epoch };
    return (await drive(open().write(changes, turn, signal))).value;
  };
  return {
    clock,
    emulator,
    open,
    drive,
    outcomes,
    write: async (changes, epoch, signal) =>
      (await outcomes(changes, epoch, signal)).map((outcome) =>
        outcome.result === "written" ? "written" : outcome.error.code,
      ),
    async seen(destination) {
      const { value } = await drive(open().read([TABLE], never()));
      return value.find((route) => route.destination === destination);
    },
    standing: () =>
      emulator.control
        .project(PROJECT)
        .routes(NETWORK)
        .map(
          (route) =>
            `${route.destRange} ${route.priority} ${(route.nextHopInstance ?? route.nextHopIp ?? "").split("/").at(-1)}`,
        ),
    plant: (route) => emulator.control.project(PROJECT).putRoute({ network: NETWORK, ...route }),
  };
}

export const create = (destination: string, target: string): RouteChange => ({
  kind: "create",
  table: TABLE,
  destination,
  target,
});
export const replace = (destination: string, target: string, found: string): RouteChange => ({
  kind: "replace",
  table: TABLE,
  destination,
  target,
  found,
});
export const remove = (destination: string, found: string): RouteChange => ({
  kind: "remove",
  table: TABLE,
  destination,
  found,
});
