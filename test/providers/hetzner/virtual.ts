import { createHetznerEmulator, type HetznerEmulator } from "../../../dev/emulators/hetzner/emulator.ts";
import { inProcess } from "../../../dev/emulators/hetzner/in-process.ts";
import { type TestClock, testClock } from "../../../dev/test-clock.ts";
import type { ChangeOutcome, RouteChange, RouteProvider } from "../../../shared/ports/route-provider.ts";
import { openHetzner } from "../../../shared/providers/hetzner/open.ts";
import { tableOf } from "../../../shared/providers/hetzner/read.ts";
import { cloudOf, HOME, secretsOf, seedOf, TOKEN } from "./emulated-world.ts";

export type VirtualWorld = {
  readonly clock: TestClock;
  readonly emulator: HetznerEmulator;
  /** A provider with a client of its own, as another process has; `token`: what its secret holds. */
  open(options?: { readonly fetch?: typeof fetch; readonly token?: () => string }): RouteProvider;
  /** Lets time go on until a promise is settled; its value, and how long it took in virtual time. */
  drive<T>(promise: Promise<T>): Promise<{ readonly value: T; readonly tookMs: number }>;
};

const STEPS = 100_000;
export const LATENCY_MS = 50;
export const ACTION_MS = 200;
export const table = tableOf(HOME);
export const A = "10.0.0.4";
export const B = "10.0.0.5";

/** The provider on the emulator in virtual time: calls take 50 ms, actions 200 ms. */
export function virtualWorld(): VirtualWorld {
  const clock = testClock();
  const emulator = createHetznerEmulator({ clock, world: seedOf() });
  emulator.control.latency("*", LATENCY_MS);
  emulator.control.operations({ ms: ACTION_MS, deleted: "when accepted" });
  return {
    clock,
    emulator,
    open: ({ fetch = inProcess(emulator), token = () => TOKEN } = {}) =>
      openHetzner({ clock, cloudSecrets: secretsOf(token), fetch })(cloudOf(HOME)),
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

/** The n-th destination of many. */
export const destination = (at: number): string => `10.${100 + Math.floor(at / 256)}.${at % 256}.0/24`;

/** Routes by way of `A`, and the changes that point them at `B`. */
export function planted(world: VirtualWorld, count: number): readonly RouteChange[] {
  return Array.from({ length: count }, (_, at) => {
    world.emulator.control.putRoute(HOME, { destination: destination(at), gateway: A });
    return { kind: "replace", table, destination: destination(at), target: B, found: A };
  });
}

/** What became of each change: `written`, or the code of its error. */
export const results = (outcomes: readonly ChangeOutcome[]): readonly string[] =>
  outcomes.map((outcome) => (outcome.result === "written" ? "written" : outcome.error.code));

/** The gateways of all routes, in order of destination. */
export const gateways = (world: VirtualWorld): readonly string[] =>
  world.emulator.control.routes(HOME).map(({ gateway }) => gateway);

/** The calls that changed, or tried to change, a route: `add` or `delete`, the gateway, and the answer. */
export const calls = (world: VirtualWorld): readonly string[] =>
  world.emulator.control
    .calls()
    .map(({ action, target, answer }) => `${action === "add_route" ? "add" : "delete"} ${target} ${answer}`);
