import { describe, expect, it } from "vitest";
import { type Container, heartbeatWorld, type World } from "../fixtures/heartbeat-world.ts";
import { link, location, network } from "../fixtures/network.ts";
import type { Answered } from "../fixtures/signed-host.ts";
import { throttled } from "../fixtures/tampered-database.ts";

const net = network([
  link("l1", [location("east", ["e1", "e2"]), location("west", ["w1", "w2"])], { hostCheck: true }),
]);

const reaching = (...ids: string[]) => Object.fromEntries(ids.map((id) => [id, { state: true, latency: 500 }]));
const missing = (...ids: string[]) => Object.fromEntries(ids.map((id) => [id, { state: false, latency: 0 }]));
const checks: Record<string, object> = {
  e1: reaching("w1", "w2"),
  e2: reaching("w1", "w2"),
  w1: reaching("e1", "e2"),
  w2: reaching("e1", "e2"),
  "w1 without e1": { ...reaching("e2"), ...missing("e1") },
};

async function live(world: World, seconds: number, hostIds: readonly string[]) {
  for (let second = 0; second < seconds; second++) {
    for (const who of hostIds) {
      await world.beat(who.slice(0, 2), { body: { hosts: checks[who] as Record<string, unknown> } });
    }
    await world.clock.advance(1_000);
  }
}

/** One request of each kind, with what comes before it and what the hosts do after it. */
type Scene = {
  readonly name: string;
  readonly before: (world: World) => Promise<void>;
  readonly request: (world: World, via: Container) => Promise<Answered>;
  /** Who heartbeats afterwards. */
  readonly after: readonly string[];
};

const everyone = ["e1", "e2", "w1", "w2"];
const scenes: Scene[] = [
  {
    name: "the first heartbeat of all",
    before: async () => {},
    request: (world, via) => world.beat("e1", { via, body: { hosts: checks["e1"] as Record<string, unknown> } }),
    after: ["e1"],
  },
  {
    name: "a heartbeat that is due",
    before: async (world) => {
      await live(world, 10, everyone);
      await world.clock.advance(5_000);
    },
    request: (world, via) => world.beat("e1", { via, body: { hosts: checks["e1"] as Record<string, unknown> } }),
    after: everyone,
  },
  {
    name: "a heartbeat with news",
    before: (world) => live(world, 10, everyone),
    request: (world, via) =>
      world.beat("e1", { via, body: { hosts: {}, version: "2", status: { west: "connected" } } }),
    after: everyone,
  },
  {
    name: "the heartbeat of a clock that is off",
    before: (world) => live(world, 10, everyone),
    request: (world, via) => world.beat("e1", { via, skewS: -600 }),
    after: everyone,
  },
  {
    name: "a heartbeat that finds the active host overdue",
    before: async (world) => {
      await live(world, 10, everyone);
      await live(world, 25, ["w1", "w2"]);
      await live(world, 1, ["w1", "w2", "e2"]);
      await world.clock.advance(6_000);
      await live(world, 1, ["w1", "w2"]);
    },
    request: (world, via) => world.beat("e2", { via, body: { hosts: checks["e2"] as Record<string, unknown> } }),
    after: ["e2", "w1", "w2"],
  },
  {
    name: "a heartbeat that lost an active host",
    before: async (world) => {
      await live(world, 10, everyone);
      await live(world, 1, ["e2", "w1", "w2"]);
    },
    request: (world, via) => world.beat("w1", { via, body: { hosts: { ...reaching("e2"), ...missing("e1") } } }),
    after: ["w1 without e1"],
  },
  {
    name: "the good-bye of the active host",
    before: (world) => live(world, 10, everyone),
    request: (world, via) => world.leave("e1", { via }),
    after: ["e2", "w1", "w2"],
  },
  {
    name: "the first heartbeat after an outage",
    before: async (world) => {
      await live(world, 10, everyone);
      await world.clock.advance(120_000);
    },
    request: (world, via) => world.beat("e1", { via, body: { hosts: checks["e1"] as Record<string, unknown> } }),
    after: everyone,
  },
];

/** What is left of a scene in the end, without the times at which it came about. */
async function essence(world: World) {
  const place = async (locationId: string) => {
    const head = await world.head(locationId);
    const decisions = await world.store.readDecisions("l1", locationId, 100);
    return {
      active: head?.activeHostId,
      epochs: decisions.map((decision) => decision.epoch),
      reasons: decisions.map((decision) => decision.reason),
      isSuspected: (await world.suspicion(locationId))?.hostId,
    };
  };
  const hosts = await Promise.all(
    everyone.map(async (id) => {
      const record = await world.record(id);
      return [id, record === undefined ? "unheard" : { left: record.left !== null, version: record.version }] as const;
    }),
  );
  const events = (await world.events()).map((event) => `${event.kind} ${event.hostId ?? event.linkId ?? ""}`).sort();
  return {
    east: await place("east"),
    west: await place("west"),
    hosts: Object.fromEntries(hosts),
    isHeld: (await world.pulse())?.holdSinceMs !== 0,
    events,
  };
}

type Fault = { readonly call: number; readonly when: "before" | "after" };

/** Plays a scene with one fault of the database, and says how it was answered and what is left in the end. */
async function play(scene: Scene, fault: Fault | undefined) {
  const world = await heartbeatWorld(net);
  await scene.before(world);
  const via = world.container();
  let key = "";
  const fail: NonNullable<Container["database"]["hooks"]["before"]> = (call) => {
    if (call.count !== fault?.call) return;
    key = call.key;
    throw throttled();
  };
  via.database.hooks = fault === undefined ? {} : fault.when === "before" ? { before: fail } : { after: fail };
  const answer = await scene.request(world, via);
  via.database.hooks = {};
  const calls = via.database.calls.length;
  await world.clock.advance(1_000);
  // A good-bye is said twice; a host that lost another says so again.
  if (answer.status === 503) await scene.request(world, via);
  await live(world, 3, scene.after);
  if (!scene.after.includes("w1 without e1")) await world.failover.tick({ kind: "sweep", dueMs: world.clock.nowMs() });
  return { answer, calls, key, end: await essence(world) };
}

describe("promise 9: a database that throttles at any single call", () => {
  it.each(scenes)(
    "is answered 200 or 503, and nothing is lost or doubled: $name",
    async (scene) => {
      const good = await play(scene, undefined);
      expect(good.answer.status).toBe(200);

      for (let call = 1; call <= good.calls; call++) {
        for (const when of ["before", "after"] as const) {
          const { answer, end, key } = await play(scene, { call, when });

          expect([200, 503]).toContain(answer.status);
          // Of what could not be told, and of an arrival or a mark whose write was done and not answered, no event tells.
          const isEventLost = key.startsWith("events") || (when === "after" && /#h#|#s$/.test(key));
          expect({ ...end, events: [] }).toEqual({ ...good.end, events: [] });
          const extra = end.events.filter((one) => count(end.events, one) > count(good.end.events, one));
          expect(extra).toEqual([]);
          if (!isEventLost) expect(missingFrom(end.events, good.end.events)).toEqual([]);
        }
      }
    },
    120_000,
  );
});

const count = (all: readonly string[], one: string) => all.filter((each) => each === one).length;
const missingFrom = (all: readonly string[], wanted: readonly string[]) =>
  wanted.filter((one) => count(all, one) < count(wanted, one));
