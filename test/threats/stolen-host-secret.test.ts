import { beforeEach, describe, expect, it } from "vitest";
import { pairKey } from "../../shared/protocol/keys.ts";
import { heartbeatWorld, masterKey, type World } from "../fixtures/heartbeat-world.ts";
import { host, link, location, network, wish } from "../fixtures/network.ts";
import { read, signedHeaders, stateUrl } from "../fixtures/signed-host.ts";

/** The thief has the secret of one host of `east`, e1 or e2, and nothing else. */
const mesh = (version = 1, more: Parameters<typeof link>[2] = {}) =>
  network(
    [
      link(
        "l1",
        [
          location("east", [host("e1", { publicAddress: "198.51.100.1" }), host("e2")], { failback: "manual" }),
          location("west", [host("w1", { publicAddress: "198.51.100.3" })]),
          location("north", [host("n1", { publicAddress: "198.51.100.4" })]),
        ],
        { hostCheck: true, ...more },
      ),
      link("l2", [location("south", ["s1"]), location("coast", ["c1"])]),
    ],
    version,
  );

let world: World;
beforeEach(async () => {
  world = await heartbeatWorld(mesh());
});

const all = { w1: { state: true, latency: 1 }, n1: { state: true, latency: 1 } };
const onlyWest = { ...all, n1: { state: false, latency: 1 } };
const reachesEast = { e1: { state: true, latency: 1 }, e2: { state: true, latency: 1 } };

/** What each of the hosts says of the others, each second, while sweeps run; a host that is not named is dead. */
async function live(seconds: number, says: Readonly<Record<string, Readonly<Record<string, unknown>>>>) {
  for (let second = 0; second < seconds; second++) {
    for (const [hostId, hosts] of Object.entries(says)) await world.beat(hostId, { body: { hosts } });
    await world.deliver();
    if (second % 5 === 0) await world.failover.tick({ kind: "sweep", dueMs: world.clock.nowMs() });
    await world.clock.advance(1_000);
  }
}
const honest = { e1: all, e2: all, w1: { ...reachesEast, n1: all.n1 }, n1: { ...reachesEast, w1: all.w1 } };
const active = async (locationId: string) => (await world.head(locationId))?.activeHostId;

describe("whoever stole the secret of one host", () => {
  it("keeps that host believed alive after it died, for as long as he sends", async () => {
    await live(10, honest);
    await live(90, { ...honest, e1: all });

    expect(await active("east")).toBe("e1");
  });

  it("says good-bye for it, which moves its location to the other host, and nothing else", async () => {
    await live(10, honest);

    expect((await world.leave("e1")).status).toBe(200);

    expect(await active("east")).toBe("e2");
    expect(await active("west")).toBe("w1");
  });

  it.each(["e2", "w1", "s1"])(
    "cannot heartbeat or say good-bye for %s: 401, and nothing is written",
    async (victim) => {
      await live(3, { ...honest, s1: {}, c1: {} });
      const secret = world.secret("e1");
      const before = await world.record(victim);
      const { writes } = world.database;

      for (const method of ["PUT", "DELETE"] as const) {
        const timestamp = Math.floor(world.clock.nowMs() / 1000);
        const headers = signedHeaders({ hostId: victim, secret, method, timestamp, nonce: `thief-${method}-nonce` });
        const body = method === "PUT" ? JSON.stringify({ timestamp }) : null;
        const answer = await read(await world.first.receive(new Request(stateUrl, { method, headers, body })), secret);
        expect(answer.status).toBe(401);
      }

      expect(before).toBeDefined();
      expect(world.database.writes).toBe(writes);
      expect(await world.record(victim)).toEqual(before);
    },
  );

  it("reads pre-shared keys only while that host is active, and only those of its own location's pairs", async () => {
    await live(10, honest);

    const standby = await world.beat("e2", { body: { hosts: all } });
    const activeOne = await world.beat("e1", { body: { hosts: all } });

    expect(standby.state?.links).toEqual([]);
    expect(activeOne.state?.links.map((tunnel) => tunnel.pre_shared_key).sort()).toEqual(
      ["north", "west"].map((far) => pairKey(masterKey, "l1", "east", far, 1)).sort(),
    );
  });

  it("makes that host the active one of its own location by a lie about what it reaches, even where failback is manual", async () => {
    await live(60, { ...honest, e1: onlyWest, e2: onlyWest });
    expect(await active("east")).toBe("e1");

    await live(60, { ...honest, e1: onlyWest, e2: all });

    expect(await active("east")).toBe("e2");
    expect((await world.head("east"))?.reason).toBe("better-reach");
  });

  it.each([
    ["a pin of another host", wish({ pin: { hostId: "e1", atMs: 0, by: "operator ann" } })],
    ["a drain of that host", wish({ drains: { e2: { atMs: 0, by: "operator ann" } } })],
  ])("does not make it so against %s", async (_what, asked) => {
    await live(60, { ...honest, e1: onlyWest, e2: onlyWest });
    await world.store.writeWish("l1", "east", asked, undefined);

    await live(60, { ...honest, e1: onlyWest, e2: all });

    expect(await active("east")).toBe("e1");
  });

  it("cannot have another location failed over by saying that its active host is not reached", async () => {
    await live(20, honest);
    const epoch = (await world.head("west"))?.epoch;

    await live(60, { ...honest, e1: { ...all, w1: { state: false, latency: 1 } } });

    expect(await active("west")).toBe("w1");
    expect((await world.head("west"))?.epoch).toBe(epoch);
  });

  it("has no use for the pre-shared keys that he saw once the link's keys were rotated", async () => {
    await live(10, honest);
    const seen = (await world.beat("e1", { body: { hosts: all } })).state?.links.map((one) => one.pre_shared_key) ?? [];

    await world.apply(mesh(2, { keyGeneration: 2 }));
    await live(3, honest);

    const now = (await world.beat("e1", { body: { hosts: all } })).state?.links.map((one) => one.pre_shared_key) ?? [];
    expect([seen.length, now.length]).toEqual([2, 2]);
    expect(now.filter((key) => seen.includes(key))).toEqual([]);
  });
});
