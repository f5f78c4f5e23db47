import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { MemoryCloud } from "../../dev/memory-cloud.ts";
import { memoryDatabase } from "../../dev/memory-database.ts";
import { testClock } from "../../dev/test-clock.ts";
import type { StatusAnswer } from "../../functions/admin/status-schemas.ts";
import type { Kind } from "../../shared/store/versions.ts";
import { type ControlPlane, openCloud, openControlPlane } from "./control-plane.ts";
import { beatAll, hosts, live } from "./past-life.ts";
import { fromText, type ReleaseData, toNewItem, toText } from "./release-data.ts";

/** The data of every release before this one, and of this one, is taken up by the code as it is now. */
const releases = readdirSync(import.meta.dirname)
  .filter((file) => /^release-.*\.json$/.test(file))
  .map((file) => fromText(readFileSync(join(import.meta.dirname, file), "utf8")));

/** Kinds of items by how their keys look. */
const kinds: Readonly<Record<Kind, RegExp>> = {
  network: /^network /,
  "!pulse": /^link\/.* !pulse$/,
  "!switches": /^link\/.* !switches$/,
  "#a": /^link\/.*#a$/,
  "#h": /^link\/.*#h#/,
  "#s": /^link\/.*#s$/,
  "#w": /^link\/.*#w$/,
  decisions: /^decisions\//,
  lease: /^routes\/.* lease$/,
  report: /^routes\/.* report$/,
  targets: /^routes\/.* targets$/,
  ledger: /^ledger\//,
  tables: /^tables /,
  retired: /^retired /,
  events: /^events\//,
  swept: /^swept /,
  examination: /^examination\//,
  cleaned: /^cleaned /,
};

/** The control plane of this release, some seconds after the other one was stopped. */
async function takeUp(data: ReleaseData): Promise<{ readonly plane: ControlPlane; readonly cloud: MemoryCloud }> {
  const clock = testClock(data.atMs);
  const database = memoryDatabase(clock);
  for (const item of data.items) await database.put(toNewItem(item), { kind: "absent" });
  const cloud = openCloud(clock);
  for (const [place, target] of Object.entries(data.routes)) {
    const [table = "", destination = ""] = place.split(" ");
    cloud.set(table, destination, target);
  }
  return { plane: openControlPlane(clock, database, cloud), cloud };
}

it("has the data of a release to go by", () => {
  expect(releases.map(({ release }) => release)).toContain("0.1.0");
});

describe.each(releases)("what release $release left in the table", (data) => {
  let plane: ControlPlane;
  let cloud: MemoryCloud;
  beforeEach(async () => {
    ({ plane, cloud } = await takeUp(data));
  });

  it("holds an item of every kind", () => {
    const keys = data.items.map(toNewItem).map(({ key }) => `${key.pk} ${key.sk}`);
    const missing = Object.entries(kinds).filter(([, look]) => !keys.some((key) => look.test(key)));

    expect(missing.map(([kind]) => kind)).toEqual([]);
  });

  it("has its hosts' heartbeats credited and answered, and keeps who is active", async () => {
    await plane.clock.advance(3_000);
    for (const path of hosts) {
      const answer = await plane.beat(path);
      expect({ path, status: answer.status }).toEqual({ path, status: 200 });
      expect(Object.keys(answer.state?.hosts ?? {}).length).toBeGreaterThan(0);
    }
    await plane.minute();

    expect(await plane.activeOf("backbone/east")).toEqual({ name: "e1", epoch: 1 });
    expect((await plane.activeOf("backbone/west")).name).toBe("w2");
    expect(cloud.standing()).toEqual(data.routes);
    expect(plane.log.lines).toEqual([]);
  });

  it("is elected over: a dead host is failed over with the next epoch, and its routes are swapped", async () => {
    expect((await plane.admin("POST", "unpin/backbone/east", { why: "" })).status).toBe(200);
    await beatAll(
      plane,
      hosts.filter((host) => host !== "backbone/east/e1"),
      60,
    );
    await plane.minute();
    await plane.minute();

    expect(await plane.activeOf("backbone/east")).toEqual({ name: "e2", epoch: 2 });
    // What leads to the location that was removed is nobody's, and stays.
    expect(cloud.standing()).toEqual({
      ...data.routes,
      "rtb-0e1 10.1.0.0/16": "eni-0e2",
      "rtb-0e1 192.168.0.0/16": "eni-0e2",
    });
    expect(plane.log.lines).toEqual([]);
  });

  it("is shown by the admin API: status, history, events, the drain and the pin, and what a doctor reported", async () => {
    await beatAll(plane, hosts, 5);
    await plane.minute();

    const status = await plane.admin("GET", "status");
    expect(status.status).toBe(200);
    const { links } = status.body as StatusAnswer;
    expect(links[0]?.locations.map(({ name, active, swap }) => [name, active, swap.state])).toEqual([
      ["east", "e1", "confirmed"],
      ["office", "router", "none"],
      ["west", "w2", "confirmed"],
    ]);
    const shown = links.flatMap((link) => link.locations.flatMap((location) => location.hosts));
    expect(shown.filter((host) => host.isPinned).map((host) => host.name)).toEqual(["e1"]);
    expect(shown.filter((host) => host.drain !== "none").map((host) => host.name)).toEqual(["w1"]);
    for (const path of ["explain/backbone/west", "events?since=0", "doctor/anExamination", "orphans", "network"]) {
      const answer = await plane.admin("GET", path);
      expect({ path, status: answer.status }).toEqual({ path, status: path.startsWith("doctor/") ? 404 : 200 });
    }
  });

  it("is written to by a new configuration, which keeps the ids of what stays", async () => {
    const before = (await plane.store.readNetwork()).value;
    const file = before.source.replace("priority: 10, target: eni-0e2", "priority: 15, target: eni-0e2");

    const answer = await plane.admin("POST", "apply", { file, why: "after the upgrade" });

    expect(answer.status).toBe(200);
    const after = (await plane.store.readNetwork()).value.network;
    expect(after.version).toBe(before.network.version + 1);
    const ids = (network: typeof after) => network.links.flatMap((link) => link.locations.map(({ id }) => id));
    expect(ids(after)).toEqual(ids(before.network));
  });
});

it("is what a life leaves behind as the script wrote it, for the release that is being made", async () => {
  const data = await live("0.1.0");

  expect(fromText(toText(data))).toEqual(data);
});
