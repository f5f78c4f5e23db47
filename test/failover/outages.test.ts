import { describe, expect, it } from "vitest";
import { type Elector, type Rig, rigWithDeadActive, settledRig } from "./rig.ts";

const everyone = ["a1", "a2", "b1", "b2"];
/** Every elector: the sweep, the tick of a single moment, and the election that a heartbeat runs. */
const electors: readonly (readonly [string, (elector: Elector, nowMs: number) => Promise<unknown>])[] = [
  ["a sweep", (elector) => elector.sweep()],
  ["a scheduled run", (elector) => elector.scheduled()],
  ["a moment", (elector, dueMs) => elector.tick({ kind: "moment", dueMs, linkId: "mesh", locationId: "here" })],
  ["a heartbeat's election", (elector) => elector.electNow("here")],
];

async function electByAll(rig: Rig): Promise<void> {
  for (const [, elect] of electors) await rig.drive(elect(rig.elector(), rig.clock.nowMs()));
}

describe("after an outage of everything for minutes (promise 5)", () => {
  for (const [name, elect] of electors) {
    it(`${name} obeys the hold: the first host that is heard takes nothing from those that are not heard yet`, async () => {
      const rig = await settledRig();
      await rig.clock.advance(300_000);
      await rig.hear(["a2"]);

      for (let second = 0; second < 29; second++) {
        await rig.drive(elect(rig.elector(), rig.clock.nowMs()));
        await rig.live(1, ["a2", "b1"]);
      }

      expect((await rig.head())?.epoch).toBe(1);
      expect((await rig.head("there"))?.epoch).toBe(1);
    });
  }

  it("nothing moves at all when everybody comes back within the hold, each at another time", async () => {
    const rig = await settledRig();
    await rig.clock.advance(240_000);
    const back: string[] = [];
    for (const hostId of ["b2", "a2", "b1", "a1"]) {
      back.push(hostId);
      await rig.live(6, back);
      await electByAll(rig);
    }
    await rig.live(60, everyone);
    await electByAll(rig);

    expect((await rig.head())?.epoch).toBe(1);
    expect((await rig.head("there"))?.epoch).toBe(1);
  });

  it("a host that is really gone is failed over when the hold ends", async () => {
    const rig = await settledRig();
    await rig.clock.advance(240_000);
    await rig.live(30, ["a2", "b1", "b2"]);
    await electByAll(rig);
    expect((await rig.head())?.epoch).toBe(1);

    await rig.live(2, ["a2", "b1", "b2"]);
    await rig.drive(rig.elector().sweep());

    expect(await rig.head()).toMatchObject({ epoch: 2, activeHostId: "a2", reason: "timed-out" });
    expect((await rig.head("there"))?.epoch).toBe(1);
  });

  it("while it lasts, an elector that still runs hears nobody and moves nothing", async () => {
    const rig = await settledRig();
    for (let minute = 0; minute < 5; minute++) {
      await rig.clock.advance(60_000);
      await electByAll(rig);
    }

    expect((await rig.head())?.epoch).toBe(1);
  });

  it("a host that says good-bye within the hold is failed over at once: that was heard", async () => {
    const rig = await settledRig();
    await rig.clock.advance(240_000);
    await rig.hear(["a1", "a2"]);
    await rig.hear(["a1"], { left: { agentTimeS: Math.floor(rig.clock.nowMs() / 1_000), atMs: rig.clock.nowMs() } });

    await rig.drive(rig.elector().electNow("here"));

    expect(await rig.head()).toMatchObject({ epoch: 2, activeHostId: "a2", reason: "left" });
  });
});

describe("sweeps that were missing for ten minutes while heartbeats went on", () => {
  it("begin no hold and move nothing", async () => {
    const rig = await settledRig();
    await rig.live(600, everyone);

    await electByAll(rig);

    expect((await rig.head())?.epoch).toBe(1);
    expect((await rig.store.readPulse("mesh")).value.pulse?.value.holdUntilMs).toBe(0);
  });

  it("fail over at once who was lost meanwhile", async () => {
    const rig = await rigWithDeadActive();
    await rig.live(600, ["a2", "b1", "b2"]);

    await rig.drive(rig.elector().sweep());

    expect(await rig.head()).toMatchObject({ epoch: 2, activeHostId: "a2" });
  });
});
