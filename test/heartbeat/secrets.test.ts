import { beforeEach, describe, expect, it } from "vitest";
import type { Host, Network } from "../../shared/domain/network.ts";
import { type Beat, heartbeatWorld, type World } from "../fixtures/heartbeat-world.ts";
import { host, link, location, network, startMs } from "../fixtures/network.ts";

const mesh = (version: number, e1: Partial<Host> = {}): Network =>
  network([link("l1", [location("east", [host("e1", e1), "e2"]), location("west", ["w1"])])], version);

let world: World;
beforeEach(async () => {
  world = await heartbeatWorld(mesh(1));
});

const status = async (hostId: string, beat: Beat) => (await world.beat(hostId, beat)).status;

describe("rotation of a host's secret, with grace", () => {
  const untilMs = startMs + 60_000;
  beforeEach(async () => {
    await world.beat("e1");
    await world.clock.advance(2_000);
    await world.apply(mesh(2, { secretGeneration: 2, previousSecretUntilMs: untilMs }));
  });

  it("takes the old and the new secret, and seals each answer with the one that signed", async () => {
    for (const via of [world.first, world.container()]) {
      for (const generation of [1, 2, 1]) {
        await world.clock.advance(1_000);
        const answer = await world.beat("e1", { via, generation });
        expect(answer.status).toBe(200);
        expect(answer.state?.id).toBe("e1");
      }
    }
    expect(world.secret("e1", 1)).not.toBe(world.secret("e1", 2));
  });

  it("takes the old one until the grace is over, to the millisecond, also for a good-bye", async () => {
    await world.clock.advance(untilMs - 1 - world.clock.nowMs());
    expect(await status("e1", { generation: 1 })).toBe(200);

    await world.clock.advance(1);
    expect(await status("e1", { generation: 1 })).toBe(401);
    expect((await world.leave("e1", { generation: 1 })).status).toBe(401);
    expect(await status("e1", { generation: 2 })).toBe(200);
  });

  it("does not take the secret before the old one, nor the next one", async () => {
    await world.apply(mesh(3, { secretGeneration: 3, previousSecretUntilMs: untilMs }));
    await world.clock.advance(1_100);

    expect(await status("e1", { generation: 1 })).toBe(401);
    expect(await status("e1", { generation: 2 })).toBe(200);
    expect(await status("e1", { generation: 3 })).toBe(200);
    expect(await status("e1", { generation: 4 })).toBe(401);
  });

  it("changes nothing for other hosts", async () => {
    expect(await status("e2", { generation: 1 })).toBe(200);
    expect(await status("e2", { generation: 2 })).toBe(401);
  });
});

describe("promise 8: a secret that was replaced without grace", () => {
  it("is refused with the first heartbeat that could know, in every container", async () => {
    const some = [world.first, world.container(), world.container()];
    for (const via of some) {
      await world.beat("e1", { via });
      await world.beat("w1", { via });
    }
    await world.apply(mesh(2, { secretGeneration: 2, previousSecretUntilMs: 0 }));
    const before = await world.record("e1");
    await world.clock.advance(1_000);

    for (const via of some) expect(await status("e1", { via, generation: 1, body: { version: "stolen" } })).toBe(401);

    expect(await world.record("e1")).toEqual(before);
    for (const via of some) expect(await status("e1", { via, generation: 2 })).toBe(200);
  });

  it("and the new one is taken at once by a container that has not heard of it", async () => {
    const via = world.container();
    await world.beat("e1", { via });
    await world.clock.advance(1_000);
    await world.apply(mesh(2, { secretGeneration: 2, previousSecretUntilMs: 0 }));

    expect(await status("e1", { via, generation: 2 })).toBe(200);
  });
});

describe("promise 8: who is not configured any more", () => {
  it("a host that was removed is refused within a second, and writes nothing", async () => {
    await world.beat("e1");
    await world.beat("e2");
    await world.clock.advance(1_000);
    await world.apply(network([link("l1", [location("east", ["e2"]), location("west", ["w1"])])], 2));
    const before = world.database.writes;

    expect(await status("e1", { generation: 1 })).toBe(401);
    expect((await world.leave("e1", { generation: 1 })).status).toBe(401);
    expect(world.database.writes).toBe(before);
  });

  it("a host of a link that was removed is refused within a minute, though nobody can tell of it", async () => {
    await world.beat("e1");
    await world.apply(network([link("l2", [location("north", ["n1"])])], 2));
    for (let second = 0; second < 61; second++) {
      await world.clock.advance(1_000);
      await world.beat("e1", { generation: 1 });
    }

    expect(await status("e1", { generation: 1 })).toBe(401);
  });

  it("a host that was added is taken with its first heartbeat, in a container that knew of none", async () => {
    await world.beat("e1");
    await world.clock.advance(1_000);
    await world.apply(network([link("l1", [location("east", ["e1", "e2", "e3"]), location("west", ["w1"])])], 2));

    expect(await status("e3", {})).toBe(200);
  });

  it("is not kept out for longer than a second by others that send wrong tokens all the time", async () => {
    await world.beat("e1");
    await world.clock.advance(1_000);
    await world.beat("nobody-known".slice(0, 6), { generation: 1 });
    await world.apply(network([link("l1", [location("east", ["e1", "e2", "e3"]), location("west", ["w1"])])], 2));
    const tries: number[] = [];
    for (let tenth = 0; tenth < 12; tenth++) {
      await world.beat("stranger", { generation: 1 });
      tries.push(await status("e3", {}));
      await world.clock.advance(100);
    }

    expect(tries.slice(10)).toEqual([200, 200]);
  });
});

describe("a configuration that cannot be read", () => {
  it("is not missed while the one at hand will do", async () => {
    await world.beat("e1");
    world.first.database.hooks.before = ({ key }) => {
      if (key.startsWith("network")) throw new Error("out of order");
    };
    await world.clock.advance(120_000);

    expect(await status("e1", {})).toBe(200);
  });

  it("is a 503 where there is none at hand, and for a stranger", async () => {
    const via = world.container({
      hooks: {
        before: ({ key }) => {
          if (key.startsWith("network")) throw new Error("out of order");
        },
      },
    });

    expect(await status("e1", { via })).toBe(503);
    via.database.hooks = {};
    expect(await status("e1", { via })).toBe(200);
  });
});
