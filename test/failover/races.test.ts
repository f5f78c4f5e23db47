import { describe, expect, it } from "vitest";
import { mesh, type Rig, rigWithDeadActive, settledRig, unevenly, wholeLog } from "./rig.ts";

const seeds = Array.from({ length: 8 }, (_, at) => at + 1);

/** Runs work of many processes that start at the same moment, each with pauses of its own. */
async function race(rig: Rig, count: number, seed: number, work: (rig: Rig, at: number) => Promise<unknown>) {
  await rig.drive(Promise.all(Array.from({ length: count }, (_, at) => work(rig, seed * 100 + at))));
}

/** Of every two electors one elects for a heartbeat, and one sweeps. */
const electOrSweep = (rig: Rig, at: number): Promise<unknown> => {
  const elector = rig.elector(unevenly(rig, at));
  return at % 2 === 0 ? elector.electNow("here") : elector.sweep();
};

describe("(3: overlapping function runs race) electors at the same moment", () => {
  for (const count of [2, 3, 5, 20]) {
    it(`${count} of them make one decision, of one epoch, and tell it once (promise 1)`, async () => {
      for (const seed of seeds) {
        const rig = await rigWithDeadActive();

        await race(rig, count, seed, electOrSweep);

        const log = await wholeLog(rig);
        expect(log.map(({ epoch, activeHostId, reason }) => ({ epoch, activeHostId, reason }))).toEqual([
          { epoch: 1, activeHostId: "a1", reason: "first-host" },
          { epoch: 2, activeHostId: "a2", reason: "timed-out" },
        ]);
        expect(await rig.events("decision")).toHaveLength(3);
        expect((await rig.decisions("there")).map(({ epoch }) => epoch)).toEqual([1]);
      }
    });
  }

  it("keep a log without a hole while hosts come and go, operators ask, and swaps are confirmed in between", async () => {
    for (const seed of seeds) {
      const rig = await settledRig();
      for (let round = 0; round < 6; round++) {
        const alive = round % 2 === 0 ? ["a2", "b1", "b2"] : ["a1", "b1", "b2"];
        await rig.live(31, alive);
        await rig.ask({ switchover: { hostId: "b2", atMs: rig.clock.nowMs(), by: "operator ann" } }, "there");
        const confirming = async () => {
          await rig.clock.sleep((seed * 7 + round * 13) % 60);
          await rig.confirm();
        };
        await Promise.all([race(rig, 4, seed * 10 + round, electOrSweep), rig.drive(confirming())]);
        await rig.drive(rig.elector(unevenly(rig, seed)).sweep());
      }

      const log = await wholeLog(rig);
      expect(log).toHaveLength(7);
      expect(log.map(({ activeHostId }) => activeHostId)).toEqual(["a1", "a2", "a1", "a2", "a1", "a2", "a1"]);
      expect(log.filter(({ swap }) => swap.state === "confirmed").length).toBeGreaterThan(0);
      expect((await wholeLog(rig, "there")).map(({ activeHostId }) => activeHostId)).toEqual(["b1", "b2"]);
      expect(await rig.events("decision")).toHaveLength(log.length + 2);
    }
  });

  it("archive a decision as it stood when it was replaced: with its confirmation, though another elector had copied it before", async () => {
    for (const seed of seeds) {
      const rig = await rigWithDeadActive();
      await rig.drive(rig.elector().sweep());
      await rig.live(31, ["a1", "b1", "b2"]);
      const slow = rig.elector(unevenly(rig, seed, 400));
      const late = async () => {
        await rig.clock.sleep(seed * 30);
        await rig.confirm();
      };

      await rig.drive(Promise.all([slow.electNow("here"), slow.sweep(), late()]));

      expect(await wholeLog(rig)).toHaveLength(3);
    }
  });

  it("a sweep that loses to a mere confirmation judges again, and commits in the same sweep", async () => {
    const rig = await rigWithDeadActive([mesh({ generation: 2 })]);
    await rig.drive(rig.elector().electNow("here"));
    await rig.live(31, ["a1", "b1", "b2"]);
    let isConfirmed = false;
    const sweeping = rig.elector(async (name, call) => {
      const result = await call();
      if (name.startsWith("put decisions/here") && !isConfirmed) isConfirmed = await rig.confirm();
      return result;
    });

    await rig.drive(sweeping.sweep());

    expect(isConfirmed).toBe(true);
    expect((await wholeLog(rig)).map(({ activeHostId, swap }) => `${activeHostId} ${swap.state}`)).toEqual([
      "a1 confirmed",
      "a2 confirmed",
      "a1 pending",
    ]);
  });

  it("(4: short split brain) the loser commits nothing, wakes nobody and tells nothing", async () => {
    const rig = await rigWithDeadActive();
    const outcomes = await Promise.all([rig.elector().electNow("here"), rig.elector().electNow("here")]);

    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["committed", "kept"]);
    expect(rig.swaps).toHaveLength(1);
    expect(await rig.events("decision")).toHaveLength(3);
  });
});

describe("(12: a second failover while one is in flight)", () => {
  it("is decided at once, with the next epoch; the confirmation of the one before comes too late", async () => {
    const rig = await rigWithDeadActive();
    await rig.drive(rig.elector().sweep());
    const inFlight = (await rig.store.readHead("mesh", "here")).value;
    await rig.live(2, ["a1", "a2", "b1", "b2"]);
    await rig.hear(["a2"], { left: { agentTimeS: Math.floor(rig.clock.nowMs() / 1_000), atMs: rig.clock.nowMs() } });

    await rig.drive(rig.elector().electNow("here"));

    expect(await rig.head()).toMatchObject({
      epoch: 3,
      activeHostId: "a1",
      reason: "left",
      swap: { state: "pending" },
    });
    if (inFlight === undefined) throw new Error("nothing was in flight");
    const swap = { state: "confirmed", atMs: rig.clock.nowMs(), routes: 4 } as const;
    expect(await rig.store.confirmDecision({ ...inFlight.value, swap }, inFlight.revision)).toEqual({ kind: "lost" });
    expect((await wholeLog(rig)).map(({ swap: one }) => one.state)).toEqual(["confirmed", "pending", "pending"]);
  });
});

describe("(6: a disabled or deleted host elected) what happens between evidence and commit", () => {
  it("a successor that is drained meanwhile is superseded at once, by the elector that made it active", async () => {
    for (const seed of seeds) {
      const rig = await rigWithDeadActive();
      await rig.hear(["a1"]);
      await rig.ask({ switchover: { hostId: "a2", atMs: rig.clock.nowMs(), by: "operator ann" } });
      const drain = async () => {
        await rig.clock.sleep(seed * 9);
        await rig.ask({ drains: { a2: { atMs: rig.clock.nowMs(), by: "operator ann" } } });
        await rig.elector(unevenly(rig, seed + 50)).electNow("here");
      };

      await rig.drive(Promise.all([rig.elector(unevenly(rig, seed)).electNow("here"), drain()]));

      expect((await rig.head())?.activeHostId, `seed ${seed}`).toBe("a1");
    }
  });

  it("a successor that is removed from the configuration meanwhile is superseded at once too", async () => {
    for (const seed of seeds) {
      const rig = await settledRig();
      await rig.ask({ switchover: { hostId: "a2", atMs: rig.clock.nowMs(), by: "operator ann" } });
      const remove = async () => {
        await rig.clock.sleep(seed * 9);
        const { network } = (await rig.store.readNetwork()).value;
        await rig.apply(
          network.links.map((one) => ({
            ...one,
            locations: one.locations.map((place) => ({
              ...place,
              hosts: place.hosts.filter((each) => each.id !== "a2"),
            })),
          })),
        );
        await rig.elector(unevenly(rig, seed + 50)).electNow("here");
      };

      await rig.drive(Promise.all([rig.elector(unevenly(rig, seed)).sweep(), remove()]));

      expect((await rig.head())?.activeHostId, `seed ${seed}`).toBe("a1");
    }
  });
});
