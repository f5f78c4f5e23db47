import fc from "fast-check";
import { expect, it } from "vitest";
import { RouteError } from "../../shared/domain/errors.ts";
import { driveUntil, frozenAt, type interruptRouteCalls, killedAt } from "./interrupt.ts";
import { allAt, gaps, hereIn, routeCalls, settledWorld, type World, wakeHere } from "./world.ts";

const place = "rtb-2 10.2.0.0/16";

const weather = fc.record({
  /** Of ten calls, this many are refused, answered wrongly, or land late. */
  refused: fc.nat(3),
  lost: fc.nat(3),
  late: fc.nat(2),
  lagMs: fc.constantFrom(0, 800, 3_000),
  seed: fc.nat(1_000),
});
type Weather = typeof weather extends fc.Arbitrary<infer T> ? T : never;

const act = fc.oneof(
  fc.record({ kind: fc.constant("decide" as const), host: fc.constantFrom("a1", "a2") }),
  fc.record({ kind: fc.constant("run" as const) }),
  fc.record({ kind: fc.constant("kill" as const), at: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ kind: fc.constant("freeze" as const), at: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ kind: fc.constant("thaw" as const) }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(900, 7_000, 40_000, 90_000) }),
  fc.record({ kind: fc.constant("weather" as const), weather }),
);
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

const soon = { retry: "soon", next: "nothing" } as const;

function letRain(world: World, { refused, lost, late, lagMs, seed }: Weather): void {
  let drawn = seed;
  const draw = (): number => {
    drawn = (drawn * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(drawn / 65_536) % 10;
  };
  const { faults } = world.cloud;
  faults.refuse = () => (draw() < refused ? new RouteError("CLOUD_FAULT", "rain", soon) : undefined);
  faults.answer = () => (draw() < lost ? new RouteError("TIMED_OUT", "rain", soon) : undefined);
  faults.landMs = (call) => (call.kind === "replace" && draw() < late ? 12_000 : 20);
  faults.readLagMs = () => (draw() < 5 ? lagMs : 0);
}

const calm: Weather = { refused: 0, lost: 0, late: 0, lagMs: 0, seed: 0 };

/** Somebody else's routes, one of them in the place of one of ours. */
async function shore(): Promise<World> {
  const world = await settledWorld(hereIn());
  world.cloud.set("rtb-2", "10.2.0.0/16", "nat-1");
  world.cloud.set("rtb-1", "10.1.0.0/16", "local", { isStatic: false });
  await world.reconcile();
  return world;
}

async function play(world: World, acts: readonly Act[]): Promise<string> {
  let active = "a1";
  let runs = 0;
  const frozen: { readonly thaw: () => void; readonly work: Promise<void> }[] = [];
  const holds = new Map<string, Parameters<typeof interruptRouteCalls>[2]>();
  world.cloud.faults.hold = (call) => holds.get(call.by)?.("route call", () => Promise.resolve()) ?? Promise.resolve();
  const thawAll = async () => {
    for (const one of frozen.splice(0)) {
      one.thaw();
      await world.drive(one.work);
    }
  };
  for (const one of acts) {
    if (one.kind === "decide") active = (await world.decide(one.host)).activeHostId ?? active;
    if (one.kind === "run") await world.swap();
    if (one.kind === "wait") await world.live(one.ms);
    if (one.kind === "weather") letRain(world, one.weather);
    if (one.kind === "thaw") await thawAll();
    if (one.kind === "kill" || one.kind === "freeze") {
      const name = `run${runs++}`;
      const frost = frozenAt({ at: one.at, when: "after" });
      const interruption = one.kind === "kill" ? killedAt({ at: one.at, when: "after" }) : frost;
      holds.set(name, interruption.ports);
      const work = world.processOf({ name, ports: interruption.ports })(wakeHere);
      await driveUntil(world, work, interruption);
      if (one.kind === "freeze") frozen.push({ thaw: frost.thaw, work });
    }
  }
  letRain(world, calm);
  await thawAll();
  return active;
}

it("comes to the right end through any weather, kills, frosts and decisions, and never opens a gap or takes what is not ours", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 3, maxLength: 14 }), async (acts) => {
      const world = await shore();

      const active = await play(world, acts);
      await world.live(200_000);

      expect(world.cloud.standing()).toEqual({
        ...allAt(`eni-${active}`),
        [place]: "nat-1",
        "rtb-1 10.1.0.0/16": "local",
      });
      expect(gaps(world)).toEqual([]);
      const ours = ["rtb-1 10.2.0.0/16", "rtb-1 10.3.0.0/16", "rtb-2 10.2.0.0/16", "rtb-2 10.3.0.0/16"];
      expect(ours).toEqual(
        expect.arrayContaining(routeCalls(world).map((call) => `${call.table} ${call.destination}`)),
      );
      expect(world.cloud.history.filter((c) => `${c.table} ${c.destination}` === place).at(-1)?.target).toBe("nat-1");
      expect((await world.head())?.swap).toMatchObject({ state: "confirmed" });
      const states = (await world.ledger()).map((entry) => entry.state).sort();
      expect(states).toEqual(["foreign", "owned", "owned", "owned"]);
    }),
    { numRuns: 150, seed: 20_26 },
  );
}, 120_000);
