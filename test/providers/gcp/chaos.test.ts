import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../dev/emulators/common/random.ts";
import { instance, NETWORK, PRIORITY, PROJECT } from "./emulated-world.ts";
import { A, B, create, never, replace, virtualWorld } from "./virtual.ts";

const TO = "10.200.0.0/16";
const FAULTS = [
  { kind: "throttle" },
  { kind: "internal-error" },
  { kind: "internal-error", written: true },
  { kind: "drop", written: true },
  { kind: "drop", written: false },
  { kind: "stall", ms: 7_000 },
] as const;
const ACTIONS = ["routes.insert", "routes.delete", "globalOperations.wait", "routes.list"] as const;

type World = ReturnType<typeof virtualWorld>;

/** Lets some of the next calls and operations go wrong. */
function disturb({ emulator }: World, random: () => number): void {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] ?? (list[0] as T);
  const { control } = emulator;
  for (let count = Math.floor(random() * 3); count > 0; count--) {
    control.fail({ action: pick(ACTIONS), fault: pick(FAULTS) });
  }
  if (random() < 0.3) {
    const error = { code: pick(["RESOURCE_NOT_READY", "INTERNAL_ERROR"]), message: "it did not work", status: 400 };
    control.failOperation({ action: pick(["routes.insert", "routes.delete"] as const), error });
  }
}

/** One run for a decision: looks, and writes what differs, unless it is broken off. True when nothing differed. */
async function run(world: World, target: string, epoch: number, signal: AbortSignal): Promise<boolean> {
  const provider = world.open();
  const table = { key: `gcp/${PROJECT}/${NETWORK}`, id: NETWORK };
  const routes = await world.drive(provider.read([table], never()).catch(() => undefined));
  if (routes.value === undefined) return false;
  const found = routes.value.find((route) => route.destination === TO);
  if (found?.target === target && found.residue !== true) return true;
  const change = found === undefined ? create(TO, target) : replace(TO, target, found.target);
  await world.drive(provider.write([change], { guard: () => Promise.resolve(), epoch }, signal));
  return false;
}

describe("swaps of routes in Google Cloud, whatever goes wrong", () => {
  it.each([1, 2, 3, 4, 5, 6, 276, 540])(
    "leave no gap, touch nobody else's route, and end at the right host (seed %i)",
    async (seed) => {
      const random = seededRandom(seed);
      const world = virtualWorld();
      const { control } = world.emulator;
      const backup = { name: "backup", destRange: TO, priority: 2_000, nextHopInstance: instance("vm-untagged") };
      await world.write([create(TO, A)], 1);
      world.plant(backup);
      control.operations({ minMs: 500, maxMs: 6_000 });
      let epoch = 1;
      for (let decision = 0; decision < 12; decision++) {
        epoch++;
        const target = random() < 0.5 ? A : B;
        for (let tries = Math.floor(random() * 4); tries > 0; tries--) {
          disturb(world, random);
          control.readLag(random() < 0.5 ? 1_500 : 0);
          const broken = new AbortController();
          if (random() < 0.4) void world.clock.sleep(random() * 8_000).then(() => broken.abort());
          await run(world, target, epoch, broken.signal);
        }
      }

      control.calm();
      await world.clock.advance(30_000);
      let isDone = false;
      for (let tries = 0; !isDone && tries < 5; tries++) isDone = await run(world, B, epoch + 1, never());

      expect(isDone).toBe(true);
      expect(world.standing()).toEqual([expect.stringMatching(/ vm-b$/), `${TO} 2000 vm-untagged`]);
      expect([String(PRIORITY), String(PRIORITY + 1)]).toContain(world.standing()[0]?.split(" ")[1]);
      expect(control.gaps(0)).toEqual([]);
      // While a route of ours stands, the backup never carries the traffic.
      const backups = control.moments().filter(({ target }) => target?.includes("vm-untagged"));
      expect(backups).toEqual([]);
    },
  );
});
