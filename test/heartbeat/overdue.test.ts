import { describe, expect, it } from "vitest";
import type { Network } from "../../shared/domain/network.ts";
import { heartbeatWorld, type World } from "../fixtures/heartbeat-world.ts";
import { host, link, location, network, wish } from "../fixtures/network.ts";

const mesh = (timeoutMs = 30_000): Network => {
  const of = (id: string, priority = 10) => host(id, { timeoutMs, priority });
  return network([link("l1", [location("east", [of("e1", 20), of("e2"), of("e3", 5)]), location("west", [of("w1")])])]);
};

/** These hosts heartbeat once a second; nothing sweeps. */
async function live(world: World, seconds: number, ...hostIds: string[]) {
  for (let second = 0; second < seconds; second++) {
    for (const hostId of hostIds) await world.beat(hostId);
    await world.clock.advance(1_000);
  }
}
const active = async (world: World) => (await world.head("east"))?.activeHostId;

describe("promise 7: a heartbeat that finds its location's active host overdue elects at once", () => {
  it.each([5_000, 10_000, 30_000])("with a time-out of %i ms no schedule is waited for", async (timeoutMs) => {
    const world = await heartbeatWorld(mesh(timeoutMs));
    await live(world, 20, "e1", "e2", "e3", "w1");
    const diedMs = world.clock.nowMs() - 1_000;

    while ((await active(world)) === "e1") await live(world, 1, "e2", "w1");

    const head = await world.head("east");
    expect(head).toMatchObject({ activeHostId: "e2", reason: "timed-out", by: "heartbeat", epoch: 2 });
    expect(head?.decidedMs).toBeLessThanOrEqual(diedMs + timeoutMs + 1_000);
    expect(head?.decidedMs).toBeGreaterThanOrEqual(diedMs + (timeoutMs * 5) / 6 - 1_000);
    expect(world.wakes.at(-1)).toEqual({ linkId: "l1", locationId: "east", cause: "decision", round: 0 });
  });

  it("and is told in the same answer that it is active now", async () => {
    const world = await heartbeatWorld(mesh());
    await live(world, 10, "e1", "w1");
    await live(world, 40, "w1");
    await world.beat("w1", { body: { public_address: "192.0.2.3" } });
    await world.clock.advance(1_000);

    expect((await world.beat("e2")).state?.links).toMatchObject([{ id: "west", right: "192.0.2.3" }]);
    expect((await world.beat("e3")).state?.links).toEqual([]);
  });

  it("by the host of another location it is not: that one looks after its own", async () => {
    const world = await heartbeatWorld(mesh());
    await live(world, 10, "e1", "e2", "w1");
    await live(world, 60, "w1");

    expect(await active(world)).toBe("e1");
  });

  it("costs no more than a look in memory while nothing would change", async () => {
    const world = await heartbeatWorld(
      network([link("l1", [location("east", ["e1", "e2"]), location("west", ["w1"])])]),
    );
    await live(world, 10, "e1", "e2", "w1");
    await world.store.writeSwitches(
      "l1",
      { paused: { atMs: world.clock.nowMs(), by: "test" }, networkVersion: 1 },
      (await world.store.readPulse("l1")).value.switches?.revision,
    );
    await live(world, 40, "e2", "w1");
    const via = world.container();
    await world.beat("e2", { via });
    const from = via.database.calls.length;

    for (let n = 0; n < 10; n++) await world.beat("e2", { via });

    expect(await active(world)).toBe("e1");
    expect(via.database.calls.slice(from).filter((call) => call.key === "network …")).toEqual([]);
  });

  it("also where the active host was drained, was removed, or none was active", async () => {
    const drained = await heartbeatWorld(mesh());
    await live(drained, 10, "e1", "e2", "w1");
    await drained.store.writeWish("l1", "east", wish({ drains: { e1: { atMs: 0, by: "test" } } }), undefined);
    await drained.beat("e2");
    expect(await drained.head("east")).toMatchObject({ activeHostId: "e2", reason: "drained" });

    const removed = await heartbeatWorld(mesh());
    await live(removed, 10, "e1", "e2", "w1");
    const [first] = mesh().links;
    if (first === undefined) throw new Error("no link");
    const locations = first.locations.map((one) => ({ ...one, hosts: one.hosts.filter((each) => each.id !== "e1") }));
    await removed.apply({ version: 2, links: [{ ...first, locations }] });
    await live(removed, 2, "e2");
    expect(await removed.head("east")).toMatchObject({ activeHostId: "e2", reason: "removed", networkVersion: 2 });
    expect((await removed.beat("e1", { generation: 1 })).status).toBe(401);

    const none = await heartbeatWorld(mesh());
    await none.beat("e3");
    expect(await none.head("east")).toMatchObject({ activeHostId: "e3", reason: "first-host", epoch: 1 });
  });

  it("by eight containers at the same moment is one decision", async () => {
    const world = await heartbeatWorld(mesh());
    await live(world, 10, "e1", "e2", "e3", "w1");
    await live(world, 24, "e2", "e3", "w1");
    await live(world, 5, "w1");
    const some = Array.from({ length: 8 }, () => world.container());

    const answers = await Promise.all(some.map((via, at) => world.beat(at % 2 === 0 ? "e2" : "e3", { via })));

    expect(answers.map((answer) => answer.status)).toEqual(some.map(() => 200));
    expect(await world.head("east")).toMatchObject({ activeHostId: "e2", epoch: 2 });
    expect(await world.store.readDecisions("l1", "east", 10)).toHaveLength(2);
    expect(
      (await world.events()).filter((event) => event.kind === "decision" && event.locationId === "east"),
    ).toHaveLength(2);
  });

  it("and an answer does not fail because the routes function cannot be woken", async () => {
    const world = await heartbeatWorld(mesh());
    await live(world, 10, "e1", "e2", "w1");
    await live(world, 28, "w1");
    world.wakes.push = () => {
      throw new Error("no queue");
    };
    await live(world, 4, "w1");

    expect((await world.beat("e2")).status).toBe(200);
    expect(await active(world)).toBe("e2");
  });
});
