import { describe, expect, it } from "vitest";
import { atEveryMoment, frozenAt, killedAt } from "../routes/interrupt.ts";
import { createRig, type Elector, mesh, type Ports, type Rig, rigWithDeadActive, settledRig, wholeLog } from "./rig.ts";

type Work = (elector: Elector) => Promise<unknown>;
const works: readonly (readonly [string, Work])[] = [
  ["a sweep", (elector) => elector.sweep()],
  ["a scheduled run", (elector) => elector.scheduled()],
  ["an election for a heartbeat", (elector) => elector.electNow("here")],
];

const headWrite = "put link/mesh here#a";

/** Notes the names of the calls that a process begins. */
function noting(ports: Ports): { readonly ports: Ports; readonly names: Set<string> } {
  const names = new Set<string>();
  const noted: Ports = (name, call) => {
    names.add(name);
    return ports(name, call);
  };
  return { ports: noted, names };
}

/** The sweeps of the next minute, five seconds apart, with everybody alive who was. */
async function nextMinute(rig: Rig, alive: readonly string[]): Promise<void> {
  for (let at = 0; at < 12; at++) {
    await rig.live(5, alive);
    await rig.drive(at === 0 ? rig.elector().scheduled() : rig.elector().sweep());
  }
}

describe("an elector that is killed between any two of its calls", () => {
  for (const [name, work] of works) {
    it(`in ${name}: later sweeps finish it: one decision, one event, the routes function woken`, async () => {
      const moments = await atEveryMoment(async (moment) => {
        const rig = await rigWithDeadActive();
        const victim = killedAt(moment);
        const where = `${moment.when} call ${moment.at}`;
        await rig.drive(work(rig.elector(victim.ports)), victim.happened);

        await nextMinute(rig, ["a2", "b1", "b2"]);

        const log = await wholeLog(rig);
        expect(
          log.map(({ activeHostId }) => activeHostId),
          where,
        ).toEqual(["a1", "a2"]);
        expect(await rig.events("decision"), where).toHaveLength(3);
        expect(
          rig.swaps.filter(({ locationId }) => locationId === "here"),
          where,
        ).not.toEqual([]);
        return victim.happened();
      });

      expect(moments).toBeGreaterThan(15);
    });
  }

  it("the first sweep after it wakes the routes function, five seconds later", async () => {
    const rig = await rigWithDeadActive();
    let committed = false;
    const victim = rig.elector(async (name, call) => {
      if (committed) return new Promise<never>(() => undefined);
      const result = await call();
      committed = name === "put link/mesh here#a";
      return result;
    });
    await rig.drive(victim.sweep(), () => committed);
    expect(rig.swaps).toEqual([]);

    await rig.live(5, ["a2", "b1", "b2"]);
    await rig.drive(rig.elector().sweep());

    expect(rig.swaps).toEqual([{ linkId: "mesh", locationId: "here", cause: "decision", round: 0 }]);
  });

  it("an interrupted change of configuration is told to the heartbeat function by the next sweep", async () => {
    const rig = await settledRig();
    await rig.apply([mesh()]);

    await rig.drive(rig.elector().sweep());

    expect((await rig.store.readPulse("mesh")).value.switches?.value).toEqual({ paused: null, networkVersion: 2 });
  });
});

describe("an elector that is frozen for minutes between any two of its calls, and goes on", () => {
  for (const [name, work] of works) {
    it(`in ${name}: commits nothing on evidence that is old, but for a write that was past its check (promise 6)`, async () => {
      let lateCommits = 0;
      const moments = await atEveryMoment(async (moment) => {
        const rig = await rigWithDeadActive();
        const victim = frozenAt(moment);
        const begun = noting(victim.ports);
        const done = work(rig.elector(begun.ports));
        await rig.drive(done, victim.happened);
        const before = await rig.head();
        await rig.live(180, ["a1", "a2", "b1", "b2"]);
        const isPastCheck = begun.names.has(headWrite);

        victim.thaw();
        await rig.drive(done);

        const after = await rig.head();
        if (victim.happened() && before?.epoch === 1 && after?.epoch !== 1) {
          expect(isPastCheck).toBe(true);
          lateCommits++;
        }
        await wholeLog(rig);
        expect((await rig.decisions("there")).length).toBe(1);
        return victim.happened();
      });

      expect(moments).toBeGreaterThan(15);
      expect(lateCommits).toBeLessThanOrEqual(2);
    });
  }

  it("does not elect by a configuration that is minutes old either", async () => {
    await atEveryMoment(async (moment) => {
      const rig = await rigWithDeadActive();
      const victim = frozenAt(moment);
      const begun = noting(victim.ports);
      const done = rig.elector(begun.ports).sweep();
      await rig.drive(done, victim.happened);
      const before = await rig.head();
      await rig.live(60, ["a2", "b1", "b2"]);
      const without = mesh();
      await rig.apply([
        {
          ...without,
          locations: without.locations.map((place) => ({
            ...place,
            hosts: place.hosts.filter((each) => each.id !== "a2"),
          })),
        },
      ]);

      const isPastCheck = begun.names.has(headWrite);
      victim.thaw();
      await rig.drive(done);

      const after = await rig.head();
      if (before?.activeHostId === "a1" && !isPastCheck) expect(after?.activeHostId).toBe("a1");
      return victim.happened();
    });
  });
});

describe("a database that fails", () => {
  const failing =
    (pattern: RegExp) =>
    async <T>(name: string, call: () => Promise<T>) => {
      if (pattern.test(name)) throw new Error("throttled");
      return call();
    };
  const twoLinks = [
    mesh(),
    { ...mesh(), id: "other", name: "other", locations: mesh().locations.map((one) => renamed(one)) },
  ];

  it("in one link does not stop the others", async () => {
    const rig = await rigWithDeadActive(twoLinks);
    await rig.hear(["xb1", "xb2", "xa2"]);
    await rig.live(31, ["a2", "b1", "b2", "xb1", "xb2", "xa2"]);

    const result = rig.elector(failing(/query link\/mesh/)).sweep();
    await rig.drive(result);

    expect(await result).toMatchObject({ swept: 1, skipped: 1 });
    expect((await rig.head("xhere", "other"))?.activeHostId).toBe("xa2");
    expect((await rig.head())?.activeHostId).toBe("a1");
  });

  it("in one location does not stop the others", async () => {
    const rig = await settledRig();
    await rig.live(31, ["a2", "b2"]);

    await rig.drive(rig.elector(failing(/^put link\/mesh here#a/)).sweep());

    expect((await rig.head())?.activeHostId).toBe("a1");
    expect((await rig.head("there"))?.activeHostId).toBe("b2");
  });

  it("when events are written holds up no decision and no wake; the next sweep tells", async () => {
    const rig = await rigWithDeadActive();

    await rig.drive(rig.elector(failing(/events/)).sweep());
    expect(await rig.head()).toMatchObject({ epoch: 2, activeHostId: "a2" });
    expect(rig.swaps).toHaveLength(1);
    expect(await rig.events("decision")).toHaveLength(2);

    await rig.live(5, ["a2", "b1", "b2"]);
    await rig.drive(rig.elector().sweep());
    expect(await rig.events("decision")).toHaveLength(3);
  });

  it("when the configuration cannot be read makes the sweep fail loudly", async () => {
    const rig = await rigWithDeadActive();

    await expect(rig.elector(failing(/query network/)).sweep()).rejects.toThrow("throttled");
  });

  it("after the commit, when the decision is looked at again, holds up nothing", async () => {
    const rig = await rigWithDeadActive();
    let reads = 0;
    const elector = rig.elector(async (name, call) => {
      if (name.startsWith("query") && ++reads > 2) throw new Error("throttled");
      return call();
    });

    const outcome = elector.electNow("here");
    await rig.drive(outcome);

    expect(await outcome).toMatchObject({ kind: "committed" });
  });
});

describe("a queue that cannot be reached", () => {
  const failing =
    (what: string) =>
    async <T>(name: string, call: () => Promise<T>) => {
      if (name === what) throw new Error("no queue");
      return call();
    };

  it("when the routes function is woken: the decision stands, and the next sweep wakes", async () => {
    const rig = await rigWithDeadActive();

    await rig.drive(rig.elector(failing("wake")).sweep());
    expect(await rig.head()).toMatchObject({ epoch: 2 });
    expect(rig.swaps).toEqual([]);

    await rig.live(5, ["a2", "b1", "b2"]);
    await rig.drive(rig.elector().sweep());
    expect(rig.swaps).toHaveLength(1);
  });

  it("does not cost a sweep its moments: the tick queue is another", async () => {
    const rig = await settledRig();
    await rig.live(26, ["a2", "b1", "b2"]);
    await rig.ask({ switchover: { hostId: "b2", atMs: rig.clock.nowMs(), by: "operator ann" } }, "there");

    const tick = { kind: "sweep", dueMs: rig.clock.nowMs() } as const;
    await rig.drive(rig.elector(failing("wake")).tick(tick));

    expect(rig.ticks).toMatchObject([{ kind: "moment", locationId: "here" }]);
  });

  it("when ticks are sent: the scheduled run sweeps all the same, and then fails loudly", async () => {
    const rig = await rigWithDeadActive();

    const run = rig.elector(failing("send")).scheduled();
    const outcome = expect(run).rejects.toThrow("no queue");
    await rig.drive(run.catch(() => undefined));

    await outcome;
    expect(await rig.head()).toMatchObject({ epoch: 2, activeHostId: "a2" });
    expect(await rig.store.readSwept()).toBe(rig.clock.nowMs());
  });
});

describe("an elector whose clock is wrong", () => {
  for (const skewMs of [3_600_000, -3_600_000, 4_000, -4_000]) {
    it(`by ${skewMs} ms decides nothing and wakes nobody (promise 6)`, async () => {
      const rig = await rigWithDeadActive();
      const elector = rig.elector(undefined, skewMs);

      const outcome = elector.electNow("here");
      await rig.drive(Promise.all([outcome, elector.sweep()]));

      expect(await outcome).toEqual({ kind: "clock" });
      expect(await rig.head()).toMatchObject({ epoch: 1, activeHostId: "a1" });
      expect(rig.swaps).toEqual([]);
    });
  }

  it("by a second decides: that much nobody can tell", async () => {
    const rig = await rigWithDeadActive();

    await rig.drive(rig.elector(undefined, 1_000).electNow("here"));

    expect(await rig.head()).toMatchObject({ epoch: 2, activeHostId: "a2" });
  });
});

it("a location that is not in the configuration is not elected for", async () => {
  const rig = createRig();
  await rig.apply([mesh()]);

  expect(await rig.elector().electNow("nowhere")).toEqual({ kind: "unknown-location" });
  expect(await rig.elector().electNow("here", "nolink")).toEqual({ kind: "unknown-location" });
});

function renamed<T extends ReturnType<typeof mesh>["locations"][number]>(one: T): T {
  const hosts = one.hosts.map((each) => ({ ...each, id: `x${each.id}`, name: `x${each.name}` }));
  return { ...one, id: `x${one.id}`, name: `x${one.name}`, hosts };
}
