import { describe, expect, it } from "vitest";
import { memoryDatabase } from "../../dev/memory-database.ts";
import { testClock } from "../../dev/test-clock.ts";
import { createHeartbeat } from "../../functions/heartbeat/heartbeat.ts";
import { hostSecret } from "../../shared/protocol/keys.ts";
import { openStore } from "../../shared/store/store.ts";
import { heartbeatWorld } from "../fixtures/heartbeat-world.ts";
import { link, location, network, startMs } from "../fixtures/network.ts";
import { quietBody, signedHeaders } from "../fixtures/signed-host.ts";

const twoLinks = network([
  link("ours", [location("east", ["e1"]), location("west", ["w1"])], { hostCheck: true }),
  link("theirs", [location("south", ["s1"]), location("coast", ["c1"])], { hostCheck: true }),
]);

describe("a host of another link", () => {
  it("changes nothing of ours by naming our hosts and locations in its body, and is told nothing of them", async () => {
    const world = await heartbeatWorld(twoLinks);
    for (const hostId of ["e1", "w1", "c1"]) await world.beat(hostId, { body: { public_address: "198.51.100.1" } });
    const ours = () => JSON.stringify(world.database.dump().filter(({ key }) => key.pk === "link/ours"));
    const before = ours();

    const answer = await world.beat("s1", {
      body: {
        hosts: { e1: { state: false, latency: 0 }, w1: { state: true, latency: 0 } },
        status: { east: "connected", west: "disconnected" },
      },
    });

    expect(answer.status).toBe(200);
    expect(ours()).toBe(before);
    expect(JSON.stringify(answer.state)).not.toMatch(/e1|w1|east|west/);
    const { reach, tunnels } = (await world.record("s1")) ?? {};
    expect(Buffer.concat(reach ?? []).every((byte) => byte === 0)).toBe(true);
    expect(Buffer.concat([tunnels?.up ?? Buffer.alloc(0)]).every((byte) => byte === 0)).toBe(true);
  });
});

describe("another deployment", () => {
  it("has other secrets for hosts of the same ids, and takes none of ours", async () => {
    const clock = testClock(startMs);
    const store = openStore(memoryDatabase(clock));
    await store.commitNetwork({ network: twoLinks, atMs: startMs, by: "test", why: "", source: "" });
    const [here, there] = [7, 11].map((by) => Uint8Array.from({ length: 32 }, (_, at) => (at * by + by) % 256));
    if (here === undefined || there === undefined) throw new Error("two keys were made");
    const heartbeat = createHeartbeat({
      store,
      clock,
      random: { bytes: (count) => new Uint8Array(count) },
      log: { warn: () => {}, error: () => {} },
      secrets: { masterKey: async () => there, adminTokenHash: async () => "" },
      swapQueue: async () => ({ wake: async () => {} }),
      tickQueue: async () => ({ send: async () => {} }),
    });
    const knock = async (masterKey: Uint8Array, nonce: string) => {
      const secret = hostSecret(masterKey, "e1", 1);
      const headers = signedHeaders({ hostId: "e1", secret, timestamp: Math.floor(startMs / 1000), nonce });
      const body = JSON.stringify(quietBody);
      return (await heartbeat({ method: "PUT", path: "/link/state", headers: new Headers(headers), body })).status;
    };

    expect(await knock(here, "nonce-of-here-00000")).toBe(401);
    expect(await knock(there, "nonce-of-there-0000")).toBe(200);
  });
});
