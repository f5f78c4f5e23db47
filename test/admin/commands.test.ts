import { afterEach, describe, expect, it } from "vitest";
import type { CommandAnswer } from "../../functions/admin/schemas.ts";
import { sampleWorld, type World } from "./world.ts";

let world: World;
afterEach(() => world.expectNoSecrets());

const east = "backbone/us-east";
const silence = async (...heard: readonly string[]) => {
  for (let n = 0; n < 4; n++) {
    await world.clock.advance(10_000);
    await world.beat(...heard, "backbone/us-west/b1");
  }
};
const activeOf = async (path: string) =>
  ((await world.get(`explain/${path}`)).body as { location: { active: string | null } }).location.active;
const operatorEvents = async () =>
  ((await world.get("events")).body as { events: { kind: string; by: string; message: string }[] }).events
    .filter(({ kind }) => kind === "operator")
    .map(({ by, message }) => `${by}: ${message}`);

describe("switchover", () => {
  it("makes the best other host active, records who asked and why, and says what will undo it", async () => {
    world = await sampleWorld();

    const { status, body } = await world.post(`switchover/${east}`, { why: "kernel update" });

    expect(status).toBe(200);
    expect(body).toMatchObject({ location: east, active: "a2", epoch: 2, changed: true });
    expect((body as CommandAnswer).notes.join()).toContain("pointsman pin backbone/us-east/a2");
    expect(await operatorEvents()).toEqual(["operator maria: switchover of backbone/us-east to a2: kernel update"]);
    const { location } = await world.place("backbone/us-east/a1");
    expect(world.wakes).toMatchObject([{ locationId: location.id, cause: "decision" }]);
  });

  it("says nothing of pre-emption where the new host has the highest priority", async () => {
    world = await sampleWorld();
    await world.post(`switchover/${east}`, { host: "a2" });

    const { body } = await world.post(`switchover/${east}`, { host: "a1" });

    expect(body).toMatchObject({ active: "a1", epoch: 3, notes: [] });
  });

  it("does nothing when the host is active already", async () => {
    world = await sampleWorld();
    const writes = world.database.writes;

    expect((await world.post(`switchover/${east}`, { host: "a1" })).body).toMatchObject({
      changed: false,
      active: "a1",
    });
    expect(world.database.writes).toBe(writes);
  });

  it("is refused to a host that is silent, was never heard, or is drained, with what to do", async () => {
    world = await sampleWorld();
    await world.post(`drain/${east}`, { host: "a2" });
    expect(await world.post(`switchover/${east}`, { host: "a2" })).toMatchObject({
      status: 409,
      body: { error: { code: "host-drained", next: "`pointsman undrain backbone/us-east/a2` first" } },
    });
    expect((await world.post(`switchover/${east}`)).body).toMatchObject({ error: { code: "no-other-host" } });
    await world.post(`undrain/${east}`, { host: "a2" });
    await silence("backbone/us-east/a1");

    expect(await world.post(`switchover/${east}`, { host: "a2" })).toMatchObject({
      status: 409,
      body: { error: { code: "host-unavailable", message: expect.stringContaining("it is silent") } },
    });
    expect(await activeOf(east)).toBe("a1");
  });

  it("is refused while the link is paused, and on a location with a static host", async () => {
    world = await sampleWorld();
    await world.post("pause", { link: "backbone" });

    expect((await world.post(`switchover/${east}`)).body).toMatchObject({ error: { code: "link-paused" } });
    expect((await world.post("switchover/backbone/office")).body).toMatchObject({ error: { code: "host-static" } });
  });

  it("is refused while another host is pinned and active", async () => {
    world = await sampleWorld();
    await world.post(`pin/${east}`, { host: "a1" });

    expect((await world.post(`switchover/${east}`)).body).toMatchObject({ error: { code: "host-pinned" } });
  });

  it("loses no wish of another operator who writes at the same moment", async () => {
    world = await sampleWorld();

    const replies = await Promise.all([
      world.post(`drain/${east}`, { host: "a2" }),
      world.post("pin/backbone/us-west", { host: "b2" }),
      world.post(`pin/${east}`, { host: "a1" }),
    ]);

    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    const { link, location, host } = await world.place("backbone/us-east/a2");
    const { wish } = (await world.store.readLocation(link.id, location.id, "strong")).value;
    expect(Object.keys(wish?.value.drains ?? {})).toEqual([host.id]);
    expect(wish?.value.pin).not.toBeNull();
  });

  it("answers 409 when it cannot win a write", async () => {
    const first = await sampleWorld();
    world = first;
    const store = { ...first.store, writeWish: async () => ({ kind: "lost" as const }) };
    const { createAdmin } = await import("../../functions/admin/admin.ts");
    const admin = createAdmin({ ...first.deps, store });
    const request = new Request(`https://admin.test/admin/v1/pin/${east}`, {
      method: "POST",
      headers: { authorization: `Bearer ${first.token}` },
      body: JSON.stringify({ host: "a2" }),
    });

    const response = await admin(request);

    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ error: { code: "lost-race" } });
  });
});

describe("pin and unpin", () => {
  it("keep a host of lower priority active until the pin ends", async () => {
    world = await sampleWorld();

    expect((await world.post(`pin/${east}`, { host: "a2", why: "a1 drops packets" })).body).toMatchObject({
      active: "a2",
      changed: true,
      notes: [],
    });
    await world.clock.advance(20_000);
    await world.beat("backbone/us-east/a1", "backbone/us-east/a2");
    await world.elect(east);
    expect(await activeOf(east)).toBe("a2");

    expect((await world.post(`unpin/${east}`)).body).toMatchObject({ active: "a1", changed: true });
    expect(await operatorEvents()).toEqual([
      "operator maria: pin of backbone/us-east to a2: a1 drops packets",
      "operator maria: unpin of backbone/us-east",
    ]);
  });

  it("take hold of a host that is not available when it is, and say so", async () => {
    world = await sampleWorld();
    await silence("backbone/us-east/a1");

    const { body } = await world.post(`pin/${east}`, { host: "a2" });
    expect(body).toMatchObject({ active: "a1", changed: false });
    expect((body as CommandAnswer).notes).toEqual(["a2 is not available now: the pin takes hold when it is"]);

    await world.beat("backbone/us-east/a2");
    await world.elect(east);
    expect(await activeOf(east)).toBe("a2");
  });

  it("are noted but change nothing on a paused link", async () => {
    world = await sampleWorld();
    await world.post("pause");

    const { body } = await world.post(`pin/${east}`, { host: "a2" });

    expect(body).toMatchObject({ active: "a1", changed: false });
    expect((body as CommandAnswer).notes.join()).toContain("pointsman resume backbone");
  });

  it("say when there was nothing to unpin", async () => {
    world = await sampleWorld();
    expect((await world.post(`unpin/${east}`)).body).toMatchObject({
      changed: false,
      message: expect.stringContaining("no host of backbone/us-east was pinned"),
    });
    expect(await operatorEvents()).toEqual([]);
  });

  it("are refused for a static host", async () => {
    world = await sampleWorld();
    expect((await world.post("pin/backbone/office", { host: "router" })).status).toBe(409);
  });
});

describe("drain and undrain", () => {
  it("hand over, and release the host only once the new routes are verified", async () => {
    world = await sampleWorld();

    const begun = await world.post(`drain/${east}`, { host: "a1", why: "reboot" });
    expect(begun).toMatchObject({ status: 200, body: { state: "draining", active: "a2" } });
    expect((await world.get(`drain/${east}/a1`)).body).toMatchObject({
      state: "draining",
      message: "a2 is active, its routes are not verified yet",
    });

    await world.confirm(east);
    expect((await world.get(`drain/${east}/a1`)).body).toMatchObject({ state: "released", active: "a2" });
    expect(await operatorEvents()).toEqual(["operator maria: drain of backbone/us-east/a1: reboot"]);
  });

  it("accept the drain of the only available host, and say that it is pending", async () => {
    world = await sampleWorld();
    await silence("backbone/us-east/a1");

    const { status, body } = await world.post(`drain/${east}`, { host: "a1" });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      state: "draining",
      active: "a1",
      message: expect.stringContaining("stays active until another host"),
    });
    expect((await world.get("status")).body).toMatchObject({
      problems: expect.arrayContaining([
        expect.objectContaining({ what: "a1 is to be drained, but no other host is available" }),
      ]),
    });
    await world.beat("backbone/us-east/a2");
    await world.elect(east);
    expect(await activeOf(east)).toBe("a2");
  });

  it("release a standby at once", async () => {
    world = await sampleWorld();
    expect((await world.post(`drain/${east}`, { host: "a2" })).body).toMatchObject({ state: "released", active: "a1" });
  });

  it("tell one drain once, however often it is asked for", async () => {
    world = await sampleWorld();
    await world.post(`drain/${east}`, { host: "a1" });
    await world.post(`drain/${east}`, { host: "a1" });
    expect(await operatorEvents()).toHaveLength(1);
  });

  it("wait on a paused link, and say so", async () => {
    world = await sampleWorld();
    await world.post("pause");

    expect((await world.post(`drain/${east}`, { host: "a1" })).body).toMatchObject({
      state: "draining",
      active: "a1",
      message: expect.stringContaining("paused"),
    });
  });

  it("put a host back, which then takes over by its priority", async () => {
    world = await sampleWorld();
    await world.post(`drain/${east}`, { host: "a1" });
    await world.confirm(east);

    const { body } = await world.post(`undrain/${east}`, { host: "a1" });

    expect(body).toMatchObject({ message: expect.stringContaining("backbone/us-east/a1 is back in service") });
    expect((await world.get(`drain/${east}/a1`)).body).toMatchObject({ state: "none" });
    expect((await world.post(`undrain/${east}`, { host: "a1" })).body).toMatchObject({
      message: expect.stringContaining("was not drained"),
    });
  });
});

describe("pause and resume", () => {
  it("stop all decisions of every link, and make those that are due when they end", async () => {
    world = await sampleWorld();
    expect((await world.post("pause", { why: "maintenance" })).body).toMatchObject({
      links: ["backbone"],
      paused: true,
    });
    await world.post(`pin/${east}`, { host: "a2" });
    expect(await activeOf(east)).toBe("a1");
    expect((await world.get("status")).body).toMatchObject({ links: [{ paused: { by: "operator maria" } }] });

    expect((await world.post("resume")).body).toMatchObject({ links: ["backbone"], paused: false });

    expect(await activeOf(east)).toBe("a2");
    expect(await operatorEvents()).toContain("operator maria: pause of backbone: maintenance");
  });

  it("say that there is nothing to pause in an empty deployment", async () => {
    const { openWorld } = await import("./world.ts");
    world = openWorld();
    expect((await world.post("pause")).body).toMatchObject({
      links: [],
      message: expect.stringContaining("there is no link"),
    });
  });
});

describe("adopt", () => {
  const foreign = async (destination: string, change: object = {}) => {
    const { link, location } = await world.place("backbone/us-east/a1");
    if (location.cloud === undefined) throw new Error("no cloud");
    const table = "aws/us-east-1/rtb-0a1";
    await world.store.noteTable({ table, tableId: "rtb-0a1", cloud: location.cloud });
    const ids = { linkId: link.id, locationId: location.id, generation: 1, epoch: 1, atMs: 0, by: "routes" };
    await world.store.writeLedger(
      { table, destination, state: "foreign", seen: "nat-0a1", ...ids, ...change },
      undefined,
    );
  };

  it("takes over foreign routes where the location's belong, wakes the routes function, and records it", async () => {
    world = await sampleWorld();
    await foreign("10.1.0.0/16");
    await foreign("172.16.0.0/12");

    const reply = await world.post(`adopt/${east}`, { why: "made by hand" });

    expect(reply).toMatchObject({
      status: 200,
      body: {
        location: east,
        adopted: [{ table: "rtb-0a1", destination: "10.1.0.0/16", was: "nat-0a1" }],
        refused: [],
      },
    });
    expect(world.wakes).toMatchObject([{ cause: "reconcile" }]);
    expect(await operatorEvents()).toEqual(["operator maria: adoption of 1 route by backbone/us-east: made by hand"]);
  });

  it("takes only the table or the destination that is named", async () => {
    world = await sampleWorld();
    await foreign("10.1.0.0/16");
    await foreign("192.168.0.0/16");

    expect((await world.post(`adopt/${east}`, { table: "rtb-other" })).status).toBe(409);
    expect((await world.post(`adopt/${east}`, { destination: "192.168.0.0/16" })).body).toMatchObject({
      adopted: [{ destination: "192.168.0.0/16" }],
    });
    expect((await world.post(`adopt/${east}`, { destination: "192.168.0.1/16" })).status).toBe(400);
  });

  it("refuses what another location owns, and says whose it is", async () => {
    world = await sampleWorld();
    await foreign("10.1.0.0/16", { state: "owned", locationId: "another1" });

    expect((await world.post(`adopt/${east}`)).body).toMatchObject({
      adopted: [],
      refused: [{ destination: "10.1.0.0/16", reason: expect.stringContaining("another1") }],
    });
  });

  it("says when there is nothing to adopt, or no cloud", async () => {
    world = await sampleWorld();
    expect((await world.post(`adopt/${east}`)).body).toMatchObject({ error: { code: "nothing-to-adopt" } });
    expect((await world.post("adopt/backbone/office")).body).toMatchObject({ error: { code: "no-cloud" } });
  });
});

describe("a command that is broken off in the middle", () => {
  it.each([
    ["pin", `pin/${east}`, { host: "a2" }],
    ["drain", `drain/${east}`, { host: "a2" }],
    ["switchover", `switchover/${east}`, { host: "a2" }],
    ["pause", "pause", {}],
  ])("%s changes nothing that is not on record (promise 9)", async (_command, path, body) => {
    world = await sampleWorld();
    const before = JSON.stringify(world.database.dump());
    world.deps.store.tell = async () => {
      throw new Error("killed");
    };

    const { status } = await world.post(path, body);

    expect(status).toBe(500);
    expect(JSON.stringify(world.database.dump())).toBe(before);
  });
});
