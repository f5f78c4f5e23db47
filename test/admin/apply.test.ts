import { afterEach, describe, expect, it } from "vitest";
import type { ApplyAnswer, Plan } from "../../functions/admin/schemas.ts";
import { hostIndex } from "../../shared/domain/network.ts";
import { openWorld, sampleFile, sampleWorld, type World } from "./world.ts";

let world: World;
afterEach(() => world.expectNoSecrets());

const without = (...lines: readonly string[]) =>
  sampleFile
    .split("\n")
    .filter((line) => !lines.some((one) => line.includes(one)))
    .join("\n");
const withoutOffice = sampleFile.slice(0, sampleFile.indexOf("      office:"));
const tableMoved = sampleFile.replace("routeTables: [rtb-0b1]", "routeTables: [rtb-0b9]");

const apply = (file: string, more: object = {}) => world.post("apply", { file, ...more });
const planOf = async (file: string) => (await world.post("plan", { file })).body as Plan;
const eventKinds = async () =>
  ((await world.get("events")).body as { events: { kind: string; message: string }[] }).events.map(({ kind }) => kind);

describe("validate and plan", () => {
  it("list every mistake of a file, with field, value, line and reason", async () => {
    world = openWorld();
    const file = sampleFile
      .replace("10.1.0.0/16", "10.1.0.1/16")
      .replace("priority: 20, target: eni-0b1", "priority: -1");

    const validated = (await world.post("validate", { file })).body as { valid: boolean; mistakes: object[] };
    const planned = await world.post("plan", { file });

    expect(validated.valid).toBe(false);
    expect(validated.mistakes).toHaveLength(2);
    expect(validated.mistakes[0]).toMatchObject({
      field: expect.stringContaining("networks"),
      line: expect.any(Number),
    });
    expect(planned).toMatchObject({ status: 422, body: { error: { code: "invalid-network" } } });
    expect((planned.body as { error: { mistakes: object[] } }).error.mistakes).toEqual(validated.mistakes);
  });

  it.each(["", "][", "version: 2", "links: {}", "&a [*a]", "version: 1\nlinks: {}\n---\nversion: 1\nlinks: {}"])(
    "refuse %j without a fault",
    async (file) => {
      world = openWorld();
      expect((await world.post("plan", { file })).status).toBe(422);
      expect((await world.post("apply", { file })).status).toBe(422);
      expect(world.database.writes).toBe(0);
    },
  );

  it("count what a valid file holds, and write nothing", async () => {
    world = openWorld();

    expect((await world.post("validate", { file: sampleFile })).body).toEqual({
      valid: true,
      mistakes: [],
      links: 1,
      locations: 3,
      hosts: 5,
    });
    expect(await planOf(sampleFile)).toMatchObject({ version: 0, unchanged: false, routesLost: 0, handOvers: [] });
    expect(world.database.writes).toBe(0);
  });

  it("count the routes that would be lost, and name what goes and who hands over first", async () => {
    world = await sampleWorld();

    expect(await planOf(withoutOffice)).toMatchObject({
      routesLost: 3,
      removed: ["backbone/office"],
      needsAllowRemove: true,
      handOvers: [],
    });
    expect(await planOf(without("a1:"))).toMatchObject({
      routesLost: 0,
      removed: [],
      needsAllowRemove: false,
      handOvers: ["backbone/us-east/a1"],
    });
    expect(await planOf(sampleFile)).toMatchObject({ unchanged: true, version: 1 });
  });
});

describe("apply", () => {
  it("puts a file in force, tells who did it and why, and wakes every location with routes", async () => {
    world = openWorld();

    const reply = await apply(sampleFile, { why: "first" });

    expect(reply).toMatchObject({ status: 200, body: { state: "applied", version: 1 } });
    expect((await world.get("network")).body).toMatchObject({
      version: 1,
      by: "operator maria",
      why: "first",
      source: sampleFile,
    });
    expect(await eventKinds()).toEqual(["network-applied"]);
    expect(new Set(world.wakes.map((wake) => wake.locationId)).size).toBe(2);
    const link = (await world.network()).links[0];
    const { switches } = (await world.store.readPulse(link?.id ?? "")).value;
    expect(switches?.value).toEqual({ paused: null, networkVersion: 1 });
  });

  it("keeps ids, ordinals and secrets of what keeps its name, and never gives an ordinal twice", async () => {
    world = await sampleWorld();
    const before = await world.place("backbone/us-east/a2");

    await apply(sampleFile.replace("a2:", "a3: { priority: 5 }\n          a2:"));
    await apply(sampleFile);
    await apply(sampleFile.replace("a2:", "a4: { priority: 5 }\n          a2:"));

    expect((await world.place("backbone/us-east/a2")).host).toEqual(before.host);
    const ordinals = [...hostIndex(await world.network()).values()].map(({ host }) => host.ordinal);
    expect(Math.max(...ordinals)).toBe(6);
    expect(new Set(ordinals).size).toBe(ordinals.length);
  });

  it("tells of the configuration before, if whoever put that in force was broken off (promise 9)", async () => {
    world = await sampleWorld();
    const { tell } = world.deps.store;
    world.deps.store.tell = async (event) => {
      if (event.kind === "network-applied") throw new Error("killed");
      await tell(event);
    };
    expect((await apply(sampleFile.replace("priority: 10", "priority: 11"))).status).toBe(500);
    world.deps.store.tell = tell;

    expect((await apply(sampleFile.replace("priority: 10", "priority: 12"))).status).toBe(200);

    const told = ((await world.get("events")).body as { events: { message: string }[] }).events;
    expect(told.map(({ message }) => message)).toContain("version 2 is in force");
  });

  it("changes nothing when the file says what is in force, and finishes what an interrupted apply left", async () => {
    world = await sampleWorld();
    const link = (await world.network()).links[0];
    const switches = (await world.store.readPulse(link?.id ?? "")).value.switches;
    await world.store.writeSwitches(link?.id ?? "", { paused: null, networkVersion: 0 }, switches?.revision);

    const reply = await apply(sampleFile);

    expect(reply).toMatchObject({ status: 200, body: { state: "unchanged", version: 1 } });
    expect((await world.store.readPulse(link?.id ?? "")).value.switches?.value.networkVersion).toBe(1);
    expect((await eventKinds()).filter((kind) => kind === "network-applied")).toHaveLength(1);
  });

  it("is refused when the configuration is not at the version that was looked at", async () => {
    world = await sampleWorld();

    const reply = await apply(withoutOffice, { expectVersion: 0, allowRemove: true });

    expect(reply).toMatchObject({ status: 409, body: { error: { code: "version-changed" } } });
    expect((await world.network()).version).toBe(1);
  });

  it("has one winner of two at the same moment, and the loser is told so", async () => {
    world = await sampleWorld();
    const files = [5, 6, 7].map((priority) => sampleFile.replace("priority: 10", `priority: ${priority}`));

    const replies = await Promise.all(files.map((file) => apply(file)));

    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    const lost = replies.filter(({ status }) => status === 409);
    for (const { body } of lost) expect(body).toMatchObject({ error: { code: "lost-race" } });
    expect((await world.network()).version).toBe(2);
  });

  it("is refused without allowRemove when routes are lost, with their number and what goes", async () => {
    world = await sampleWorld();

    const reply = await apply(withoutOffice);

    expect(reply).toMatchObject({
      status: 409,
      body: { error: { code: "allow-remove-needed", message: "3 routes are lost; removed: backbone/office" } },
    });
    expect((await apply(withoutOffice, { allowRemove: true })).status).toBe(200);
  });

  it("retires a location with routes before it is gone, and wakes the routes function for it", async () => {
    world = await sampleWorld();
    const east = sampleFile.indexOf("      us-east:");
    const west = sampleFile.indexOf("      us-west:");
    const { location } = await world.place("backbone/us-east/a1");

    const reply = await apply(sampleFile.slice(0, east) + sampleFile.slice(west), { allowRemove: true });

    expect(reply.status).toBe(200);
    const retired = await world.store.readRetired();
    expect(retired.map(({ value }) => value)).toMatchObject([
      {
        locationId: location.id,
        locationName: "us-east",
        generation: 1,
        removeRoutes: false,
        cloud: { vpc: "vpc-0a1" },
      },
    ]);
    expect(world.wakes.map((wake) => wake.locationId)).toContain(location.id);
    const { locations } = (await world.store.readLink((await world.network()).links[0]?.id ?? "", "strong")).value;
    expect(locations.get(location.id)?.hosts.size).toBe(0);
  });

  it("gives a location that moves to other tables a new generation, a decision and a retired one", async () => {
    world = await sampleWorld();

    const reply = await apply(tableMoved, { allowRemove: true });

    expect(reply.status).toBe(200);
    const { location, link } = await world.place("backbone/us-west/b1");
    expect(location.generation).toBe(2);
    const head = (await world.store.readHead(link.id, location.id)).value?.value;
    expect(head).toMatchObject({ epoch: 2, generation: 2, reason: "location-moved", by: "operator maria" });
    expect((await world.store.readRetired()).map(({ value }) => value.generation)).toEqual([1]);
  });

  it("leaves a retired record that is ignored when it loses the race", async () => {
    world = await sampleWorld();
    const store = { ...world.store, commitNetwork: async () => ({ kind: "lost" as const }) };
    const loser = openWorld({ store });

    const reply = await loser.post("apply", { file: tableMoved, allowRemove: true });

    expect(reply).toMatchObject({ status: 409, body: { error: { code: "lost-race" } } });
    expect((await world.network()).version).toBe(1);
    expect((await world.place("backbone/us-west/b1")).location.generation).toBe(1);
    expect((await apply(tableMoved, { allowRemove: true })).status).toBe(200);
    expect(await world.store.readRetired()).toHaveLength(1);
  });

  it("removes the records and wishes of a standby that goes, at once", async () => {
    world = await sampleWorld();
    const { link, location, host } = await world.place("backbone/us-east/a2");
    await world.post("drain/backbone/us-east", { host: "a2" });

    const reply = await apply(without("a2:"));

    expect(reply).toMatchObject({ status: 200, body: { state: "applied" } });
    const records = (await world.store.readLocation(link.id, location.id, "strong")).value;
    expect(records.hosts.has(host.id)).toBe(false);
    expect(records.wish?.value.drains).toEqual({});
  });

  it("clears nothing of a host that somebody else adds while it finishes", async () => {
    world = await sampleWorld();
    const added = sampleFile.replace("a2:", "a9: { priority: 5 }\n          a2:");
    const clock = {
      ...world.clock,
      sleep: async () => {
        await apply(added);
        await world.beat("backbone/us-east/a9");
      },
    };
    const { createAdmin } = await import("../../functions/admin/admin.ts");
    const slow = createAdmin({ ...world.deps, clock });

    const response = await slow(
      new Request("https://admin.test/admin/v1/apply", {
        method: "POST",
        headers: { authorization: `Bearer ${world.token}` },
        body: JSON.stringify({ file: without("a2:") }),
      }),
    );

    expect(response.status).toBe(200);
    const { link, location, host } = await world.place("backbone/us-east/a9");
    expect((await world.store.readLocation(link.id, location.id, "strong")).value.hosts.has(host.id)).toBe(true);
  });

  it("says that a rename gives new URIs", async () => {
    world = await sampleWorld();
    const plan = await planOf(sampleFile.replace("a2:", "a9:"));
    expect(plan.diff.renames).toHaveLength(1);
    expect(plan.diff.newUris).toEqual(["backbone/us-east/a9"]);
  });
});

describe("removing an active host", () => {
  it("hands over first, waits until the new routes are verified, and only then takes it out", async () => {
    world = await sampleWorld();
    const { link, location, host } = await world.place("backbone/us-east/a1");

    const first = await apply(without("a1:"));
    const second = await apply(without("a1:"));

    expect(first).toMatchObject({
      status: 202,
      body: { state: "switching", version: 1, waitingFor: [{ host: "backbone/us-east/a1" }] },
    });
    expect((first.body as Extract<ApplyAnswer, { state: "switching" }>).waitingFor[0]?.what).toBe(
      "a2 is active, its routes are not verified yet",
    );
    expect(second.status).toBe(202);
    expect((await world.network()).version).toBe(1);
    expect((await world.store.readLocation(link.id, location.id, "strong")).value.hosts.has(host.id)).toBe(true);

    await world.confirm("backbone/us-east");
    const third = await apply(without("a1:"));

    expect(third).toMatchObject({ status: 200, body: { state: "applied", version: 2 } });
    expect((await world.store.readHead(link.id, location.id)).value?.value).toMatchObject({
      epoch: 2,
      reason: "drained",
    });
    const records = (await world.store.readLocation(link.id, location.id, "strong")).value;
    expect(records.hosts.has(host.id)).toBe(false);
    expect(records.wish?.value.drains).toEqual({});
  });

  it("drains nothing twice, and tells the drain once, however often the apply is repeated", async () => {
    world = await sampleWorld();

    for (let n = 0; n < 4; n++) await apply(without("a1:"));

    expect((await eventKinds()).filter((kind) => kind === "operator")).toHaveLength(1);
    expect((await world.get("explain/backbone/us-east")).body).toMatchObject({ location: { epoch: 2, active: "a2" } });
  });

  it("is refused before anything is drained when no other host is available", async () => {
    world = await sampleWorld();
    await world.clock.advance(31_000);
    await world.beat("backbone/us-east/a1", "backbone/us-west/b1");

    const reply = await apply(without("a1:"));

    expect(reply).toMatchObject({ status: 409, body: { error: { code: "nobody-else-available" } } });
    expect((await world.get("drain/backbone/us-east/a1")).body).toMatchObject({ state: "none" });
    expect((await world.network()).version).toBe(1);
  });

  it("is refused when the only other host would go with it", async () => {
    world = await sampleWorld();

    const reply = await apply(without("a1:").replace("a2:", "a9:"));

    expect(reply).toMatchObject({ status: 409, body: { error: { code: "nobody-else-available" } } });
  });

  it("passes over a standby that goes as well", async () => {
    world = await sampleWorld();
    const three = sampleFile.replace("a2:", "a0: { priority: 1 }\n          a2:");
    await apply(three);
    await world.beat("backbone/us-east/a0", "backbone/us-east/a1", "backbone/us-east/a2");

    const reply = await apply(
      three
        .split("\n")
        .filter((line) => !/ a[12]:/.test(line))
        .join("\n"),
    );

    expect(reply.status).toBe(202);
    expect((await world.get("explain/backbone/us-east")).body).toMatchObject({ location: { active: "a0" } });
  });

  it("is refused while the link is paused", async () => {
    world = await sampleWorld();
    await world.post("pause");

    expect(await apply(without("a1:"))).toMatchObject({ status: 409, body: { error: { code: "link-paused" } } });
  });

  it("goes on where an older, unverified switch still points routes at the host", async () => {
    world = await sampleWorld();
    await apply(without("a1:"));
    await apply(sampleFile.replace("a2:", "a0: { priority: 1 }\n          a2:"));
    await world.beat("backbone/us-east/a0");
    await world.post("drain/backbone/us-east", { host: "a2" });
    expect((await world.get("explain/backbone/us-east")).body).toMatchObject({ location: { active: "a0", epoch: 3 } });

    const onlyA0 = sampleFile.replace("a2:", "a0: { priority: 1 }\n          a2:").split("\n");
    const reply = await apply(onlyA0.filter((line) => !line.includes("a1:")).join("\n"));

    expect(reply).toMatchObject({ status: 202, body: { waitingFor: [{ host: "backbone/us-east/a1" }] } });
  });

  it("lets a location with all its hosts go without a hand-over", async () => {
    world = await sampleWorld();
    const east = sampleFile.indexOf("      us-east:");
    const west = sampleFile.indexOf("      us-west:");

    const plan = await planOf(sampleFile.slice(0, east) + sampleFile.slice(west));

    expect(plan.handOvers).toEqual([]);
    expect(plan.removed).toEqual(["backbone/us-east"]);
  });
});
