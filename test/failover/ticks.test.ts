import { describe, expect, it } from "vitest";
import { host, link, location, staticHost } from "../fixtures/network.ts";
import { mesh, type Rig, rigWithDeadActive, settledRig } from "./rig.ts";

const cloud = {
  provider: "aws" as const,
  region: "eu-west-1",
  vpc: "vpc-1",
  routeTables: { by: "network" as const },
};
/** The moment of a location's own tick. */
const moments = (rig: Rig) => rig.ticks.filter((tick) => tick.kind === "moment");

describe("a scheduled run", () => {
  it("sends exactly eleven ticks, five seconds apart, and sweeps", async () => {
    const rig = await rigWithDeadActive();
    const startedMs = rig.clock.nowMs();

    await rig.drive(rig.elector().scheduled());

    const dues = rig.ticks.map(({ kind, dueMs }) => [kind, dueMs - startedMs]);
    expect(dues).toEqual(Array.from({ length: 11 }, (_, at) => ["sweep", (at + 1) * 5_000]));
    expect(await rig.head()).toMatchObject({ epoch: 2, by: "sweep" });
    expect(await rig.store.readSwept()).toBe(startedMs);
  });

  it("wakes every location that has routes, those that are retired, and decisions that are not confirmed, once each", async () => {
    const rig = await settledRig([mesh({ cloud })]);
    const generation = { generation: 1, removeRoutes: false, atMs: 1, linkName: "mesh", locationName: "old" };
    await rig.store.retire({ linkId: "mesh", locationId: "old", cloud, ...generation });
    await rig.ask({ switchover: { hostId: "b2", atMs: rig.clock.nowMs(), by: "operator ann" } }, "there");
    await rig.drive(rig.elector().electNow("there"));
    await rig.live(40, ["a1", "a2", "b1", "b2"]);
    rig.swaps.length = 0;

    await rig.drive(rig.elector().scheduled());

    const woken = rig.swaps.map(({ locationId, cause }) => `${locationId} ${cause}`).sort();
    expect(woken).toEqual(["here reconcile", "old reconcile", "there reconcile"]);
  });

  it("has those decided in the last quarter of an hour reconciled again half a minute later (promise 2)", async () => {
    const rig = await settledRig([mesh({ cloud })]);
    const again = async () => {
      rig.ticks.length = 0;
      const startedMs = rig.clock.nowMs();
      await rig.drive(rig.elector().scheduled());
      const wakes = rig.ticks.filter((tick) => tick.kind === "wake");
      return wakes.map(({ dueMs, locationId, cause }) => `${locationId} ${cause} ${dueMs - startedMs}`);
    };
    const first = await again();
    await rig.clock.advance(15 * 60_000);

    expect(first).toEqual(["here reconcile 30000"]);
    expect(await again()).toEqual([]);
  });
});

describe("a tick", () => {
  it("sweeps, and sends no sweep ticks", async () => {
    const rig = await rigWithDeadActive();

    await rig.drive(rig.elector().tick({ kind: "sweep", dueMs: rig.clock.nowMs() }));

    expect(await rig.head()).toMatchObject({ epoch: 2 });
    expect(rig.ticks).toEqual([]);
  });

  it("that is more than five seconds late is dropped", async () => {
    const rig = await rigWithDeadActive();

    await rig.drive(rig.elector().tick({ kind: "sweep", dueMs: rig.clock.nowMs() - 5_001 }));
    const ref = { linkId: "mesh", locationId: "here" };
    await rig.drive(rig.elector().tick({ kind: "moment", dueMs: rig.clock.nowMs() - 5_001, ...ref }));

    expect(await rig.head()).toMatchObject({ epoch: 1 });
  });

  it("that is less late is worked off", async () => {
    const rig = await rigWithDeadActive();

    await rig.drive(rig.elector().tick({ kind: "sweep", dueMs: rig.clock.nowMs() - 5_000 }));

    expect(await rig.head()).toMatchObject({ epoch: 2 });
  });

  it("that comes a second early waits for its moment", async () => {
    const rig = await rigWithDeadActive();
    const dueMs = rig.clock.nowMs() + 990;

    await rig.drive(rig.elector().tick({ kind: "moment", dueMs, linkId: "mesh", locationId: "here" }));

    expect(await rig.head()).toMatchObject({ epoch: 2, by: "tick", decidedMs: dueMs });
  });

  it("carries a delayed wake of the routes function, however late", async () => {
    const rig = await settledRig();
    const ref = { linkId: "mesh", locationId: "here" };

    await rig.drive(
      rig.elector().tick({ kind: "wake", dueMs: rig.clock.nowMs() - 60_000, ...ref, cause: "verify", round: 3 }),
    );

    expect(rig.swaps).toEqual([{ ...ref, cause: "verify", round: 3 }]);
  });

  it("does no harm doubled, reordered, or to a location that is gone", async () => {
    const rig = await rigWithDeadActive();
    const dueMs = rig.clock.nowMs();
    const sweep = { kind: "sweep", dueMs } as const;
    const moment = { kind: "moment", dueMs: dueMs - 1_000, linkId: "mesh", locationId: "here" } as const;
    const gone = { ...moment, locationId: "gone" };

    await rig.drive(Promise.all([sweep, moment, sweep, gone, moment].map((tick) => rig.elector().tick(tick))));

    expect((await rig.decisions()).map(({ epoch }) => epoch)).toEqual([2, 1]);
    expect(await rig.events("decision")).toHaveLength(3);
  });
});

describe("a moment", () => {
  it("is sent for a time-out that falls before the next sweep, to the millisecond after it", async () => {
    const rig = await settledRig();
    const lastSeenMs = rig.clock.nowMs();
    await rig.live(26, ["a2", "b1", "b2"]);

    await rig.drive(rig.elector().tick({ kind: "sweep", dueMs: rig.clock.nowMs() }));

    expect(rig.ticks).toEqual([{ kind: "moment", linkId: "mesh", locationId: "here", dueMs: lastSeenMs + 30_001 }]);
  });

  it("is not sent for one that lies beyond it", async () => {
    const rig = await settledRig();
    await rig.live(23, ["a2", "b1", "b2"]);

    await rig.drive(rig.elector().sweep());
    await rig.drive(rig.elector().scheduled());

    expect(moments(rig)).toEqual([]);
  });

  it("fails the host over within two seconds of its time-out, though no standby heartbeats (promise 7)", async () => {
    const rig = await settledRig();
    const lastSeenMs = rig.clock.nowMs();
    await rig.live(24, ["a2", "b1", "b2"]);
    await rig.live(4, ["b1"]);
    await rig.drive(rig.elector().tick({ kind: "sweep", dueMs: rig.clock.nowMs() }));
    const [moment] = rig.ticks;
    if (moment === undefined) throw new Error("no moment was sent");

    // The queue delays by whole seconds, so it comes early.
    await rig.clock.advance(Math.floor((moment.dueMs - rig.clock.nowMs()) / 1_000) * 1_000);
    await rig.drive(rig.elector().tick(moment));

    const head = await rig.head();
    expect(head).toMatchObject({ activeHostId: "a2", reason: "timed-out" });
    expect((head?.decidedMs ?? 0) - lastSeenMs).toBeLessThanOrEqual(30_000 + 2_000);
  });

  it("is not sent for locations that are paused, static, or have nobody to change to", async () => {
    const office = location("office", [staticHost("router", "203.0.113.9")]);
    const alone = location("alone", [host("d1")]);
    const rig = await settledRig([link("mesh", [...mesh().locations, office, alone])]);
    await rig.live(26, ["a2", "b1", "b2"]);
    await rig.store.writeSwitches(
      "mesh",
      { paused: { atMs: 1, by: "operator ann" }, networkVersion: 1 },
      await switchesRevision(rig),
    );
    await rig.drive(rig.elector().sweep());
    expect(moments(rig)).toEqual([]);

    await rig.store.writeSwitches("mesh", { paused: null, networkVersion: 1 }, await switchesRevision(rig));
    const result = rig.elector().sweep();
    await rig.drive(result);
    expect((await result).moments.map(({ locationId }) => locationId)).toEqual(["here"]);
  });

  it("waits for the end of a hold, and is one where something is then due", async () => {
    const rig = await settledRig();
    await rig.clock.advance(20_000);
    await rig.hear(["a2", "b1", "b2"]);
    const pulse = (await rig.store.readPulse("mesh")).value.pulse?.value;
    await rig.live(28, ["a2", "b1", "b2"]);
    await rig.drive(rig.elector().sweep());
    expect(await rig.head()).toMatchObject({ epoch: 1 });

    const result = rig.elector().sweep();
    await rig.drive(result);

    expect((await result).moments).toEqual([{ linkId: "mesh", locationId: "here", dueMs: pulse?.holdUntilMs }]);
  });

  it("of a sweep is never more than 500, the earliest first", async () => {
    const pairs = Array.from({ length: 60 }, (_, at) => location(`p${at}`, [host(`x${at}`), host(`y${at}`)]));
    const links = Array.from({ length: 10 }, (_, at) => {
      const places = pairs.map((one) => ({
        ...one,
        id: `${one.id}l${at}`,
        hosts: one.hosts.map((each) => ({ ...each, id: `${each.id}l${at}` })),
      }));
      return link(`link${at}`, places);
    });
    const rig = await settledRig(links);
    await rig.clock.advance(13_000);
    const standby = links.flatMap((one) => one.locations.map((place) => place.hosts[1]?.id ?? ""));
    await rig.hear(standby);
    await rig.clock.advance(13_000);
    await rig.hear(standby);

    const result = rig.elector().sweep();
    await rig.drive(result);

    const { moments: sent } = await result;
    expect(sent).toHaveLength(500);
    expect(sent.map(({ dueMs }) => dueMs)).toEqual(sent.map(({ dueMs }) => dueMs).sort((a, b) => a - b));
  });
});

async function switchesRevision(rig: Rig): Promise<number | undefined> {
  return (await rig.store.readPulse("mesh")).value.switches?.revision;
}
