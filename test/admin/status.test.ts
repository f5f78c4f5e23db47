import { afterEach, describe, expect, it } from "vitest";
import type { ExplainAnswer, StatusAnswer } from "../../functions/admin/status-schemas.ts";
import { ExplainAnswer as ExplainSchema, StatusAnswer as StatusSchema } from "../../functions/admin/status-schemas.ts";
import { bitsOf, noBits } from "../../shared/domain/bits.ts";
import type { SwapReport } from "../../shared/domain/records.ts";
import { openWorld, sampleFile, sampleWorld, type World } from "./world.ts";

let world: World;
afterEach(() => world.expectNoSecrets());

const east = "backbone/us-east";
const status = async () => StatusSchema.parse((await world.get("status")).body) as StatusAnswer;
const explain = async (path = east) => ExplainSchema.parse((await world.get(`explain/${path}`)).body) as ExplainAnswer;
const problems = async () => (await status()).problems.map(({ where, what }) => `${where}: ${what}`);
const silence = async (...heard: readonly string[]) => {
  for (let n = 0; n < 4; n++) {
    await world.clock.advance(10_000);
    await world.beat(...heard.map((path) => `backbone/${path}`));
  }
};
const report = async (change: Partial<SwapReport>) => {
  const { link, location } = await world.place("backbone/us-east/a1");
  const head = (await world.store.readHead(link.id, location.id)).value?.value;
  const base = { epoch: head?.epoch ?? 0, atMs: world.clock.nowMs(), firstWriteMs: null, verifiedMs: null, written: 1 };
  const rest = { total: 4, foreign: 0, attempts: 2, errors: [], retryAtMs: null };
  await world.store.writeSwapReport(location.id, { ...base, ...rest, ...change }, undefined);
};

describe("status", () => {
  it("shows every link, location and host, and nothing to look at when all is well", async () => {
    world = await sampleWorld();

    const shown = await status();

    expect(shown).toMatchObject({
      version: 1,
      strayRoutes: [],
      moreStrayRoutes: 0,
      problems: [],
      sweptMs: shown.nowMs,
    });
    const [office, useast] = shown.links[0]?.locations ?? [];
    expect(office).toMatchObject({ name: "office", active: "router", cloud: null, hosts: [{ state: "static" }] });
    expect(useast).toMatchObject({
      active: "a1",
      epoch: 1,
      reason: "first-host",
      cloud: "aws us-east-1 vpc-0a1, rtb-0a1 rtb-0a2",
      swap: { state: "confirmed", routes: 4 },
      hosts: [
        { name: "a1", isActive: true, state: "available", tunnelsUp: ["office", "us-west"], reaches: ["us-west"] },
        { name: "a2", isActive: false, state: "available", tunnelsUp: [], reaches: ["us-west"] },
      ],
    });
  });

  it("of an empty deployment says that the sweep has never run", async () => {
    world = openWorld();
    expect(await status()).toMatchObject({ version: 0, links: [], sweptMs: null });
    expect(await problems()).toEqual(["pointsman: the scheduled sweep has never run"]);
  });

  it("names hosts that were never heard, are silent or have left, and where no standby is left", async () => {
    world = openWorld();
    await world.post("apply", { file: sampleFile });
    await world.store.noteSwept(world.clock.nowMs());
    expect(await problems()).toContain("backbone/us-east/a1: has never been heard");
    expect(await problems()).toContain("backbone/us-east: no host is available");

    world = await sampleWorld();
    await silence("us-east/a1", "us-west/b1", "us-west/b2");
    expect(await problems()).toEqual([
      "backbone/us-east/a2: is silent: no heartbeat within its time-out",
      "backbone/us-east: no standby is available: a failure cannot be failed over",
    ]);
    const { link, location, host } = await world.place("backbone/us-east/a2");
    const record = (await world.store.readLocation(link.id, location.id, "strong")).value.hosts.get(host.id);
    if (record === undefined) throw new Error("no record");
    const left = { agentTimeS: 0, atMs: world.clock.nowMs() };
    await world.store.writeHost(link.id, location.id, { ...record.value, left }, record.revision);
    expect((await problems())[0]).toBe("backbone/us-east/a2: said good-bye: its agent was stopped");
  });

  it("says why routes are not updated, with the cloud's reason and what to do", async () => {
    world = await sampleWorld();
    await world.post(`switchover/${east}`, {});
    const message = "aws: ec2:ReplaceRoute refused on rtb-0a1; allow ec2:ReplaceRoute for the role";
    const error = { code: "DENIED", message, table: "rtb-0a1", destination: "10.1.0.0/16" };
    await report({ errors: [error, { ...error, destination: "192.168.0.0/16" }] });

    const found = (await status()).problems.filter(({ severity }) => severity === "error");

    expect(found).toEqual([
      {
        severity: "error",
        where: east,
        what: "routes are not updated: DENIED: aws: ec2:ReplaceRoute refused on rtb-0a1 (rtb-0a1 10.1.0.0/16)",
        next: "allow ec2:ReplaceRoute for the role",
      },
    ]);
  });

  it("ignores the report of an older epoch", async () => {
    world = await sampleWorld();
    await report({ errors: [{ code: "DENIED", message: "old", table: "", destination: "" }] });
    await world.post(`switchover/${east}`, {});
    expect(await problems()).toEqual([]);
  });

  it("notices a swap that is not verified in time, and routes of others in the way", async () => {
    world = await sampleWorld();
    await world.post(`pin/${east}`, { host: "a2" });
    await report({ foreign: 3 });
    for (let n = 0; n < 4; n++) {
      await world.clock.advance(8_000);
      await world.beat("backbone/us-east/a1", "backbone/us-east/a2", "backbone/us-west/b1", "backbone/us-west/b2");
    }

    expect(await problems()).toEqual([
      "backbone/us-east: the routes of epoch 2 are not verified after 32 s",
      "backbone/us-east: 3 of its destinations hold routes that Pointsman did not make, and does not touch",
    ]);
  });

  it("notices tunnels that are down, and host checks that fail", async () => {
    world = await sampleWorld();
    const { link, location, host } = await world.place("backbone/us-east/a1");
    const record = (await world.store.readLocation(link.id, location.id, "strong")).value.hosts.get(host.id);
    if (record === undefined) throw new Error("no record");
    const west = (await world.place("backbone/us-west/b1")).location;
    const tunnels = { ...record.value.tunnels, up: bitsOf([]), down: { [west.ordinal]: world.clock.nowMs() } };
    const next = { ...record.value, reach: [noBits, noBits], tunnels };
    await world.store.writeHost(link.id, location.id, next, record.revision);

    expect(await problems()).toEqual([
      "backbone/us-east/a1: tunnels to us-west are down",
      "backbone/us-east/a1: does not reach us-west by host check",
    ]);
  });

  it("notices a paused link, a hold, and a schedule that does not run", async () => {
    world = await sampleWorld();
    await world.post("pause");
    const { link } = await world.place("backbone/us-east/a1");
    const { pulse } = (await world.store.readPulse(link.id)).value;
    const nowMs = world.clock.nowMs();
    await world.store.writePulse(
      link.id,
      { lastCreditedMs: nowMs, holdUntilMs: nowMs + 17_000, holdSinceMs: nowMs },
      pulse?.revision,
    );
    await world.store.noteSwept(nowMs - 4 * 60_000);

    expect(await problems()).toEqual([
      "pointsman: the scheduled sweep last ran 4 minutes ago",
      "backbone: paused by operator maria: nothing fails over",
      "backbone: hold for another 17 s, since no heartbeat came in for a while",
    ]);
  });

  it("lists orphans and foreign routes by table and destination", async () => {
    world = await sampleWorld();
    const { link, location } = await world.place("backbone/us-east/a1");
    const cloud = location.cloud;
    if (cloud === undefined) throw new Error("no cloud");
    await world.store.noteTable({ table: "aws/us-east-1/rtb-0a1", tableId: "rtb-0a1", cloud });
    const entry = { table: "aws/us-east-1/rtb-0a1", linkId: link.id, generation: 1, epoch: 1, atMs: 0, by: "routes" };
    const own = { ...entry, locationId: location.id, seen: "" };
    await world.store.writeLedger({ ...own, destination: "10.1.0.0/16", state: "owned" }, undefined);
    await world.store.writeLedger({ ...own, destination: "10.2.0.0/16", state: "foreign", seen: "nat-0a1" }, undefined);
    await world.store.writeLedger(
      { ...own, destination: "10.3.0.0/16", state: "orphan", locationId: "gone1" },
      undefined,
    );

    const shown = await status();

    expect(shown.strayRoutes).toMatchObject([
      { state: "foreign", table: "rtb-0a1", destination: "10.2.0.0/16", location: east, seen: "nat-0a1" },
      { state: "orphan", table: "rtb-0a1", destination: "10.3.0.0/16", location: "gone1" },
    ]);
    expect(await problems()).toEqual(["pointsman: 1 route of what is not configured any more left in place (orphans)"]);
  });
});

describe("explain", () => {
  it("says who is active since when and why, and what would change it", async () => {
    world = await sampleWorld();

    const answer = await explain();

    expect(answer).toMatchObject({
      link: "backbone",
      location: { name: "us-east", active: "a1", epoch: 1, reason: "first-host" },
      verdict: { kind: "keep", reason: "active-healthy", nextMs: answer.nowMs + 30_001 },
      history: [{ epoch: 1, active: "a1", previous: null, reason: "first-host", swap: "confirmed" }],
    });
    expect(answer.wouldChange).toEqual([
      expect.stringMatching(/^a1 is not heard for 30 s .*: a2 takes over$/),
      "a1 says good-bye, or is drained or removed: a2 takes over at once",
      expect.stringMatching(/^most hosts of other locations .*: a2 takes over$/),
      "more than half of the tunnels of a1 are down on both sides for 45 s: a2 takes over",
      "a standby reaches a whole location more than a1, steadily for 30 s: it takes over",
    ]);
  });

  it("shows every decision, newest first, with its reason, evidence and who made it", async () => {
    world = await sampleWorld();
    await world.post(`pin/${east}`, { host: "a2" });
    await world.post(`unpin/${east}`);

    expect((await explain()).history).toMatchObject([
      { epoch: 3, previous: "a2", active: "a1", reason: "higher-priority", by: "operator maria", confirmedMs: null },
      { epoch: 2, previous: "a1", active: "a2", reason: "pinned", evidence: expect.stringContaining("pinned") },
      { epoch: 1, previous: null, active: "a1", reason: "first-host" },
    ]);
  });

  it("says what a host of higher priority waits for", async () => {
    world = await sampleWorld();
    await silence("us-east/a2", "us-west/b1", "us-west/b2");
    await world.elect(east);
    expect((await explain()).wouldChange.at(-1)).toBe(
      "a1 (priority 20) is silent: it takes over when it has been heard steadily for 30 s",
    );

    await world.clock.advance(1_000);
    await world.beat("backbone/us-east/a1", "backbone/us-east/a2");
    expect((await explain()).wouldChange.at(-1)).toBe(
      "a1 (priority 20) stays available for another 59 s: it takes over",
    );
    expect((await explain()).location.hosts[0]).toMatchObject({ backoffUntilMs: expect.any(Number) });
  });

  it("says that nothing would change on a paused link, a static host, or before any host is heard", async () => {
    world = await sampleWorld();
    expect((await explain("backbone/office")).wouldChange).toEqual(["nothing: a static host is always active"]);
    await world.post("pause");
    expect((await explain()).wouldChange).toEqual(["nothing while the link is paused: `pointsman resume backbone`"]);

    world = openWorld();
    await world.post("apply", { file: sampleFile });
    expect((await explain()).wouldChange).toEqual(["the first host that is heard becomes active at once"]);
    expect((await explain()).location).toMatchObject({
      active: null,
      epoch: 0,
      sinceMs: null,
      swap: { state: "none" },
    });
  });

  it("says that failback is manual, that a host is pinned, and that nobody could take over", async () => {
    world = openWorld();
    const file = sampleFile.replace("networks: [10.0.0.0/16]", "networks: [10.0.0.0/16]\n        failback: manual");
    await world.post("apply", { file });
    await world.beat("backbone/us-east/a2", "backbone/us-west/b1");
    await world.elect(east);
    expect((await explain()).wouldChange.join()).toContain("failback is manual: a1 of higher priority");
    expect((await explain()).wouldChange[0]).toContain("no other host is available, so it stays, with its routes");
    await world.post(`pin/${east}`, { host: "a2" });
    expect((await explain()).wouldChange.at(-1)).toContain("a2 is pinned");
  });

  it("shows a host that is gone from the configuration by its id", async () => {
    world = await sampleWorld();
    const { host } = await world.place("backbone/us-east/a1");
    await world.post(`drain/${east}`, { host: "a1" });
    await world.confirm(east);
    const file = sampleFile.split("\n").filter((line) => !line.includes("a1:"));
    await world.post("apply", { file: file.join("\n") });

    expect((await explain()).history).toMatchObject([{ previous: host.id, active: "a2" }, { active: host.id }]);
  });
});

describe("events", () => {
  type Page = {
    events: { atMs: number; kind: string; link: string | null; location: string | null }[];
    cursor: string;
  };
  const page = async (query: string) => (await world.get(`events?${query}`)).body as Page;

  it("come oldest first, with names, and go on behind the cursor", async () => {
    world = await sampleWorld();
    const first = await page("since=0");
    expect(first.events.map(({ kind }) => kind).sort()).toEqual(["decision", "decision", "network-applied"]);
    expect(first.events.find(({ kind }) => kind === "decision")).toMatchObject({ link: "backbone" });
    expect((await page(`cursor=${first.cursor}`)).events).toEqual([]);

    await world.clock.advance(1_000);
    await world.post("pause");
    const second = await page(`cursor=${first.cursor}`);

    expect(second.events.map(({ kind }) => kind)).toEqual(["operator"]);
  });

  it("begin at the time that is asked for", async () => {
    world = await sampleWorld();
    await world.clock.advance(60_000);
    const sinceMs = world.clock.nowMs();
    await world.post("pause");

    expect((await page(`since=${sinceMs}`)).events).toHaveLength(1);
    expect((await page(`since=${sinceMs + 1}`)).events).toEqual([]);
  });
});
