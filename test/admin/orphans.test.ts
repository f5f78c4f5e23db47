import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAdmin } from "../../functions/admin/admin.ts";
import type { ForgetAnswer, OrphansAnswer } from "../../functions/admin/schemas.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { LedgerEntry } from "../../shared/domain/records.ts";
import { orphansIn } from "./orphans-in.ts";
import { sampleFile, sampleWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await sampleWorld();
});
afterEach(() => world.expectNoSecrets());

const table = "aws/us-east-1/rtb-0a1";
const orphan = (destination: string, change: Partial<LedgerEntry> = {}) => orphansIn(world, [destination], change);
const list = async (query = "") => (await world.get(`orphans${query}`)).body as OrphansAnswer;
const forget = async (body: object = {}) => (await world.post("orphans/forget", body)).body as ForgetAnswer;
const ledger = async () => [...(await world.store.readLedger(table)).keys()];
const destinations = (some: OrphansAnswer["orphans"]) => some.map((one) => one.destination);
const operatorEvents = async () =>
  ((await world.get("events")).body as { events: { kind: string; link: string; message: string }[] }).events
    .filter(({ kind }) => kind === "operator")
    .map(({ link, message }) => ({ link, message }));
const status = async () => (await world.get("status")).body as { strayRoutes: object[]; problems: { next: string }[] };

describe("the list of orphans", () => {
  it("says where each stands, whose it was, since when, and what it pointed at", async () => {
    const atMs = world.clock.nowMs();
    await orphan("10.3.0.0/16");
    await orphan("10.4.0.0/16", { seen: "" });
    await orphan("10.5.0.0/16", { state: "owned" });
    await orphan("10.6.0.0/16", { state: "foreign" });
    await world.clock.advance(5_000);

    const route = { table: "rtb-0a1", location: "backbone/us-east", sinceMs: atMs };
    expect(await list()).toEqual({
      nowMs: atMs + 5_000,
      orphans: [
        { ...route, destination: "10.3.0.0/16", seen: "eni-0a1" },
        { ...route, destination: "10.4.0.0/16", seen: "" },
      ],
      more: 0,
    });
  });

  it("names a location that is gone by the configuration it was in, and by its id where none is known to have it", async () => {
    await orphan("10.3.0.0/16");
    await orphan("10.4.0.0/16", { linkId: "link1", locationId: "gone1" });
    const renamed = sampleFile.replace("us-east:", "new-east:");
    expect((await world.post("apply", { file: renamed, allowRemove: true })).status).toBe(200);

    expect((await list()).orphans.map((one) => one.location)).toEqual(["backbone/us-east", "gone1"]);
  });

  it("takes the name of a link, also of one that is gone, and a table", async () => {
    await orphan("10.3.0.0/16");
    await orphan("10.4.0.0/16", { linkId: "link1", locationId: "gone1" });

    expect(destinations((await list("?link=backbone")).orphans)).toEqual(["10.3.0.0/16"]);
    expect(destinations((await list("?link=link1")).orphans)).toEqual(["10.4.0.0/16"]);
    expect((await list("?link=backbone&table=rtb-other")).orphans).toEqual([]);
    expect((await world.get("orphans?link=nothing")).body).toMatchObject({ error: { code: "unknown-link" } });
    expect((await world.get("orphans?location=us-east")).status).toBe(400);
  });
});

describe("forgetting orphans", () => {
  it("takes orphans off the ledger and nothing else, so that status is done with them, and records it once", async () => {
    await orphan("10.3.0.0/16");
    await orphan("10.4.0.0/16");
    await orphan("10.5.0.0/16", { state: "owned" });
    await orphan("10.6.0.0/16", { state: "foreign" });
    await orphan("10.7.0.0/16", { state: "intended" });
    expect((await status()).problems[0]?.next).toContain("`pointsman orphans --forget`");

    const { forgotten, changed, left } = await forget({ why: "removed by hand" });

    expect(destinations(forgotten)).toEqual(["10.3.0.0/16", "10.4.0.0/16"]);
    expect({ changed, left }).toEqual({ changed: [], left: 0 });
    expect(await ledger()).toEqual(["10.5.0.0/16", "10.6.0.0/16", "10.7.0.0/16"]);
    expect(await status()).toMatchObject({ strayRoutes: [{ state: "foreign" }], problems: [] });
    expect(await operatorEvents()).toEqual([
      {
        link: "backbone",
        message: "forgetting of 2 orphans: 10.3.0.0/16 in rtb-0a1, 10.4.0.0/16 in rtb-0a1: removed by hand",
      },
    ]);
    expect(world.wakes).toEqual([]);
  });

  it("keeps to the link, the table and the moment that are named", async () => {
    const shownMs = world.clock.nowMs();
    await orphan("10.3.0.0/16");
    await orphan("10.4.0.0/16", { linkId: "link1", locationId: "gone1" });
    await world.clock.advance(1);
    await orphan("10.5.0.0/16");

    expect((await forget({ table: "rtb-other" })).forgotten).toEqual([]);
    expect(destinations((await forget({ link: "backbone", untilMs: shownMs })).forgotten)).toEqual(["10.3.0.0/16"]);
    expect(destinations((await forget({ link: "link1", table: "rtb-0a1" })).forgotten)).toEqual(["10.4.0.0/16"]);
    expect(await ledger()).toEqual(["10.5.0.0/16"]);
    expect((await world.post("orphans/forget", { link: "nothing" })).status).toBe(404);
    expect((await world.post("orphans/forget", { destination: "10.5.0.0/16" })).status).toBe(400);
  });

  it("leaves what is taken back at the same moment, and says so", async () => {
    await orphan("10.3.0.0/16");
    await orphan("10.4.0.0/16");
    const { readLedger, writeLedger } = world.store;
    const store: World["store"] = {
      ...world.store,
      async readLedger(name) {
        const found = await readLedger(name);
        const entry = found.get("10.3.0.0/16");
        if (entry !== undefined) await writeLedger({ ...entry.value, state: "owned" }, entry.revision);
        return found;
      },
    };
    const admin = createAdmin({ ...world.deps, store });
    const headers = { authorization: `Bearer ${world.token}` };
    const url = "https://admin.test/admin/v1/orphans/forget";

    const answer = (await (await admin(new Request(url, { method: "POST", headers }))).json()) as ForgetAnswer;

    expect(destinations(answer.forgotten)).toEqual(["10.4.0.0/16"]);
    expect(destinations(answer.changed)).toEqual(["10.3.0.0/16"]);
    expect((await readLedger(table)).get("10.3.0.0/16")?.value.state).toBe("owned");
  });

  it("takes so many a call, says how many are left, and names some of them in the record", async () => {
    const many = Array.from({ length: limits.adminStrays + 3 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`);
    await orphansIn(world, many);
    const listed = await list();
    expect([listed.orphans.length, listed.more]).toEqual([limits.adminStrays, 3]);

    const first = await forget();
    const second = await forget();

    expect([first.forgotten.length, first.left]).toEqual([limits.adminStrays, 3]);
    expect([second.forgotten.length, second.left]).toEqual([3, 0]);
    expect((await operatorEvents()).map(({ message }) => message)).toEqual([
      expect.stringMatching(/^forgetting of 500 orphans: (?:\S+ in rtb-0a1, ){8}and 492 more$/),
      expect.stringMatching(/^forgetting of 3 orphans: /),
    ]);
  });

  it("of none changes and records nothing", async () => {
    expect(await forget()).toEqual({ forgotten: [], changed: [], left: 0 });
    expect(await operatorEvents()).toEqual([]);
  });
});
