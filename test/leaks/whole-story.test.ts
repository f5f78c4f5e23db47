import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { memoryCloud } from "../../dev/memory-cloud.ts";
import { settle } from "../../dev/test-clock.ts";
import { createFailover } from "../../functions/failover/failover.ts";
import { createReceiver } from "../../functions/heartbeat/receive.ts";
import { createSwapper } from "../../functions/routes/swap.ts";
import { DatabaseError, RouteError } from "../../shared/domain/errors.ts";
import { hostSecret, pairKey } from "../../shared/protocol/keys.ts";
import { sampleFile, sampleWorld, type World } from "../admin/world.ts";
import { openDesk } from "../cli/desk.ts";
import { quietBody, signedHeaders, stateUrl } from "../fixtures/signed-host.ts";

/** Everything that one world lets out beside what `World` keeps: queue messages, answers to hosts, what is printed. */
async function openStory() {
  const out: string[] = [];
  const noteMessages = async (messages: readonly object[]) => void out.push(JSON.stringify(messages));
  const world = await sampleWorld({
    swapQueue: async () => ({ wake: noteMessages }),
    tickQueue: async () => ({ send: noteMessages }),
  });
  const cloud = memoryCloud(world.clock);
  for (const [id, vpc] of [
    ["rtb-0a1", "vpc-0a1"],
    ["rtb-0a2", "vpc-0a1"],
    ["rtb-0b1", "vpc-0b1"],
  ] as const) {
    cloud.addTable({ id, vpc });
  }
  for (const id of ["eni-0a1", "eni-0a2", "eni-0b1", "eni-0b2"]) cloud.addInterface({ id });
  const receive = createReceiver(world.deps);
  const failover = createFailover(world.deps);
  const swapper = createSwapper({ ...world.deps, openProvider: cloud.open("routes"), clock: world.clock });

  const swap = async (path: string): Promise<void> => {
    const { link, location } = await world.place(path);
    let isOver = false;
    const done = swapper({ linkId: link.id, locationId: location.id, cause: "decision", round: 0 })
      .catch((error: unknown) => void out.push(String(error), String((error as Error).stack)))
      .finally(() => {
        isOver = true;
      });
    for (await settle(); !isOver; await settle()) await world.clock.step();
    await done;
  };
  let nonces = 0;
  const send = async (path: string, method: "PUT" | "DELETE"): Promise<number> => {
    const { host } = await world.place(path);
    const secret = hostSecret(await world.deps.secrets.masterKey(), host.id, host.secretGeneration);
    const timestamp = Math.floor(world.clock.nowMs() / 1000);
    const nonce = `story-${String(++nonces).padStart(20, "0")}`;
    const headers = signedHeaders({ hostId: host.id, secret, method, timestamp, nonce });
    const body = method === "PUT" ? JSON.stringify({ ...quietBody, timestamp }) : null;
    const answer = await receive(new Request(stateUrl, { method, headers, body }));
    const text = await answer.text();
    out.push(JSON.stringify([...answer.headers]), text, Buffer.from(text, "base64").toString("latin1"));
    return answer.status;
  };
  return { world, cloud, failover, swap, send, out };
}

const hosts = ["us-east/a1", "us-east/a2", "us-west/b1", "us-west/b2"].map((path) => `backbone/${path}`);

/** What the database and the queues say when they fail, as an operator of a cloud would not want it. */
async function withoutDatabase(world: World, run: () => Promise<unknown>) {
  const { store } = world;
  const { readLocation, readNetwork, tell } = store;
  const fails = async () => Promise.reject(new DatabaseError("DENIED", "database: denied", { next: "wait" }));
  Object.assign(store, { readLocation: fails, readNetwork: fails, tell: fails });
  await run();
  Object.assign(store, { readLocation, readNetwork, tell });
}

describe("everything that a deployment lets out", { timeout: 60_000 }, () => {
  it("through heartbeats, a fail-over, good-byes, rotations and failures of cloud and database holds no secret", async () => {
    const { world, cloud, failover, swap, send, out } = await openStory();
    for (const path of hosts) expect(await send(path, "PUT")).toBe(200);
    await swap("backbone/us-east/a1");

    expect(await send("backbone/us-east/a1", "DELETE")).toBe(200);
    cloud.faults.refuse = () => new RouteError("DENIED", "no", { retry: "later", next: "allow it" });
    await swap("backbone/us-east/a1");
    cloud.faults.refuse = () => undefined;
    await swap("backbone/us-east/a1");
    await world.clock.advance(31_000);
    for (const path of hosts.slice(2)) await send(path, "PUT");
    await failover.scheduled();
    await failover.tick({ kind: "sweep", dueMs: world.clock.nowMs() });

    for (const path of hosts) await world.post(`rotate/host/${path}`, { why: "story" });
    await world.post("rotate/link/backbone");
    await world.clock.advance(2_000);
    for (const path of hosts) expect(await send(path, "PUT")).toBe(200);
    await withoutDatabase(world, async () => {
      for (const path of hosts) await send(path, "PUT").catch(() => 0);
      await failover.scheduled().catch((error: unknown) => void out.push(String(error)));
      for (const path of ["status", "events", "network"]) await world.get(path);
    }).catch(() => {});

    const heads = cloud.standing();
    expect(Object.keys(heads)).not.toEqual([]);
    expect(world.logged).not.toEqual([]);
    await world.expectNoSecrets([
      ...out,
      JSON.stringify(await world.store.readEvents({ sinceMs: 0, key: undefined }, 10_000)),
    ]);
  });

  it("by every command line holds none but where one is handed out, and there the one that was asked for", async () => {
    const { world } = await openStory();
    const desk = await openDesk(world);
    try {
      const file = await desk.file("network.yaml", sampleFile.replace("priority: 10", "priority: 11"));
      const bad = await desk.file("bad.yaml", "version: 3");
      const place = ["backbone/us-east"];
      const lines: readonly (readonly string[])[] = [
        ["status"],
        ["status", "--json"],
        ["explain", ...place],
        ["events"],
        ["validate", file],
        ["validate", bad],
        ["plan", file],
        ["apply", file, "--yes"],
        ["switchover", ...place, "a2"],
        ["pin", "backbone/us-east/a1"],
        ["unpin", ...place],
        ["drain", "backbone/us-east/a2"],
        ["undrain", "backbone/us-east/a2"],
        ["pause"],
        ["resume"],
        ["rotate", "host", "backbone/us-east/a1", "--yes"],
        ["rotate", "link", "backbone", "--yes"],
        ["export", "backbone/office/router", "--format", "swanctl"],
        ["export", ...place, "--format", "terraform"],
        ["adopt", ...place],
        ["orphans"],
        ["status", "--token", "pm_a-wrong-token-000000000000000000000000000"],
        ["nonsense"],
        ["--help"],
      ];
      const printed: string[] = [];
      for (const line of lines) {
        const ran = await desk.run(line, { answers: [true, true] });
        printed.push(ran.out, ran.err);
      }
      expect(printed.join("").length).toBeGreaterThan(2_000);
      await world.expectNoSecrets(printed);
      expect(printed.join("\n")).not.toContain("pm_a-wrong-token");

      const { host } = await world.place("backbone/us-east/a2");
      const handed = await desk.run(["host", "uri", "backbone/us-east/a2"]);
      const key = await world.deps.secrets.masterKey();
      expect(handed.out.split(hostSecret(key, host.id, host.secretGeneration))).toHaveLength(2);
      const { link, location } = await world.place("backbone/office/router");
      const pair = pairKey(
        key,
        link.id,
        location.id,
        (await world.place("backbone/us-east/a2")).location.id,
        link.keyGeneration,
      );
      const keyed = await desk.run(["export", "backbone/office/router", "--format", "swanctl", "--secrets"]);
      expect(keyed.out.split(pair)).toHaveLength(2);
      const made = await desk.run(["init"]);
      expect(made.out + made.err).not.toContain(world.token);
      const token = await desk.run(["rotate", "token", "--yes"]);
      const stored = (await readFile(join(desk.folder, "admin-token"), "utf8")).trim();
      expect(`${token.out}\n${token.err}`.split(stored).length).toBeLessThanOrEqual(2);
      await world.expectNoSecrets();
    } finally {
      await desk.close();
    }
  });
});
