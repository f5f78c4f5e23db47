import { beforeEach, describe, expect, it } from "vitest";
import type { Link } from "../../shared/domain/network.ts";
import { heartbeatWorld, type World } from "../fixtures/heartbeat-world.ts";
import { link, location, network } from "../fixtures/network.ts";

const meshOf = (more: Partial<Link> = {}) =>
  link("l1", [location("east", ["e1", "e2"]), location("west", ["w1", "w2"]), location("north", ["n1"])], {
    hostCheck: true,
    ...more,
  });
const addresses: Record<string, string> = {
  e1: "192.0.2.1",
  e2: "192.0.2.2",
  w1: "192.0.2.3",
  w2: "192.0.2.4",
  n1: "192.0.2.5",
};

let world: World;
const beat = (hostId: string, via = world.first, more: object = {}) =>
  world.beat(hostId, { via, body: { public_address: addresses[hostId] ?? "", ...more } });
const all = async (seconds: number) => {
  for (let second = 0; second < seconds; second++) {
    for (const hostId of Object.keys(addresses)) await beat(hostId);
    await world.clock.advance(1_000);
  }
};

beforeEach(async () => {
  world = await heartbeatWorld(network([meshOf()]));
  await all(5);
});

describe("an answer's hash, on which an agent re-deploys its tunnels", () => {
  it("is the same from every container and at every second, as long as nothing changes", async () => {
    const others = [world.container(), world.container(), world.container()];
    const hashes = new Set<string | undefined>();

    for (let second = 0; second < 40; second++) {
      hashes.add((await beat("e1", others[second % 3])).state?.hash);
      for (const hostId of ["e2", "w1", "w2", "n1"]) await beat(hostId, others[(second + 1) % 3]);
      await world.clock.advance(1_000);
    }

    expect(hashes.size).toBe(1);
  });

  it("is the same whatever the order of links and locations in the configuration", async () => {
    const before = (await beat("e1")).state;
    const mesh = meshOf();
    await world.apply(
      network([link("l0", [location("other", ["o1"])]), { ...mesh, locations: [...mesh.locations].reverse() }], 2),
    );
    await world.clock.advance(1_000);

    expect((await beat("e1")).state).toEqual(before);
  });

  it("does not change when a standby elsewhere is heard, reports a latency, or another host's tunnels come up", async () => {
    const before = (await beat("e1")).state?.hash;
    await beat("w2", undefined, { hosts: { e1: { state: true, latency: 77 } }, status: { east: "connecting" } });
    await beat("w1", undefined, { status: { east: "connected" }, version: "9" });
    await world.clock.advance(2_000);

    expect((await beat("e1")).state?.hash).toBe(before);
  });

  it("changes once for a change elsewhere, in whatever container: no host is told the old state after the new", async () => {
    const others = [world.container(), world.container()];
    const told: (string | undefined)[] = [];
    for (let tenth = 0; tenth < 80; tenth++) {
      if (tenth === 33) await beat("w1", undefined, { public_address: "192.0.2.99" });
      if (tenth % 10 === tenth % 7) for (const via of others) await beat("n1", via);
      // An agent sleeps a second after each answer.
      if (tenth % 11 === 0) told.push((await beat("e1", others[tenth % 2])).state?.hash);
      await world.clock.advance(100);
    }

    const changes = told.filter((hash, at) => at > 0 && hash !== told[at - 1]);
    expect(changes).toHaveLength(1);
  });
});

describe("a read that lags behind", () => {
  it.each([true, false])(
    "does not have a host drop the tunnels that it was just told to hold (host checks: %s)",
    async (hostCheck) => {
      world = await heartbeatWorld(network([meshOf({ hostCheck })]));
      await all(5);
      const [via, other] = [world.container(), world.container()];
      await all(1);
      for (const one of [via, other]) {
        await beat("e2", one);
        one.database.replica = "stuck";
      }
      await world.leave("e1");
      await world.clock.advance(1_000);
      expect((await beat("e2", via)).state?.links).toHaveLength(2);

      for (const one of [via, other]) one.database.replica = "answers";
      for (let second = 0; second < 3; second++) {
        await world.clock.advance(1_000);
        expect((await beat("e2", via)).state?.links).toHaveLength(2);
        expect((await beat("e2", other, { status: { west: "connecting" } })).state?.links).toHaveLength(2);
      }
    },
  );

  it("does not make a container that knows of a newer decision point back at the old host", async () => {
    const via = world.container();
    await beat("n1", via);
    via.database.replica = "stuck";
    await world.leave("e1");
    await world.clock.advance(1_000);
    const moved = (await beat("n1", via)).state;
    expect(moved?.links.find((tunnel) => tunnel.id === "east")?.right).toBe("192.0.2.2");

    via.database.replica = "answers";
    for (let second = 0; second < 5; second++) {
      await world.clock.advance(1_000);
      expect((await beat("n1", via)).state?.hash).toBe(moved?.hash);
    }
  });

  it("tells a host within a heartbeat that another took over, where the read does not lag", async () => {
    await world.store.writeWish(
      "l1",
      "east",
      { pin: { hostId: "e2", atMs: world.clock.nowMs(), by: "test" }, drains: {}, switchover: null },
      undefined,
    );
    await world.failover.tick({ kind: "moment", linkId: "l1", locationId: "east", dueMs: world.clock.nowMs() });
    expect((await world.head("east"))?.activeHostId).toBe("e2");

    expect((await beat("e1", undefined, { status: { west: "connected" } })).state?.links).toEqual([]);
  });

  it("records a heartbeat all the same, once", async () => {
    const via = world.container();
    await beat("e2", via);
    via.database.replica = "answers";
    await beat("e2", undefined, { version: "2" });
    await world.clock.advance(5_000);

    expect((await beat("e2", via, { version: "3" })).status).toBe(200);

    expect(await world.record("e2")).toMatchObject({ version: "3", lastSeenMs: world.clock.nowMs() });
  });
});
