import { beforeEach, describe, expect, it } from "vitest";
import { heartbeatWorld, type World } from "../fixtures/heartbeat-world.ts";
import { link, location, network } from "../fixtures/network.ts";

const net = network([link("l1", [location("east", ["e1", "e2"]), location("west", ["w1"])])]);

let world: World;
const outcome = async (answer: Promise<{ readonly text: string }>) => JSON.parse((await answer).text) as object;
const activeOfEast = async () => (await world.head("east"))?.activeHostId;
const seconds = async (count: number, ...hostIds: string[]) => {
  for (let second = 0; second < count; second++) {
    for (const hostId of hostIds) await world.beat(hostId);
    await world.clock.advance(1_000);
  }
};

beforeEach(async () => {
  world = await heartbeatWorld(net);
  await seconds(8, "e1", "e2", "w1");
});

describe("a good-bye", () => {
  it("fails over at once, wakes the routes function and is told", async () => {
    const before = world.wakes.length;

    expect(await outcome(world.leave("e1"))).toEqual({ outcome: "left" });

    expect(await world.head("east")).toMatchObject({
      activeHostId: "e2",
      reason: "left",
      decidedMs: world.clock.nowMs(),
    });
    expect(world.wakes.slice(before)).toEqual([{ linkId: "l1", locationId: "east", cause: "decision", round: 0 }]);
    expect((await world.events()).filter((event) => event.kind === "host-left")).toMatchObject([{ hostId: "e1" }]);
  });

  it("of a standby is on record and changes nothing else", async () => {
    expect(await outcome(world.leave("e2"))).toEqual({ outcome: "left" });

    expect(await activeOfEast()).toBe("e1");
    expect(await world.record("e2")).toMatchObject({ left: { atMs: world.clock.nowMs() } });
  });

  it("sent twice, as an agent does, is one leave and one decision", async () => {
    await world.leave("e1");
    await world.clock.advance(2_000);
    const before = world.database.writes;

    expect(await outcome(world.leave("e1"))).toEqual({ outcome: "left" });

    expect(world.database.writes - before).toBeLessThanOrEqual(1);
    expect((await world.head("east"))?.epoch).toBe(2);
    expect((await world.events()).filter((event) => event.kind === "host-left")).toHaveLength(1);
  });

  it("sent twice in one second writes once", async () => {
    await world.leave("e1");
    const before = world.database.writes;

    expect(await outcome(world.leave("e1"))).toEqual({ outcome: "left" });

    expect(world.database.writes).toBe(before);
  });

  it("through two endpoints at once is one decision", async () => {
    const other = world.container();

    const answers = await Promise.all([world.leave("e1"), world.leave("e1", { via: other })]);

    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect((await world.head("east"))?.epoch).toBe(2);
    expect((await world.events()).filter((event) => event.kind === "host-left")).toHaveLength(1);
  });

  it("with a nonce that is on record is refused with 409", async () => {
    await world.leave("e1", { nonce: "the-same-nonce-twice" });
    const before = world.database.writes;

    expect((await world.leave("e1", { nonce: "the-same-nonce-twice" })).status).toBe(409);
    expect(world.database.writes).toBe(before);
  });

  it("of a host that was never heard says nothing", async () => {
    world = await heartbeatWorld(net);
    const before = world.database.writes;

    expect(await outcome(world.leave("e1"))).toEqual({ outcome: "stale" });
    expect(world.database.writes).toBe(before);
  });

  it("where nobody else is available leaves the host active, and the next host is promoted at once", async () => {
    await world.leave("e2");
    await world.leave("e1");
    expect(await activeOfEast()).toBe("e1");

    await world.clock.advance(3_000);
    await world.beat("e2");

    expect(await activeOfEast()).toBe("e2");
  });
});

describe("a stale leave overtaken by a fresh heartbeat", () => {
  it("does not count", async () => {
    const sentS = Math.floor(world.clock.nowMs() / 1000);
    await world.clock.advance(3_000);
    await world.beat("e1", { body: { version: "restarted" } });
    const before = world.database.writes;

    expect(await outcome(world.leave("e1", { timestampS: sentS }))).toEqual({ outcome: "stale" });

    expect(await activeOfEast()).toBe("e1");
    expect(world.database.writes).toBe(before);
  });

  it("also when the agent that restarted has its tunnels up again, which is always on record at once", async () => {
    await world.beat("e1", { body: { status: { west: "connected" } } });
    await world.clock.advance(1_000);
    const sentS = Math.floor(world.clock.nowMs() / 1000);
    await world.clock.advance(1_000);
    await world.beat("e1");

    expect(await outcome(world.leave("e1", { timestampS: sentS }))).toEqual({ outcome: "stale" });
  });

  it("of an hour ago, replayed, does not count", async () => {
    const sentS = Math.floor(world.clock.nowMs() / 1000) - 3_600;

    expect(await outcome(world.leave("e1", { timestampS: sentS }))).toEqual({ outcome: "stale" });
    expect(await activeOfEast()).toBe("e1");
  });
});

describe("a good-bye that a clock signed while it ran ahead", () => {
  it("is worth nothing to whoever repeats it when the clock is right again", async () => {
    await world.beat("e1", { skewS: 200 });
    await world.clock.advance(1_000);
    const goodBye = world.captureLeave("e1", { skewS: 200 });
    for (let second = 0; second < 30; second++) {
      await world.clock.advance(1_000);
      await world.beat("e1");
      await world.beat("e2");
    }

    await world.first.receive(goodBye());

    expect((await world.record("e1"))?.left).toBeNull();
    expect(await activeOfEast()).toBe("e1");
  });
});

describe("a heartbeat that comes after the leave", () => {
  it("and was sent before it does not undo it", async () => {
    const late = world.capture("e1");
    await world.clock.advance(1_000);
    await world.leave("e1");
    await world.clock.advance(2_000);

    expect((await world.first.receive(late())).status).toBe(200);

    expect((await world.record("e1"))?.left).not.toBeNull();
    expect(await activeOfEast()).toBe("e2");
  });

  it("and was sent before it by a clock an hour ahead does not undo it either", async () => {
    world = await heartbeatWorld(net);
    for (let second = 0; second < 8; second++) {
      await world.beat("e1", { skewS: 3_600 });
      await world.beat("e2");
      await world.clock.advance(1_000);
    }
    const late = world.capture("e1", { skewS: 3_600 });
    await world.clock.advance(1_000);
    await world.leave("e1", { skewS: 3_600 });
    expect(await activeOfEast()).toBe("e2");

    expect((await world.first.receive(late())).status).toBe(200);

    expect((await world.record("e1"))?.left).not.toBeNull();
  });

  it("in the same second does not end it; one in the next second does: the host is back", async () => {
    await world.leave("e1");
    await world.beat("e1");
    expect((await world.record("e1"))?.left).not.toBeNull();

    await world.clock.advance(1_000);
    await world.beat("e1");

    expect(await world.record("e1")).toMatchObject({ left: null, upSinceMs: world.clock.nowMs() });
    expect((await world.events()).filter((event) => event.kind === "host-returned")).toMatchObject([{ hostId: "e1" }]);
    expect(await activeOfEast()).toBe("e2");
  });

  it("by a clock that was corrected meanwhile ends a leave signed in the future", async () => {
    await world.beat("e1", { skewS: 7_200 });
    await world.leave("e1", { skewS: 7_200 });
    expect(await activeOfEast()).toBe("e2");
    await world.clock.advance(20_000);

    await world.beat("e1");

    expect((await world.record("e1"))?.left).toBeNull();
  });

  it("by a clock that stays ahead ends it as soon as it is newer", async () => {
    await world.beat("e1", { skewS: 7_200 });
    await world.leave("e1", { skewS: 7_200 });
    await world.clock.advance(2_000);

    await world.beat("e1", { skewS: 7_200 });

    expect((await world.record("e1"))?.left).toBeNull();
  });
});

describe("promise 9: nothing is lost when the election after a leave fails", () => {
  it("the second good-bye, or the next heartbeat of another host, runs it", async () => {
    world.first.database.hooks.before = ({ kind, key }) => {
      if (kind === "put" && key.endsWith("#a")) throw new Error("out of order");
    };
    expect((await world.leave("e1")).status).toBe(503);
    expect(await activeOfEast()).toBe("e1");
    world.first.database.hooks = {};
    await world.clock.advance(1_000);

    await world.beat("e2");

    expect(await activeOfEast()).toBe("e2");
  });
});

describe("promise 8: a secret that was taken away cannot say good-bye", () => {
  it("also in a container that has heard of nothing for long", async () => {
    const idle = world.container();
    await world.beat("e2", { via: idle });
    const rotated = structuredClone(net);
    const host = rotated.links[0]?.locations[0]?.hosts[0];
    if (host !== undefined) host.secretGeneration = 2;
    await world.apply({ ...rotated, version: 2 });
    await world.clock.advance(5_000);

    expect((await world.leave("e1", { via: idle, generation: 1 })).status).toBe(401);
    expect((await world.record("e1"))?.left).toBeNull();
    expect((await world.leave("e1", { via: idle, generation: 2 })).status).toBe(200);
  });
});
