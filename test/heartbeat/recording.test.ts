import { describe, expect, it } from "vitest";
import type { Event } from "../../shared/domain/events.ts";
import { type Container, heartbeatWorld, type World } from "../fixtures/heartbeat-world.ts";
import { host, link, location, network } from "../fixtures/network.ts";
import type { Body } from "../fixtures/signed-host.ts";

const meshOf = (timeoutMs = 30_000) =>
  network([
    link("l1", [
      location("east", [host("e1", { timeoutMs }), host("e2", { timeoutMs })]),
      location("west", [host("w1", { timeoutMs }), host("w2", { timeoutMs })]),
    ]),
  ]);
const hostIds = ["e1", "e2", "w1", "w2"];

/** Every host heartbeats once a second, by containers in turn; what was done to the database meanwhile. */
async function live(world: World, seconds: number, containers: readonly Container[], body: Partial<Body> = {}) {
  const from = containers.map((one) => one.database.calls.length);
  let turn = 0;
  for (let second = 0; second < seconds; second++) {
    for (const hostId of hostIds) {
      const via = containers[turn++ % containers.length] ?? world.first;
      expect((await world.beat(hostId, { via, body })).status).toBe(200);
    }
    await world.clock.advance(1_000);
  }
  const calls = containers.flatMap((one, at) => one.database.calls.slice(from[at]));
  const count = (kind: string, key: RegExp) => calls.filter((call) => call.kind === kind && key.test(call.key)).length;
  return { calls, count };
}

const someContainers = (world: World, count: number) => Array.from({ length: count }, () => world.container());

describe("coalescing: a host is written at most every min(time-out / 6, 5 s) without news", () => {
  it.each([
    [5_000, 1],
    [6_000, 1],
    [10_000, 2],
    [12_000, 2],
    [30_000, 5],
    [600_000, 5],
  ])("with a time-out of %i ms every %i s, by one container and by eight", async (timeoutMs, everyS) => {
    for (const containers of [1, 8]) {
      const world = await heartbeatWorld(meshOf(timeoutMs));
      const some = someContainers(world, containers);
      await live(world, 20, some);

      const { count } = await live(world, 60, some);

      for (const id of hostIds) expect(count("put", new RegExp(`#h#${id}$`))).toBe(60 / everyS);
    }
  });

  it("writes nothing else in a quiet minute but the pulse of the link", async () => {
    const world = await heartbeatWorld(meshOf());
    await live(world, 20, [world.first]);
    const before = world.database.writes;

    const { count } = await live(world, 60, [world.first]);

    const pulses = count("put", /!pulse$/);
    expect(pulses).toBeLessThanOrEqual(10);
    expect(pulses).toBeGreaterThanOrEqual(4);
    expect(world.database.writes - before).toBe(4 * 12 + pulses);
  });

  it("loses no more than that of a host's life", async () => {
    const world = await heartbeatWorld(meshOf());
    await live(world, 34, [world.first]);

    for (const id of hostIds) {
      const record = await world.record(id);
      expect(world.clock.nowMs() - 1_000 - (record?.lastSeenMs ?? 0)).toBeLessThan(5_000);
    }
  });
});

describe("capacity: what a heartbeat reads", () => {
  it("is one strongly consistent query of its location, and a share of its container's snapshots", async () => {
    const world = await heartbeatWorld(meshOf());
    await live(world, 20, [world.first]);

    const { calls, count } = await live(world, 59, [world.first]);

    const reads = calls.filter((call) => call.kind === "query" || call.kind === "get");
    const strong = reads.filter((call) => call.consistency === "strong" && !call.key.includes("!"));
    expect(count("query", /^link\/l1 (?:east|west)#…$/)).toBe(4 * 59);
    expect(count("query", /^link\/l1 …$/)).toBe(59);
    expect(strong.length).toBeLessThanOrEqual(4 * 59 + 1);
    // A pulse that is due is read before it is renewed; the configuration is read again each minute.
    expect(reads.length).toBeLessThanOrEqual(4 * 59 + 59 + 10 + 1);
  });

  it("never depends on a snapshot for liveness, suspicion or the wish of its own location", async () => {
    const world = await heartbeatWorld(meshOf());
    await live(world, 3, [world.first]);
    const other = world.container();

    await world.beat("e1", { body: { version: "2" } });
    const copy = await world.beat("e1", { via: other, body: { version: "2" } });

    expect(copy.status).toBe(200);
    expect(other.database.calls.filter((call) => call.kind === "put")).toEqual([]);
  });
});

describe("news is on record at once", () => {
  const checked = link("l1", [location("east", ["e1", "e2"]), location("west", ["w1", "w2"])], {
    hostCheck: true,
    protocol: "wg",
  });
  const settled = async () => {
    const world = await heartbeatWorld(network([checked]));
    await live(world, 20, [world.first], steadyBody);
    return world;
  };
  const reached = { w1: { state: true, latency: 900 }, w2: { state: true, latency: 900 } };
  const steadyBody = { hosts: reached, status: { west: "connected" }, public_address: "192.0.2.1" };

  it.each([
    ["public address", { public_address: "192.0.2.99" }, { publicAddress: "192.0.2.99" }],
    ["private address", { local_address: "10.0.9.9" }, { localAddress: "10.0.9.9" }],
    ["IPv6 address", { address6: "2001:db8::9" }, { address6: "2001:db8::9" }],
    ["WireGuard key", { wg_public_key: "abc=" }, { wgPublicKey: "abc=" }],
    ["version", { version: "2.0" }, { version: "2.0" }],
    ["tunnel that went down", { status: { west: "connecting" } }, { tunnels: { down: { 1: expect.any(Number) } } }],
    [
      "host that is not reached",
      { hosts: { ...reached, w2: { state: false, latency: 0 } } },
      { lost: { 3: expect.any(Number) } },
    ],
  ] as [string, Partial<Body>, object][])("%s", async (_, said, recorded) => {
    const world = await settled();
    await world.beat("e1", { body: steadyBody });
    await world.clock.advance(1_000);
    const { writes } = world.database;

    await world.beat("e1", { body: { ...steadyBody, ...said } });

    expect(world.database.writes).toBeGreaterThan(writes);
    expect(await world.record("e1")).toMatchObject(recorded);
  });

  it("but a latency is none", async () => {
    const world = await settled();
    await world.beat("e1", { body: steadyBody });
    await world.clock.advance(1_000);
    const { writes } = world.database;

    await world.beat("e1", {
      body: { ...steadyBody, hosts: { w1: { state: true, latency: 2_500_000 }, w2: { state: true, latency: 1 } } },
    });

    expect(world.database.writes).toBe(writes);
  });

  it("and hosts or locations that are not of the link are none", async () => {
    const world = await settled();
    await world.beat("e1", { body: steadyBody });
    await world.clock.advance(1_000);
    const { writes } = world.database;

    await world.beat("e1", {
      body: {
        ...steadyBody,
        hosts: { ...reached, nosuch: { state: true, latency: 1 } },
        status: { west: "connected", gone: "connected" },
      },
    });

    expect(world.database.writes).toBe(writes);
  });
});

const kindsOf = (events: readonly Event[]) => events.map((event) => `${event.kind} ${event.hostId ?? ""}`).sort();

describe("racing containers", () => {
  it.each([2, 3, 5, 8])(
    "%i endpoints take copies of one heartbeat: all answer 200, one writes, each event is told once",
    async (endpoints) => {
      const world = await heartbeatWorld(meshOf());
      const some = someContainers(world, endpoints);

      const answers = await Promise.all(some.map((via) => world.beat("e1", { via, body: { version: "1" } })));

      expect(answers.map((answer) => answer.status)).toEqual(some.map(() => 200));
      const puts = some.flatMap((one) =>
        one.database.calls.filter((call) => call.kind === "put" && call.key.endsWith("#h#e1")),
      );
      expect(puts.length).toBeGreaterThanOrEqual(1);
      expect((await world.events()).filter((event) => event.kind === "host-first-seen")).toHaveLength(1);
      expect(await world.record("e1")).toMatchObject({ lastSeenMs: world.clock.nowMs(), version: "1" });
      expect(await world.head("east")).toMatchObject({ epoch: 1, activeHostId: "e1" });
    },
  );

  it.each([2, 4, 8])(
    "%i hosts of one location are heard for the first time in as many containers: one epoch, one active",
    async (count) => {
      const ids = Array.from({ length: count }, (_, at) => `h${at}`);
      const world = await heartbeatWorld(network([link("l1", [location("east", ids)])]));
      const some = someContainers(world, count);

      const answers = await Promise.all(ids.map((id, at) => world.beat(id, { via: some[at] ?? world.first })));

      expect(answers.every((answer) => answer.status === 200)).toBe(true);
      expect(kindsOf(await world.events())).toEqual(
        ["decision h0", ...ids.map((id) => `host-first-seen ${id}`)]
          .sort()
          .map((one) => (one.startsWith("decision") ? expect.stringMatching(/^decision h\d$/) : one)),
      );
      expect((await world.head("east"))?.epoch).toBe(1);
      for (const id of ids) expect(await world.record(id)).toMatchObject({ lastSeenMs: world.clock.nowMs() });
    },
  );

  it("different news of one host at the same moment: all are answered, and the last writer's stand", async () => {
    const world = await heartbeatWorld(meshOf());
    await live(world, 20, [world.first]);
    const some = someContainers(world, 4);

    const answers = await Promise.all(some.map((via, at) => world.beat("e1", { via, body: { version: `v${at}` } })));

    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    expect((await world.record("e1"))?.version).toMatch(/^v[0-3]$/);
  });
});
