import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heartbeatWorld, type World } from "../fixtures/heartbeat-world.ts";
import { host, link, location, network } from "../fixtures/network.ts";

const net = network([link("l1", [location("east", ["e1", "e2"]), location("west", ["w1"])])]);

/**
 * `e1` heartbeats for a while, each heartbeat captured and sent through the containers in turn, and dies. `e2` and `w1`
 * live on.
 */
async function died(world: World, seconds: number, skewS = 0, containers = 3) {
  const some = Array.from({ length: containers }, () => world.container());
  const captured: (() => Request)[] = [];
  for (let second = 0; second < seconds; second++) {
    const via = some[second % containers] ?? world.first;
    const request = world.capture("e1", { skewS });
    captured.push(request);
    expect((await via.receive(request())).status).toBe(200);
    if (second % 2 === 0) await world.beat("e2", { via });
    if (second % 2 === 1) await world.beat("w1", { via });
    world.clock.jump(1_000);
  }
  return { some, captured, diedMs: world.clock.nowMs() - 1_000 };
}

describe("promise 6: captured heartbeats of a dead host", () => {
  it("an hour of them, in any order through several containers, buys 5 s and does not put the failover off by more", async () => {
    const anyStep = fc.record({ which: fc.nat(), afterMs: fc.integer({ min: 0, max: 900 }), via: fc.nat({ max: 2 }) });
    const clocks = [
      { skewS: 0, livedS: 3_600 },
      { skewS: -3_000, livedS: 600 },
      { skewS: 3, livedS: 300 },
      { skewS: -4, livedS: 300 },
    ];
    for (const [seed, { skewS, livedS }] of clocks.entries()) {
      const world = await heartbeatWorld(net);
      const { some, captured, diedMs } = await died(world, livedS, skewS);
      const [steps = []] = fc.sample(fc.array(anyStep, { minLength: 150, maxLength: 150 }), { seed, numRuns: 1 });
      let failedOverMs: number | undefined;

      for (const { which, afterMs, via } of steps) {
        world.clock.jump(afterMs);
        const from = which % 2 === 0 ? 0 : captured.length - 12;
        const replay = captured[from + (which % (captured.length - from))];
        if (replay === undefined) throw new Error("nothing captured");
        expect([200, 409]).toContain((await (some[via] ?? world.first).receive(replay())).status);
        await world.beat("e2");
        expect((await world.record("e1"))?.lastSeenMs).toBeLessThanOrEqual(diedMs + 5_000);
        if ((await world.head("east"))?.activeHostId === "e2") failedOverMs ??= world.clock.nowMs();
      }

      expect(failedOverMs).toBeGreaterThan(diedMs + 24_000);
      expect(failedOverMs).toBeLessThanOrEqual(diedMs + 5_000 + 30_000 + 1_000);
      expect((await world.head("east"))?.epoch).toBe(2);
    }
  }, 120_000);

  it("are answered, and not written any more once all that was not on record is", async () => {
    const world = await heartbeatWorld(net);
    const { some, captured } = await died(world, 60);
    await world.clock.advance(20_000);
    await some[1]?.receive(captured.at(-1)?.() ?? world.capture("e1")());
    const before = world.database.dump().filter(({ key }) => key.sk.includes("#h#"));

    for (const request of captured) {
      const response = await some[0]?.receive(request());
      expect([200, 409]).toContain(response?.status);
    }

    expect(world.database.dump().filter(({ key }) => key.sk.includes("#h#"))).toEqual(before);
  });

  it("do not bring a host back that said good-bye", async () => {
    const world = await heartbeatWorld(net);
    const { some, captured } = await died(world, 30);
    await world.leave("e1");

    for (const request of captured) await some[1]?.receive(request());

    expect((await world.record("e1"))?.left).not.toBeNull();
    expect((await world.head("east"))?.activeHostId).toBe("e2");
  });
});

describe("whoever has a valid signature is answered", () => {
  it("a second endpoint's copy of a heartbeat, with a nonce of its own, gets 200 and costs no write", async () => {
    const world = await heartbeatWorld(net);
    await world.beat("e1");
    await world.clock.advance(1_000);
    await world.beat("e1", { body: { version: "news" } });
    const other = world.container();
    const before = world.database.writes;

    const copy = await world.beat("e1", { via: other, body: { version: "news" } });

    expect(copy.status).toBe(200);
    expect(copy.state?.id).toBe("e1");
    expect(world.database.writes).toBe(before);
  });

  it("only a nonce that is on record is refused, with 409 and no write, in every container", async () => {
    const world = await heartbeatWorld(net);
    const nonce = "one-nonce-used-again";
    await world.beat("e1", { nonce });
    const before = world.database.writes;

    for (const via of [world.first, world.container()]) {
      const again = await world.beat("e1", { via, nonce });
      expect(again.status).toBe(409);
      expect(again.state).toBeUndefined();
    }

    expect(world.database.writes).toBe(before);
    await world.clock.advance(1_000);
    expect((await world.beat("e1")).status).toBe(200);
  });

  it("a heartbeat of an hour ago gets a good answer, and nothing is believed by it", async () => {
    const world = await heartbeatWorld(net);
    await world.beat("e1");
    const before = await world.record("e1");
    await world.clock.advance(3_600_000);

    const old = await world.beat("e1", { skewS: -3_600 });

    expect(old.state?.id).toBe("e1");
    expect(await world.record("e1")).toEqual(before);
  });
});

describe("a host's clock that is off", () => {
  const skewed = async (skewS: number, seconds: number) => {
    const world = await heartbeatWorld(net);
    const some = [world.container(), world.container()];
    for (let second = 0; second < seconds; second++) {
      const answer = await world.beat("e1", { skewS, via: some[second % 2] ?? world.first });
      expect(answer.status).toBe(200);
      world.clock.jump(1_000);
    }
    return world;
  };

  it.each([-1_000_000, -3_600, -6, 6, 3_600, 1_000_000])(
    "by %i s for good is harmless, and told once in ten minutes",
    async (skewS) => {
      const world = await skewed(skewS, 100);

      expect(world.clock.nowMs() - ((await world.record("e1"))?.lastSeenMs ?? 0)).toBeLessThanOrEqual(6_000);
      const told = (await world.events()).filter((event) => event.kind === "clock-skew");
      expect(told.length).toBeGreaterThanOrEqual(1);
      expect(told.length).toBeLessThanOrEqual(2);
      expect(told[0]?.message).toContain(skewS > 0 ? "ahead" : "behind");
      expect(told[0]?.message).toContain(`${Math.abs(skewS)} s`);
      expect((await world.head("east"))?.activeHostId).toBe("e1");
    },
  );

  it("by less than 5 s is nobody's business", async () => {
    const world = await skewed(-4, 30);

    expect((await world.events()).filter((event) => event.kind === "clock-skew")).toEqual([]);
  });

  it("and is corrected recovers with the next heartbeat", async () => {
    const world = await skewed(7_200, 20);

    await world.beat("e1");

    expect(await world.record("e1")).toMatchObject({
      lastSeenMs: world.clock.nowMs(),
      agentTimeS: world.clock.nowMs() / 1000,
    });
  });
});

describe("promise 6: a function whose own clock is an hour off", () => {
  it.each([3_600_000, -3_600_000])(
    "by %i ms records nothing and decides nothing, answers, and says so once",
    async (offMs) => {
      const world = await heartbeatWorld(net);
      for (let second = 0; second < 20; second++) {
        await world.beat("e1");
        await world.beat("e2");
        await world.clock.advance(1_000);
      }
      await world.clock.advance(20_000);
      const wrong = world.container({ offMs });
      const before = world.database.dump().filter(({ key }) => !key.pk.startsWith("events"));

      for (let second = 0; second < 30; second++) {
        const answer = await world.beat("e2", { via: wrong });
        expect(answer.status).toBe(200);
        expect(answer.state?.id).toBe("e2");
        await world.leave("e1", { via: wrong });
        await world.clock.advance(1_000);
      }

      expect(world.database.dump().filter(({ key }) => !key.pk.startsWith("events"))).toEqual(before);
      expect((await world.events()).filter((event) => event.kind === "elector-clock")).toHaveLength(1);
      expect((await world.head("east"))?.activeHostId).toBe("e1");
    },
  );

  it("that is right again works on at once", async () => {
    const world = await heartbeatWorld(network([link("l1", [location("east", [host("e1")])])]));
    const wrong = world.container({ offMs: 3_600_000 });
    await world.beat("e1", { via: wrong });
    expect(await world.record("e1")).toBeUndefined();

    await world.beat("e1");

    expect(await world.record("e1")).toMatchObject({ lastSeenMs: world.clock.nowMs() });
  });
});
