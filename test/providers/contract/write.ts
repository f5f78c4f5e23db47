import { expect } from "vitest";
import { RouteError } from "../../../shared/domain/errors.ts";
import type {
  ChangeOutcome,
  Guard,
  RouteChange,
  RouteProvider,
  RouteTarget,
  TableRef,
} from "../../../shared/ports/route-provider.ts";
import type { Case } from "./cases.ts";
import { type ContractWorld, mayWrite, refsOf, turnOf, untilDone } from "./world.ts";

/** `second`: the same as `table` in a cloud whose networks have but one; cases with both are skipped there. */
type Scene = { readonly provider: RouteProvider; readonly table: TableRef; readonly second: TableRef };

async function sceneOf(world: ContractWorld): Promise<Scene> {
  const provider = world.open({ by: "network" });
  const [table, second = table] = await refsOf(world, provider);
  if (table === undefined || second === undefined) throw new Error("a world has at least one table");
  return { provider, table, second };
}

const create = (table: TableRef, destination: string, target: RouteTarget): RouteChange => ({
  kind: "create",
  table,
  destination,
  target,
});
const replace = (table: TableRef, destination: string, target: RouteTarget, found: RouteTarget): RouteChange => ({
  kind: "replace",
  table,
  destination,
  target,
  found,
});
const remove = (table: TableRef, destination: string, found: RouteTarget): RouteChange => ({
  kind: "remove",
  table,
  destination,
  found,
});

const write = (scene: Scene, changes: readonly RouteChange[], guard: Guard = mayWrite, signal = untilDone()) =>
  scene.provider.write(changes, turnOf(guard), signal);

/** What became of each change: `written`, or the code of its error. */
const results = (outcomes: readonly ChangeOutcome[]): readonly string[] =>
  outcomes.map((outcome) => (outcome.result === "written" ? "written" : outcome.error.code));

const errorOf = (outcomes: readonly ChangeOutcome[]): RouteError => {
  const [outcome] = outcomes;
  if (outcome?.result !== "failed") throw new Error("the change was written");
  return outcome.error;
};

/** Changing calls that so many replacements take when nothing goes wrong. */
const callsFor = (world: ContractWorld, replacements: number): number => replacements * (world.callsPerReplace ?? 1);

const destinations = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `10.201.${at}.0/24`);

const superseded = () => new RouteError("SUPERSEDED", "a newer decision", { retry: "soon", next: "nothing" });

/** Routes that point at `a`, and the changes that point them at `b`. */
async function planted(world: ContractWorld, scene: Scene, count: number): Promise<readonly RouteChange[]> {
  for (const destination of destinations(count)) await world.plant(scene.table.id, destination, world.interfaces.a);
  return destinations(count).map((destination) =>
    replace(scene.table, destination, world.interfaces.b, world.interfaces.a),
  );
}

export const writeCases: readonly Case[] = [
  {
    says: "creates, replaces and removes, with one outcome a change",
    run: async (world) => {
      const scene = await sceneOf(world);
      const { a, b } = world.interfaces;
      await world.plant(scene.table.id, "10.201.0.0/16", a);
      await world.plant(scene.table.id, "10.202.0.0/16", a);
      const changes = [
        create(scene.table, "10.200.0.0/16", b),
        replace(scene.table, "10.201.0.0/16", b, a),
        remove(scene.table, "10.202.0.0/16", a),
        ...(scene.second === scene.table ? [] : [create(scene.second, "10.200.0.0/16", a)]),
      ];

      const outcomes = await write(scene, changes);

      expect(results(outcomes)).toEqual(changes.map(() => "written"));
      expect(new Set(outcomes.map(({ change }) => change))).toEqual(new Set(changes));
      expect(Object.fromEntries(await world.standing(scene.table.id))).toEqual({
        "10.200.0.0/16": b,
        "10.201.0.0/16": b,
      });
      if (scene.second === scene.table) return;
      expect(Object.fromEntries(await world.standing(scene.second.id))).toEqual({ "10.200.0.0/16": a });
    },
  },
  {
    says: "does nothing, and asks for nothing, when there is nothing to change",
    run: async (world) => {
      const scene = await sceneOf(world);

      expect(await write(scene, [], () => Promise.reject(superseded()))).toEqual([]);
      expect(world.changingCalls()).toBe(0);
    },
  },
  {
    says: "writes IPv6 routes",
    run: async (world) => {
      const scene = await sceneOf(world);
      const { a, b } = world.interfaces;

      expect(results(await write(scene, [create(scene.table, "fd00:200::/64", a)]))).toEqual(["written"]);
      expect(results(await write(scene, [replace(scene.table, "fd00:200::/64", b, a)]))).toEqual(["written"]);
      expect(Object.fromEntries(await world.standing(scene.table.id))).toEqual({ "fd00:200::/64": b });
      expect(results(await write(scene, [remove(scene.table, "fd00:200::/64", b)]))).toEqual(["written"]);
      expect((await world.standing(scene.table.id)).size).toBe(0);
    },
  },
  {
    says: "replaces in place: no destination is ever without a route",
    run: async (world) => {
      const scene = await sceneOf(world);
      const changes = await planted(world, scene, 40);

      await write(scene, changes);

      expect(new Set((await world.standing(scene.table.id)).values())).toEqual(new Set([world.interfaces.b]));
      expect(world.gaps()).toEqual([]);
    },
  },
  {
    says: "leaves every other destination as it is",
    run: async (world) => {
      const scene = await sceneOf(world);
      await world.plant(scene.table.id, "10.200.0.0/16", world.interfaces.a);
      await world.plant(scene.table.id, "10.200.7.0/24", world.interfaces.a);
      await world.plant(scene.second.id, "10.200.0.0/16", world.interfaces.a);
      const before = await world.standing(scene.second.id);

      await write(scene, [replace(scene.table, "10.200.0.0/16", world.interfaces.b, world.interfaces.a)]);

      expect((await world.standing(scene.table.id)).get("10.200.7.0/24")).toBe(world.interfaces.a);
      expect(await world.standing(scene.second.id)).toEqual(before);
    },
  },
  {
    says: "creates nothing over a route that stands, whosever it is",
    run: async (world) => {
      const scene = await sceneOf(world);
      await world.plant(scene.table.id, "10.200.0.0/16", world.interfaces.a);

      expect(results(await write(scene, [create(scene.table, "10.200.0.0/16", world.interfaces.b)]))).toEqual([
        "ROUTE_EXISTS",
      ]);
      expect((await world.standing(scene.table.id)).get("10.200.0.0/16")).toBe(world.interfaces.a);
    },
  },
  {
    says: "says of a route to replace or remove that it is not there",
    run: async (world) => {
      const scene = await sceneOf(world);

      const outcomes = await write(scene, [
        replace(scene.table, "10.200.0.0/16", world.interfaces.a, world.interfaces.b),
        remove(scene.table, "10.201.0.0/16", world.interfaces.b),
      ]);

      expect(results(outcomes)).toEqual(["ROUTE_MISSING", "ROUTE_MISSING"]);
      expect((await world.standing(scene.table.id)).size).toBe(0);
    },
  },
  {
    says: "may be told twice",
    run: async (world) => {
      const scene = await sceneOf(world);
      const changes = await planted(world, scene, 3);

      await write(scene, changes);
      const again = await write(scene, changes);

      expect(results(again)).toEqual(["written", "written", "written"]);
      expect(new Set((await world.standing(scene.table.id)).values())).toEqual(new Set([world.interfaces.b]));
    },
  },
  {
    says: "writes what reads show in place when it is told to, and leaves no gap by that",
    run: async (world) => {
      const scene = await sceneOf(world);
      const { a } = world.interfaces;
      await planted(world, scene, 3);

      const outcomes = await write(
        scene,
        destinations(3).map((destination) => replace(scene.table, destination, a, a)),
      );

      expect(results(outcomes)).toEqual(["written", "written", "written"]);
      expect([...(await world.standing(scene.table.id)).values()]).toEqual([a, a, a]);
      expect(world.gaps()).toEqual([]);
    },
  },
  {
    says: "fails a change for its missing target or table alone, and applies the rest",
    run: async (world) => {
      const scene = await sceneOf(world);
      const gone = { id: world.tableMissing, key: `gone/${world.tableMissing}` };
      const [change, ...rest] = await planted(world, scene, 4);
      if (change === undefined || change.kind === "remove") throw new Error("no change");

      const outcomes = await write(scene, [
        { ...change, target: world.interfaceMissing },
        replace(gone, "10.200.0.0/16", world.interfaces.b, world.interfaces.a),
        ...rest,
      ]);

      expect(results(outcomes)).toEqual(["TARGET_MISSING", "TABLE_MISSING", "written", "written", "written"]);
      expect((await world.standing(scene.table.id)).get(change.destination)).toBe(world.interfaces.a);
    },
  },
  {
    says: "says who may not do what where, and applies the rest",
    run: async (world) => {
      const scene = await sceneOf(world);
      const changes = await planted(world, scene, 3);
      const { destination = "" } = changes[1] ?? {};
      world.mishap("denied", destination);

      const outcomes = await write(scene, changes);

      expect(results(outcomes)).toEqual(["written", "DENIED", "written"]);
      const error = errorOf(outcomes.slice(1));
      expect(error.message).toContain(destination);
      expect(error.message).toContain(scene.table.id);
      expect(error.retry).toBe("later");
      expect(error.next).not.toBe("");
    },
  },
  {
    says: "does not repeat a call whose answer was lost, and says that it may be tried again",
    run: async (world) => {
      const scene = await sceneOf(world);
      const [change] = await planted(world, scene, 1);
      if (change === undefined) throw new Error("no change");

      for (const [mishap, stands] of [
        ["lost on its way", "a"],
        ["answer lost", "b"],
      ] as const) {
        const before = world.changingCalls();
        world.mishap(mishap);
        const error = errorOf(await write(scene, [change]));

        expect([error.code, error.retry]).toEqual(["TIMED_OUT", "soon"]);
        expect(world.changingCalls() - before).toBe(1);
        expect((await world.standing(scene.table.id)).get(change.destination)).toBe(world.interfaces[stands]);
      }
    },
  },
  {
    says: "does not repeat a call that the cloud failed",
    run: async (world) => {
      const scene = await sceneOf(world);
      const changes = await planted(world, scene, 2);
      world.mishap("cloud fault", changes[0]?.destination);

      const outcomes = await write(scene, changes);

      expect(results(outcomes)).toEqual(["CLOUD_FAULT", "written"]);
      expect(errorOf(outcomes).retry).toBe("soon");
      expect(world.changingCalls()).toBe(1 + callsFor(world, 1));
    },
  },
  {
    says: "writes what was throttled in its turn, each attempt with its own guard",
    run: async (world) => {
      const scene = await sceneOf(world);
      const changes = await planted(world, scene, 3);
      world.mishap("throttled", changes[2]?.destination);
      let asked = 0;

      const outcomes = await write(scene, changes, async () => void asked++);

      expect(results(outcomes)).toEqual(["written", "written", "written"]);
      expect(world.changingCalls()).toBe(1 + callsFor(world, 3));
      expect(asked).toBe(1 + callsFor(world, 3));
    },
  },
  {
    says: "says that a table takes no more routes",
    run: async (world) => {
      const scene = await sceneOf(world);
      await world.plant(scene.table.id, "10.200.0.0/16", world.interfaces.a);
      world.fillQuota();

      const outcomes = await write(scene, [create(scene.table, "10.201.0.0/16", world.interfaces.a)]);

      expect(results(outcomes)).toEqual(["QUOTA"]);
    },
  },
  {
    says: "begins no call that its guard has not let through, and none after the guard refused one",
    run: async (world) => {
      const scene = await sceneOf(world);
      const changes = await planted(world, scene, 40);
      let asked = 0;

      const outcomes = await write(scene, changes, async () => {
        asked++;
        if (asked > 5) throw superseded();
      });

      const codes = results(outcomes);
      const written = codes.filter((code) => code === "written").length;
      expect(codes).toHaveLength(40);
      expect(codes.filter((code) => code === "SUPERSEDED")).toHaveLength(40 - written);
      expect(world.changingCalls()).toBeLessThanOrEqual(5);
      expect(world.changingCalls()).toBeGreaterThanOrEqual(callsFor(world, written));
      if (callsFor(world, 1) === 1) expect(world.changingCalls()).toBe(written);
    },
  },
  {
    says: "writes nothing when the guard itself fails",
    run: async (world) => {
      const scene = await sceneOf(world);
      const cause = new Error("the store does not answer");

      const error = errorOf(await write(scene, await planted(world, scene, 1), () => Promise.reject(cause)));

      expect([error.code, error.retry, error.cause]).toEqual(["UNKNOWN", "soon", cause]);
      expect(world.changingCalls()).toBe(0);
    },
  },
  {
    says: "begins no call after the signal aborts, and waits for those that are under way",
    run: async (world) => {
      const scene = await sceneOf(world);
      const changes = await planted(world, scene, 40);
      const run = new AbortController();
      let granted = 0;
      let turn = Promise.resolve();
      // Grants one call after the other, so that those before the sixth are under way when it ends the run.
      const guard: Guard = () => {
        turn = turn.then(async () => {
          await new Promise((resolve) => setImmediate(resolve));
          granted++;
          if (granted === 6) run.abort();
        });
        return turn;
      };

      const outcomes = await write(scene, changes, guard, run.signal);

      const written = outcomes.filter((outcome) => outcome.result === "written");
      expect(outcomes).toHaveLength(40);
      // What takes several calls may have been begun and not be through.
      expect(callsFor(world, written.length)).toBeLessThanOrEqual(5);
      if (callsFor(world, 1) === 1) expect(written).toHaveLength(5);
      expect(world.changingCalls()).toBe(5);
      const standing = await world.standing(scene.table.id);
      for (const { change } of written) expect(standing.get(change.destination)).toBe(world.interfaces.b);
      for (const outcome of outcomes) {
        if (outcome.result === "failed")
          expect([outcome.error.code, outcome.error.retry]).toEqual(["TIMED_OUT", "soon"]);
      }
    },
  },
];
