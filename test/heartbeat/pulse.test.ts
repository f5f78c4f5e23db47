import { describe, expect, it } from "vitest";
import type { Network } from "../../shared/domain/network.ts";
import { type Container, heartbeatWorld, type World } from "../fixtures/heartbeat-world.ts";
import { host, link, location, network } from "../fixtures/network.ts";

const mesh = (timeouts: Record<string, number> = {}, more = {}): Network => {
  const of = (id: string) => host(id, { timeoutMs: timeouts[id] ?? 30_000, backoffMs: 0 });
  const places = [location("east", [of("e1"), of("e2")]), location("west", [of("w1"), of("w2")])];
  return network([link("l1", places, more)]);
};
const everyone = ["e1", "e2", "w1", "w2"];

/** These hosts heartbeat once a second, and a tick sweeps every five seconds. */
async function live(world: World, seconds: number, hostIds: readonly string[], via?: Container) {
  for (let second = 0; second < seconds; second++) {
    for (const hostId of hostIds) await world.beat(hostId, via === undefined ? {} : { via });
    if (second % 5 === 0) await sweep(world);
    await world.clock.advance(1_000);
  }
}
const sweep = (world: World) => world.failover.tick({ kind: "sweep", dueMs: world.clock.nowMs() });
const activeOf = async (world: World, locationId: string) => (await world.head(locationId))?.activeHostId;
const holds = async (world: World) => (await world.events()).filter((event) => event.kind === "hold-begun");

describe("promise 5: the pulse", () => {
  it("of the first heartbeat ever holds nothing: the host is active at once", async () => {
    const world = await heartbeatWorld(mesh());

    expect((await world.beat("e1")).status).toBe(200);

    expect(await world.pulse()).toEqual({ lastCreditedMs: world.clock.nowMs(), holdUntilMs: 0, holdSinceMs: 0 });
    expect(await activeOf(world, "east")).toBe("e1");
  });

  it("is kept by any host of the link, and no hold begins while one of them is heard", async () => {
    for (const last of everyone) {
      const world = await heartbeatWorld(mesh());
      await live(world, 10, everyone);
      await live(world, 90, [last]);

      expect(await holds(world)).toEqual([]);
    }
  });

  it.each([
    ["5 s among 30 s", { e1: 5_000 }],
    ["10 s among 30 s", { e1: 10_000 }],
    ["30 s among 10 min", { e1: 30_000, e2: 600_000, w1: 600_000, w2: 600_000 }],
    ["5 s everywhere", { e1: 5_000, e2: 5_000, w1: 5_000, w2: 5_000 }],
  ])(
    "does not stop when the host with the shortest time-out dies: it is failed over in time (%s)",
    async (_, timeouts) => {
      const world = await heartbeatWorld(mesh(timeouts));
      await live(world, 40, everyone);
      expect(await activeOf(world, "east")).toBe("e1");
      const timeoutMs = timeouts.e1;
      const diedMs = world.clock.nowMs() - 1_000;

      for (let second = 0; (await activeOf(world, "east")) === "e1" && second < 60; second++) {
        await live(world, 1, ["e2", "w1", "w2"]);
      }

      expect(await world.head("east")).toMatchObject({ activeHostId: "e2", reason: "timed-out" });
      expect((await world.head("east"))?.decidedMs).toBeLessThanOrEqual(diedMs + timeoutMs + 2_000);
      expect((await world.head("east"))?.decidedMs).toBeGreaterThanOrEqual(diedMs + (timeoutMs * 5) / 6 - 1_000);
      expect(await holds(world)).toEqual([]);
    },
  );

  it("is not touched by heartbeats that are not credited", async () => {
    const world = await heartbeatWorld(mesh());
    await live(world, 10, everyone);
    const old = world.capture("e1");
    await live(world, 5, everyone);
    const before = await world.pulse();
    await world.clock.advance(60_000);

    await world.first.receive(old());
    await world.beat("e1", { skewS: -3_600 });

    expect(await world.pulse()).toEqual(before);
  });
});

describe("promise 5: sweeps", () => {
  it("alone never hold, however many run while nobody is heard, and fail nobody over", async () => {
    const world = await heartbeatWorld(mesh());
    await live(world, 10, everyone);
    const before = await world.pulse();

    for (let n = 0; n < 12; n++) {
      await world.clock.advance(5_000);
      await sweep(world);
      await world.failover.scheduled();
    }

    expect(await world.pulse()).toEqual(before);
    expect(await holds(world)).toEqual([]);
    expect((await world.head("east"))?.epoch).toBe(1);
  });

  it("that are missing for long never hold either", async () => {
    const world = await heartbeatWorld(mesh());
    for (let second = 0; second < 300; second++) {
      for (const hostId of everyone) await world.beat(hostId);
      world.clock.jump(1_000);
    }

    expect(await holds(world)).toEqual([]);
  });
});

describe("promise 5: after an outage", () => {
  /** Everyone is heard, then nobody for a minute; `e1` dies meanwhile. */
  const outage = async () => {
    const world = await heartbeatWorld(mesh());
    await live(world, 20, everyone);
    await world.clock.advance(60_000);
    return world;
  };

  it("the first heartbeats, at once and in different containers, write one hold before any record", async () => {
    const world = await outage();
    const puts: string[] = [];
    const some = everyone.map(() =>
      world.container({ hooks: { after: ({ kind, key }) => void (kind === "put" && puts.push(key)) } }),
    );

    const answers = await Promise.all(everyone.map((id, at) => world.beat(id, { via: some[at] ?? world.first })));

    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    expect(await world.pulse()).toEqual({
      lastCreditedMs: world.clock.nowMs(),
      holdSinceMs: world.clock.nowMs(),
      holdUntilMs: world.clock.nowMs() + 30_000,
    });
    const firstRecord = puts.findIndex((key) => key.includes("#h#"));
    expect(puts.slice(0, firstRecord)).toContain("link/l1 !pulse");
    expect(await holds(world)).toHaveLength(1);
  });

  it("nobody is failed over before the hold is over: by no sweep, tick or heartbeat", async () => {
    const world = await outage();
    const heldFromMs = world.clock.nowMs();

    for (let second = 0; second < 30; second++) {
      await live(world, 1, ["e2", "w1", "w2"], world.container());
      await world.deliver();
      if (world.clock.nowMs() < heldFromMs + 30_000) expect(await activeOf(world, "east")).toBe("e1");
    }
    await live(world, 2, ["e2", "w1", "w2"]);

    expect(await world.head("east")).toMatchObject({ activeHostId: "e2", reason: "timed-out" });
    expect((await world.head("east"))?.decidedMs).toBeLessThanOrEqual(heldFromMs + 32_000);
    expect(await holds(world)).toHaveLength(1);
  });

  it("a host that comes back within the hold stays active", async () => {
    const world = await outage();
    await live(world, 12, ["e2", "w1", "w2"]);
    await live(world, 60, everyone);

    expect((await world.head("east"))?.epoch).toBe(1);
    expect((await world.head("west"))?.epoch).toBe(1);
  });

  it("a good-bye is heeded within the hold: it is evidence", async () => {
    const world = await outage();
    await live(world, 3, everyone);

    await world.leave("e1");

    expect(await activeOf(world, "east")).toBe("e2");
  });

  it("a second outage within the hold holds anew", async () => {
    const world = await outage();
    await live(world, 5, everyone);
    await world.clock.advance(20_000);

    await live(world, 1, ["w1"]);

    expect(await holds(world)).toHaveLength(2);
    expect((await world.pulse())?.holdUntilMs).toBe(world.clock.nowMs() - 1_000 + 30_000);
  });

  it("a record that could not be written after its pulse leaves the hold in force", async () => {
    const world = await outage();
    const failing = world.container({
      hooks: {
        before: ({ kind, key }) => {
          if (kind === "put" && key.includes("#h#")) throw new Error("out of order");
        },
      },
    });

    expect((await world.beat("e2", { via: failing })).status).toBe(503);
    await world.clock.advance(1_000);
    await world.beat("e2");

    expect(await activeOf(world, "east")).toBe("e1");
    expect(await holds(world)).toHaveLength(1);
  });

  it("no record is written when the pulse could not be", async () => {
    const world = await outage();
    const before = await world.record("e2");
    const failing = world.container({
      hooks: {
        before: ({ kind, key }) => {
          if (kind === "put" && key.endsWith("!pulse")) throw new Error("out of order");
        },
      },
    });

    expect((await world.beat("e2", { via: failing })).status).toBe(503);

    expect(await world.record("e2")).toEqual(before);
    expect(await activeOf(world, "east")).toBe("e1");
  });
});
