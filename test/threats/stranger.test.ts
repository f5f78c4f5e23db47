import { beforeEach, describe, expect, it, vi } from "vitest";
import { heartbeatWorld, type World } from "../fixtures/heartbeat-world.ts";
import { host, link, location, network, startMs } from "../fixtures/network.ts";
import { read, signedHeaders, stateUrl } from "../fixtures/signed-host.ts";

const work = vi.hoisted(() => ({ compared: [] as number[], signatures: 0 }));

vi.mock("node:crypto", async (original) => {
  const real = await original<typeof import("node:crypto")>();
  const timingSafeEqual: typeof real.timingSafeEqual = (given, expected) => {
    work.compared.push(given.byteLength);
    return real.timingSafeEqual(given, expected);
  };
  const createHmac: typeof real.createHmac = (...args) => {
    work.signatures++;
    return real.createHmac(...args);
  };
  return { ...real, timingSafeEqual, createHmac };
});

const mesh = (more: Partial<Parameters<typeof host>[1]> = {}) =>
  network([link("l1", [location("east", [host("e1", more)]), location("west", ["w1"])])]);

let world: World;
let tries = 0;
beforeEach(async () => {
  world = await heartbeatWorld(mesh());
  await world.beat("e1");
});

/** A heartbeat of `hostId` signed with whatever a stranger has. */
async function knock(hostId: string, signature?: string) {
  const timestamp = Math.floor(world.clock.nowMs() / 1000);
  const nonce = `stranger-${String(++tries).padStart(20, "0")}`;
  const signed = signedHeaders({ hostId, secret: "whatever", timestamp, nonce });
  const headers = signature === undefined ? signed : { ...signed, "Auth-Signature": signature };
  work.compared.length = 0;
  work.signatures = 0;
  const answer = await world.first.receive(new Request(stateUrl, { method: "PUT", headers, body: "{}" }));
  const done = { compared: [...work.compared], signatures: work.signatures };
  return { ...done, ...(await read(answer, "whatever")) };
}

describe("a stranger at the heartbeat endpoint", () => {
  it("costs one signature and one comparison in constant time, whether the host exists or not", async () => {
    const known = await knock("e1");
    const unknown = await knock("nosuchhost");

    expect([known.status, unknown.status]).toEqual([401, 401]);
    expect(unknown.text).toBe(known.text);
    for (const { compared, signatures } of [known, unknown]) {
      expect(compared).toEqual([88]);
      expect(signatures).toBe(1);
    }
  });

  it("can tell by time alone that a host is within the grace of a rotation: that costs one signature more", async () => {
    world = await heartbeatWorld(mesh({ secretGeneration: 2, previousSecretUntilMs: startMs + 60_000 }));
    await world.beat("e1");

    const known = await knock("e1");

    expect(known.status).toBe(401);
    expect(known.signatures).toBe(2);
  });

  it("gets no further by a signature that begins or ends like the right one", async () => {
    const right =
      world
        .capture("e1", { nonce: "n".repeat(32) })()
        .headers.get("Auth-Signature") ?? "";
    const other = right.startsWith("A") ? "B" : "A";

    for (const signature of [`${right.slice(0, 40)}${other.repeat(46)}==`, `${other}${right.slice(1)}`, ""]) {
      expect((await knock("e1", signature)).status).toBe(401);
    }
  });

  it("sends ten thousand requests in ten seconds: ten reads, no write, no event, and no line in the log", async () => {
    await world.clock.advance(1_000);
    const { reads, writes } = world.database;
    const events = (await world.events()).length;
    const eventReads = world.database.reads - reads;

    for (let second = 0; second < 10; second++) {
      for (let n = 0; n < 1_000; n++) await knock(n % 2 === 0 ? "e1" : `stranger${n}`);
      await world.clock.advance(1_000);
    }

    expect(world.database.writes).toBe(writes);
    expect(world.database.reads - reads - eventReads).toBeLessThanOrEqual(10);
    expect((await world.events()).length).toBe(events);
    expect(world.logged).toEqual([]);
  });
});
