import { describe, expect, it } from "vitest";
import { type Beat, type Container, heartbeatWorld, type World } from "../fixtures/heartbeat-world.ts";
import { link, location, network } from "../fixtures/network.ts";
import type { Answered } from "../fixtures/signed-host.ts";

const net = network([link("l1", [location("east", ["e1", "e2"]), location("west", ["w1"])])]);
const frozenMs = 60_000;

type Moment = { readonly call: number; readonly when: "before" | "after" };

/** `e1` is active and has been silent for just over its time-out; the others live, and none has elected yet. */
async function overdue(): Promise<World> {
  const world = await heartbeatWorld(net);
  const second = async (...hostIds: string[]) => {
    for (const hostId of hostIds) await world.beat(hostId);
    await world.clock.advance(1_000);
  };
  for (let n = 0; n < 10; n++) await second("e1", "e2", "w1");
  const lastSeenMs = (await world.record("e1"))?.lastSeenMs ?? 0;
  while (world.clock.nowMs() < lastSeenMs + 30_000) await second("e2", "w1");
  await second("w1");
  expect((await world.head("east"))?.activeHostId).toBe("e1");
  return world;
}

/** How many calls a container makes for a heartbeat of `e2`, which elects. */
async function callsOfElection(): Promise<number> {
  const world = await overdue();
  const via = world.container();
  await world.beat("e2", { via });
  expect((await world.head("east"))?.activeHostId).toBe("e2");
  return via.database.calls.length;
}

/** Freezes a container once, at one call; `meanwhile` is what others do during the last seconds of the freeze. */
function freezeAt(world: World, moment: Moment, meanwhile: () => Promise<void>): Container {
  const via = world.container();
  const freeze = async (call: { readonly count: number }) => {
    if (call.count !== moment.call) return;
    via.database.hooks = {};
    world.clock.jump(frozenMs - 3_000);
    await meanwhile();
  };
  via.database.hooks = moment.when === "before" ? { before: freeze } : { after: freeze };
  return via;
}

/** Others heartbeat for the last three seconds of a freeze. */
const others = async (world: World, ...hostIds: string[]) => {
  for (let second = 0; second < 3; second++) {
    world.clock.jump(1_000);
    for (const hostId of hostIds) await world.beat(hostId);
  }
};

const moments = (calls: number): Moment[] =>
  Array.from({ length: calls }, (_, at) => at + 1).flatMap((call): Moment[] => [
    { call, when: "before" },
    { call, when: "after" },
  ]);

describe("promise 6: a container that is frozen for a minute at any call and goes on", () => {
  it("commits nothing on evidence from before", async () => {
    const calls = await callsOfElection();
    expect(calls).toBeGreaterThan(6);
    for (const moment of moments(calls)) {
      const world = await overdue();
      let atThaw: string | null | undefined;
      let isPutUnderWay = false;
      const via = freezeAt(world, moment, async () => {
        // A call that is on its way cannot be called back; its revision is what guards it.
        isPutUnderWay = moment.when === "before" && via.database.calls.at(-1)?.key === "link/l1 east#a";
        await others(world, "e1", "w1");
        atThaw = (await world.head("east"))?.activeHostId;
      });

      const answer = await world.beat("e2", { via });

      expect([200, 503]).toContain(answer.status);
      if (!isPutUnderWay) expect((await world.head("east"))?.activeHostId).toBe(atThaw);
      const tunnels = answer.state?.links.length ?? 0;
      if (tunnels > 0) expect((await world.head("east"))?.activeHostId).toBe("e2");
    }
  }, 120_000);

  it("credits the heartbeat that it holds for 5 s at most after it was sent", async () => {
    for (const body of [{}, { version: "news" }]) {
      const world = await overdue();
      const probe = world.container();
      await world.beat("w1", { via: probe, body });
      for (const moment of moments(probe.database.calls.length)) await frozenCredit(moment, { body });
    }
  }, 120_000);

  it("writes nothing over what another container recorded meanwhile", async () => {
    for (const moment of moments(await callsOfElection())) {
      const world = await overdue();
      const via = freezeAt(world, moment, () => others(world, "e2", "w1"));

      await world.beat("e2", { via, body: { version: "old" } });

      const record = await world.record("e2");
      expect(record?.lastSeenMs).toBeGreaterThanOrEqual(world.clock.nowMs() - 3_000);
    }
  });

  it("does not say good-bye for a host that came back", async () => {
    const probeWorld = await overdue();
    const probe = probeWorld.container();
    await probeWorld.leave("e2", { via: probe });
    for (const moment of moments(probe.database.calls.length)) {
      const world = await overdue();
      const via = freezeAt(world, moment, () => others(world, "e2", "w1"));

      await world.leave("e2", { via });

      expect((await world.record("e2"))?.left ?? null).toBeNull();
    }
  });
});

async function frozenCredit(moment: Moment, beat: Beat): Promise<Answered> {
  const world = await overdue();
  const sentMs = world.clock.nowMs();
  const via = freezeAt(world, moment, () => others(world, "e2"));

  const answer = await world.beat("w1", { ...beat, via });

  expect((await world.record("w1"))?.lastSeenMs).toBeLessThanOrEqual(sentMs + 5_000);
  return answer;
}
