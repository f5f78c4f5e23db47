import { describe, expect, it } from "vitest";
import { heartbeatWorld, type World } from "../fixtures/heartbeat-world.ts";
import { link, location, network } from "../fixtures/network.ts";

const everyone = ["e1", "e2", "w1", "w2", "n1"];
const locationOf = (hostId: string) => hostId[0];

/**
 * Three locations whose hosts check one another. A host that checks one that does not answer takes `checkMs` for its
 * round: 3 s where the checked one vanished, none where it refuses.
 */
class Mesh {
  readonly down = new Set<string>();
  /** Who does not reach whom although it is up: `w1>e1`. */
  readonly cut = new Set<string>();
  readonly world: World;
  private readonly checkMs: number;
  private readonly nextMs = new Map<string, number>();

  constructor(world: World, checkMs: number) {
    this.world = world;
    this.checkMs = checkMs;
  }

  static async open(checkMs: number, hostCheck = true): Promise<Mesh> {
    const places = [location("e", ["e1", "e2"]), location("w", ["w1", "w2"]), location("n", ["n1"])];
    const mesh = new Mesh(await heartbeatWorld(network([link("l1", places, { hostCheck })])), checkMs);
    await mesh.run(20);
    return mesh;
  }

  private reaches(from: string, to: string) {
    return !this.down.has(to) && !this.cut.has(`${from}>${to}`);
  }

  private async beat(hostId: string) {
    const others = everyone.filter((other) => locationOf(other) !== locationOf(hostId));
    const hosts = Object.fromEntries(
      others.map((other) => [other, { state: this.reaches(hostId, other), latency: 400 }]),
    );
    await this.world.beat(hostId, { body: { hosts } });
    const isSlow = others.some((other) => !this.reaches(hostId, other));
    this.nextMs.set(hostId, this.world.clock.nowMs() + 1_000 + (isSlow ? this.checkMs : 0));
  }

  /** Runs for some seconds: agents heartbeat as they can, ticks are delivered, a sweep runs every five seconds. */
  async run(seconds: number) {
    for (let tenth = 0; tenth < seconds * 10; tenth++) {
      for (const hostId of everyone) {
        const isDue = (this.nextMs.get(hostId) ?? 0) <= this.world.clock.nowMs();
        if (isDue && !this.down.has(hostId)) await this.beat(hostId);
      }
      await this.world.deliver();
      if (this.world.clock.nowMs() % 5_000 === 0) {
        await this.world.failover.tick({ kind: "sweep", dueMs: this.world.clock.nowMs() });
      }
      this.world.clock.jump(100);
    }
  }

  kinds = async () => (await this.world.events()).map((event) => event.kind);
  head = () => this.world.head("e");
}

describe("promise 7: the suspect rule, through heartbeats and ticks", () => {
  it.each([
    ["vanishes silently", 3_000, 8_000],
    ["refuses connections", 0, 5_000],
  ])("an active host that %s is failed over long before its time-out of 30 s", async (_, checkMs, withinMs) => {
    const mesh = await Mesh.open(checkMs);
    expect(await mesh.head()).toMatchObject({ activeHostId: "e1" });
    const diedMs = mesh.world.clock.nowMs();

    mesh.down.add("e1");
    await mesh.run(12);

    expect(await mesh.head()).toMatchObject({ activeHostId: "e2", reason: "suspected" });
    expect((await mesh.head())?.decidedMs).toBeLessThanOrEqual(diedMs + withinMs);
    expect(await mesh.kinds()).toContain("suspicion-raised");
  });

  it("a suspicion is raised once, whoever else loses the host", async () => {
    const mesh = await Mesh.open(0);
    mesh.down.add("e1");
    await mesh.run(2);

    expect((await mesh.kinds()).filter((kind) => kind === "suspicion-raised")).toHaveLength(1);
    expect(await mesh.world.suspicion("e")).toMatchObject({ hostId: "e1", epoch: 1 });
  });

  it("the suspect's next heartbeat is on record at once, clears the mark, and writes no more than that one", async () => {
    const mesh = await Mesh.open(0);
    mesh.cut.add("w1>e1").add("w2>e1").add("n1>e1");
    const writes = () =>
      mesh.world.first.database.calls.filter(({ kind, key }) => kind === "put" && key.endsWith("#h#e1")).length;
    const before = writes();

    await mesh.run(1.5);
    const mark = await mesh.world.suspicion("e");
    expect(mark?.hostId).toBe("e1");
    expect((await mesh.world.record("e1"))?.lastSeenMs).toBeGreaterThanOrEqual(
      mark?.markedMs ?? Number.POSITIVE_INFINITY,
    );
    await mesh.run(30);

    expect(await mesh.head()).toMatchObject({ activeHostId: "e1", epoch: 1 });
    expect(await mesh.world.suspicion("e")).toBeUndefined();
    expect(await mesh.kinds()).toContain("suspicion-cleared");
    expect(writes() - before).toBeLessThanOrEqual(1 + Math.ceil(31.5 / 5));
  });

  it("while a mark is not cleared yet, further heartbeats are coalesced as ever", async () => {
    const mesh = await Mesh.open(0);
    mesh.cut.add("w1>e1");
    const { world } = mesh;
    await mesh.run(1.2);
    expect(await world.suspicion("e")).toBeDefined();
    await world.beat("e1", { body: { hosts: reachingAll } });
    const before = (await world.record("e1"))?.lastSeenMs;

    world.clock.jump(1_000);
    await world.beat("e1", { body: { hosts: reachingAll } });

    expect((await world.record("e1"))?.lastSeenMs).toBe(before);
  });

  it("heartbeats alone that stop, while the others still reach the host, leave it to the time-out", async () => {
    const mesh = await Mesh.open(3_000);
    await silence(mesh, "e1", 20);

    expect(await mesh.kinds()).not.toContain("suspicion-raised");
    expect((await mesh.head())?.activeHostId).toBe("e1");
  });

  it("a minority that loses a host, which is silent at that moment too, does not fail it over", async () => {
    const mesh = await Mesh.open(3_000);
    mesh.cut.add("w1>e1");
    await silence(mesh, "e1", 15);

    expect(await mesh.kinds()).toContain("suspicion-raised");
    expect((await mesh.head())?.activeHostId).toBe("e1");
  });

  it("where nobody ever reached the host the rule is silent", async () => {
    const mesh = await Mesh.open(0, false);
    mesh.down.add("e1");
    await mesh.run(12);

    expect(await mesh.kinds()).not.toContain("suspicion-raised");
    expect((await mesh.head())?.activeHostId).toBe("e1");
  });

  it("reports of a link without host checks raise nothing, whatever they say", async () => {
    const mesh = await Mesh.open(0, false);
    mesh.cut.add("w1>e1").add("w2>e1").add("n1>e1");
    await mesh.run(5);

    expect(await mesh.world.suspicion("e")).toBeUndefined();
  });

  it("a host of the same location has no say, and a standby is not suspected", async () => {
    const mesh = await Mesh.open(0);
    mesh.down.add("e2");
    await mesh.run(5);

    expect(await mesh.kinds()).not.toContain("suspicion-raised");
  });

  it("a mark of an epoch that is over means nothing to the one after it", async () => {
    const mesh = await Mesh.open(0);
    mesh.down.add("e1");
    await mesh.run(1.2);
    expect(await mesh.world.suspicion("e")).toMatchObject({ epoch: 1 });
    await mesh.world.leave("e1");
    expect(await mesh.head()).toMatchObject({ activeHostId: "e2", epoch: 2 });

    await mesh.run(10);

    expect(await mesh.head()).toMatchObject({ activeHostId: "e2", epoch: 2 });
    expect(await mesh.world.suspicion("e")).toBeUndefined();
  });

  it("a mark that could not be written is written with the reporter's next record", async () => {
    const mesh = await Mesh.open(0);
    let failures = 0;
    mesh.world.first.database.hooks.before = ({ kind, key }) => {
      if (kind === "put" && key.endsWith("#s") && failures++ < 3) throw new Error("out of order");
    };
    const diedMs = mesh.world.clock.nowMs();
    mesh.down.add("e1");
    await mesh.run(12);

    expect(failures).toBeGreaterThanOrEqual(3);
    expect(await mesh.head()).toMatchObject({ activeHostId: "e2", reason: "suspected" });
    expect((await mesh.head())?.decidedMs).toBeLessThanOrEqual(diedMs + 8_000);
  });
});

const reachingAll = Object.fromEntries(["w1", "w2", "n1"].map((id) => [id, { state: true, latency: 400 }]));

/** The host's agent stops heartbeating, but still answers checks. */
async function silence(mesh: Mesh, hostId: string, seconds: number) {
  const { world } = mesh;
  const beat = world.beat;
  const silent: World["beat"] = async (id, more) =>
    id === hostId ? { status: 0, headers: new Headers(), text: "", state: undefined } : beat(id, more);
  Object.assign(world, { beat: silent });
  await mesh.run(seconds);
  Object.assign(world, { beat });
}
