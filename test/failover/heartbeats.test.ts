import { describe, expect, it } from "vitest";
import type { Link } from "../../shared/domain/network.ts";
import { type Beat, heartbeatWorld, type World } from "../fixtures/heartbeat-world.ts";
import { host, link, location, network } from "../fixtures/network.ts";

/** What a host says of its tunnels, by location. */
const tunnels = (status: Record<string, "connected" | "disconnected">): Beat => ({ body: { status } });
const up = { here: tunnels({ there: "connected" }), there: tunnels({ here: "connected" }) };
const none = { here: tunnels({}), there: tunnels({}) };

const pairOf = (more: Partial<Link> = {}) =>
  link("mesh", [location("here", ["a1", "a2"]), location("there", ["b1", "b2"])], more);

/** Time passes: every host heartbeats once a second as it is told, and the failover function does its work. */
async function live(world: World, seconds: number, says: Readonly<Record<string, Beat>>): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await world.clock.advance(1_000);
    for (const [hostId, beat] of Object.entries(says)) await world.beat(hostId, beat);
    await world.deliver();
    if (second % 5 === 4) await world.failover.tick({ kind: "sweep", dueMs: world.clock.nowMs() });
  }
}

const kinds = async (world: World) => (await world.events()).map((event) => event.kind as string);

describe("a link in which one host has a much shorter time-out than all others", () => {
  it("fails it over in time: the heartbeats of the others keep the pulse, though they are written seldom", async () => {
    const hosts = [host("a1", { timeoutMs: 5_000 }), host("a2")];
    const world = await heartbeatWorld(network([link("mesh", [location("here", hosts), location("there", ["b1"])])]));
    await live(world, 40, { a1: {}, a2: {} });

    await live(world, 7, { a2: {} });

    expect(await world.head("here")).toMatchObject({ activeHostId: "a2", reason: "timed-out" });
    expect(await world.pulse()).toMatchObject({ holdUntilMs: 0 });
  });
});

describe("a returned host of higher priority", () => {
  it("takes over with the next sweep after it was heard for the hold-up, and not before", async () => {
    const here = location("here", [host("a1", { priority: 20 }), host("a2")], { holdUpMs: 22_000 });
    const world = await heartbeatWorld(network([link("mesh", [here, location("there", ["b1"])])]));
    await live(world, 2, { a2: {}, b1: {} });

    await live(world, 20, { a1: {}, a2: {}, b1: {} });
    expect(await world.head("here")).toMatchObject({ activeHostId: "a2" });

    await live(world, 5, { a1: {}, a2: {}, b1: {} });
    expect(await world.head("here")).toMatchObject({ activeHostId: "a1", reason: "higher-priority" });
  });
});

describe("(7: a stale leave overtakes a fresh heartbeat)", () => {
  it("a good-bye that was signed before the newest heartbeat on record fails nobody over", async () => {
    const world = await heartbeatWorld(network([pairOf()]));
    await live(world, 10, { a1: {}, a2: {}, b1: {} });

    await world.leave("a1", { skewS: -6 });
    await live(world, 5, { a1: {}, a2: {}, b1: {} });

    expect(await world.head("here")).toMatchObject({ epoch: 1, activeHostId: "a1" });
  });
});

describe("(1: heartbeat fine, forwarding dead)", () => {
  /** Both locations have been connected for a while. */
  async function connected(): Promise<World> {
    const world = await heartbeatWorld(network([pairOf()]));
    await live(world, 10, { a1: up.here, a2: {}, b1: up.there, b2: {} });
    return world;
  }
  const down = { here: tunnels({ there: "disconnected" }), there: tunnels({ here: "disconnected" }) };

  it("tunnels that both sides report down for the tunnel time-out move the lower id, within seconds", async () => {
    const world = await connected();

    await live(world, 45, { a1: down.here, a2: {}, b1: down.there, b2: {} });
    expect(await world.head("here")).toMatchObject({ epoch: 1 });
    await live(world, 6, { a1: down.here, a2: {}, b1: down.there, b2: {} });

    expect(await world.head("here")).toMatchObject({ epoch: 2, activeHostId: "a2", reason: "tunnels-down" });
    expect(await world.head("there")).toMatchObject({ epoch: 1 });
  });

  it("a move that brings the tunnels back is the end of it", async () => {
    const world = await connected();
    await live(world, 51, { a1: down.here, a2: {}, b1: down.there, b2: {} });

    await live(world, 120, { a1: {}, a2: up.here, b1: up.there, b2: {} });

    expect(await world.head("here")).toMatchObject({ epoch: 2 });
    expect(await world.head("there")).toMatchObject({ epoch: 1 });
    expect(await kinds(world)).not.toContain("tunnel-failover-futile");
  });

  it("a move in vain is told once; then the other side tries, and after that nobody flaps", async () => {
    const world = await connected();

    await live(world, 600, { a1: down.here, a2: down.here, b1: down.there, b2: down.there });

    expect(await world.head("here")).toMatchObject({ epoch: 2, activeHostId: "a2" });
    expect(await world.head("there")).toMatchObject({ epoch: 2, activeHostId: "b2" });
    expect((await kinds(world)).filter((kind) => kind === "tunnel-failover-futile")).toHaveLength(2);
  });

  it("a link that is taken offline and put back moves nobody", async () => {
    const world = await connected();
    await world.apply(network([pairOf({ online: false })], 2));
    await live(world, 120, { a1: none.here, a2: {}, b1: none.there, b2: {} });

    await world.apply(network([pairOf()], 3));
    await live(world, 10, { a1: none.here, a2: {}, b1: none.there, b2: {} });
    await live(world, 60, { a1: up.here, a2: {}, b1: up.there, b2: {} });

    expect(await world.head("here")).toMatchObject({ epoch: 1 });
    expect(await world.head("there")).toMatchObject({ epoch: 1 });
  });

  it("locations that are excluded from peering for a while and then peer again move nobody", async () => {
    const world = await connected();
    const [here, there] = pairOf().locations;
    if (here === undefined || there === undefined) throw new Error("the fixture has two locations");
    await world.apply(network([link("mesh", [{ ...here, excludes: ["there"] }, there])], 2));
    await live(world, 120, { a1: none.here, a2: {}, b1: none.there, b2: {} });

    await world.apply(network([pairOf()], 3));
    await live(world, 10, { a1: none.here, a2: {}, b1: none.there, b2: {} });

    expect(await world.head("here")).toMatchObject({ epoch: 1 });
    expect(await world.head("there")).toMatchObject({ epoch: 1 });
  });
});

describe("a suspicion", () => {
  const checks = (hosts: Record<string, boolean>): Beat => ({
    body: { hosts: Object.fromEntries(Object.entries(hosts).map(([id, state]) => [id, { state, latency: 1_000 }])) },
  });
  const all = checks({ a1: true, a2: true });
  const remote = checks({ b1: true, b2: true });

  it("is cleared by the next heartbeat of the suspect, and that is told", async () => {
    const world = await heartbeatWorld(network([pairOf({ hostCheck: true })]));
    await live(world, 10, { a1: remote, a2: remote, b1: all, b2: all });

    const blind = checks({ a1: false, a2: true });
    await live(world, 10, { a1: remote, a2: remote, b1: blind, b2: blind });

    expect(await world.suspicion("here")).toBeUndefined();
    expect(await world.head("here")).toMatchObject({ epoch: 1 });
    expect(await kinds(world)).toContain("suspicion-raised");
    expect(await kinds(world)).toContain("suspicion-cleared");
  });

  it("of a host that is silent too fails it over long before its time-out", async () => {
    const world = await heartbeatWorld(network([pairOf({ hostCheck: true })]));
    await live(world, 10, { a1: remote, a2: remote, b1: all, b2: all });

    const blind = checks({ a1: false, a2: true });
    await live(world, 8, { a2: remote, b1: blind, b2: blind });

    expect(await world.head("here")).toMatchObject({ epoch: 2, activeHostId: "a2", reason: "suspected" });
  });
});
