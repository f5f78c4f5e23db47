import { describe, expect, it } from "vitest";
import { memoryDatabase } from "../../dev/memory-database.ts";
import { createHeartbeat } from "../../functions/heartbeat/heartbeat.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import { openStore } from "../../shared/store/store.ts";
import { chanceOf } from "../../sim/engine/chance.ts";
import type { Timeline } from "../../sim/engine/timeline.ts";
import type { MomentKind } from "../../sim/faults/kinds.ts";
import { startMs } from "../fixtures/network.ts";
import { type HostsWorld, hostsWorld, masterKey, threeSites, writer } from "./hosts-world.ts";

/** Seeds of which the first world has one endpoint, and the second has two. */
const oneEndpoint = [...Array(50).keys()].find((seed) => !chanceOf(seed).fork("hosts").fork("endpoints").is(0.5)) ?? 0;
const twoEndpoints = [...Array(50).keys()].find((seed) => chanceOf(seed).fork("hosts").fork("endpoints").is(0.5)) ?? 0;

const kinds: readonly MomentKind[] = [
  "host-vanish",
  "host-refuse",
  "host-leave",
  "host-flap",
  "host-freeze",
  "host-clock",
  "host-address-lie",
  "host-reach-lie",
  "forwarding-dead",
  "replay",
  "forgery",
  "endpoint-partition",
  "host-partition",
];

/** A world in which all hosts are up and know who is active. */
async function running(seed = oneEndpoint, hostCheck = true): Promise<HostsWorld> {
  const world = hostsWorld({ seed });
  world.configure(threeSites(hostCheck));
  await world.seconds(20);
  return world;
}

const ids = ["s0h0", "s0h1", "s1h0", "s1h1", "s2h0", "s2h1"];
const down = (world: HostsWorld): string => world.all("host-down").at(-1)?.hostId ?? "";
const noted = (world: HostsWorld, kind: MomentKind): string =>
  world.all("fault").findLast((fact) => fact.fault === kind)?.what ?? "";
/** The id of a host that a fault's text begins with: `site1/h0 …`. */
const named = (what: string): string => /^site(\d)\/h(\d)/.exec(what)?.slice(1).join("h").replace(/^/, "s") ?? "";
const since = (world: HostsWorld, fromMs: number, hostId: string) =>
  world.came.filter((one) => one.atMs >= fromMs && one.hostId === hostId && one.method === "PUT");

describe("hosts when nothing is wrong", () => {
  it("send a heartbeat each time that a second and the host checks have passed", async () => {
    const world = await running();

    await world.seconds(100);

    expect(world.all("sent").length).toBeGreaterThan(6 * 100);
    expect(world.all("sent").length).toBeLessThan(6 * 120);
    expect(world.all("answered").every((fact) => fact.status === 200 && fact.isGenuine)).toBe(true);
    expect(world.hosts.isCalm).toBe(true);
  });

  it("report host checks of the other locations, and of active ones tunnels that took a second to come up", async () => {
    const world = await running();

    const first = since(world, 0, "s0h0");
    expect(first.at(0)?.body?.hosts).toEqual({});
    expect(Object.keys(first.at(-1)?.body?.hosts ?? {})).toEqual(["s1h0", "s1h1", "s2h0", "s2h1"]);
    expect(Object.values(first.at(-1)?.body?.hosts ?? {}).every(({ state }) => state)).toBe(true);
    const states = first.map((one) => one.body?.status?.["site1"]);
    expect(states.at(0)).toBeUndefined();
    expect(states.at(-1)).toBe("connected");
    expect(states).toContain("connecting");
    expect(since(world, 0, "s0h1").at(-1)?.body?.status).toEqual({});
    expect(world.hosts.truth("s0h0")?.holdsTunnels).toBe(true);
    expect(world.hosts.truth("s0h1")?.holdsTunnels).toBe(false);
  });

  it("send each heartbeat twice where there are two endpoints, with one timestamp and two nonces", async () => {
    const world = await running(twoEndpoints);

    expect(world.all("answered").length).toBeGreaterThan(1.9 * world.all("sent").length);
    const [one, other] = since(world, 0, "s0h0").slice(0, 2);
    expect(one?.agentTimeS).toBe(other?.agentTimeS);
    expect(one?.nonce).not.toBe(other?.nonce);
  });

  it("live the same life again from the same seed, whatever ran before", async () => {
    const life = async (seed: number) => {
      const world = await running(seed);
      for (const kind of kinds) world.begin(kind, 20, 0.3);
      world.blow("net-lose", 20);
      world.blow("net-delay", 20);
      world.blow("net-duplicate", 20);
      await world.seconds(60);
      return world.facts;
    };

    const first = await life(twoEndpoints);
    const other = await life(oneEndpoint);

    expect(await life(twoEndpoints)).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it("are believed by the real heartbeat function", async () => {
    const world = hostsWorld({ seed: oneEndpoint, endpoint: realEndpoint });
    world.configure(threeSites());

    await world.seconds(120);

    const answered = world.all("answered");
    expect(answered.length).toBeGreaterThan(6 * 80);
    expect(answered.every((fact) => fact.status === 200)).toBe(true);
    expect(["s0h0", "s0h1"].filter((id) => world.hosts.truth(id)?.holdsTunnels)).toHaveLength(1);
  });

  it("start when they are configured, and go on for a while when they no longer are", async () => {
    const world = hostsWorld({ seed: oneEndpoint });
    const whole = threeSites();
    const [mesh] = whole.links;
    const locations = mesh?.locations.map((site) => ({ ...site, hosts: site.hosts.slice(0, 1) })) ?? [];
    const less = { version: 2, links: mesh === undefined ? [] : [{ ...mesh, locations }] };

    world.configure(less);
    await world.seconds(10);
    expect(world.hosts.truth("s0h0")?.isUp).toBe(true);
    expect(world.hosts.truth("s0h1")).toBeUndefined();

    world.configure(whole);
    expect(world.hosts.isCalm).toBe(false);
    await world.seconds(10);
    expect(world.hosts.truth("s0h1")?.isUp).toBe(true);
    expect(world.hosts.isCalm).toBe(true);

    world.configure(less);
    const gone = ["s0h1", "s1h1", "s2h1"];
    expect(gone.every((id) => world.hosts.truth(id)?.isUp)).toBe(true);
    expect(world.hosts.isCalm).toBe(true);
    await world.seconds(21);
    expect(gone.some((id) => world.hosts.truth(id)?.isUp)).toBe(false);
    expect(world.all("answered").some((fact) => fact.status === 401)).toBe(true);
  });
});

/** The real heartbeat function over a database in memory. */
function realEndpoint(timeline: Timeline) {
  const clock: Clock = {
    nowMs: timeline.nowMs,
    monotonicMs: () => timeline.nowMs() - startMs,
    sleep: (ms) => timeline.after(ms),
  };
  const chance = chanceOf(7);
  const random = {
    bytes: (count: number) => Uint8Array.from({ length: count }, () => Math.floor(chance.next() * 256)),
  };
  const store = openStore(memoryDatabase(clock), random);
  const applied = store.commitNetwork({ network: threeSites(), atMs: startMs, by: "test", why: "", source: "" });
  const handle = createHeartbeat({
    store,
    clock,
    random,
    log: { warn: () => undefined, error: () => undefined },
    secrets: { masterKey: async () => masterKey, adminTokenHash: async () => "" },
    swapQueue: async () => ({ wake: async () => undefined }),
    tickQueue: async () => ({ send: async () => undefined }),
  });
  return async (request: Parameters<typeof handle>[0]) => {
    await applied;
    await timeline.after(10);
    return { answer: await handle(request), writer };
  };
}

describe("an incident", () => {
  it.each(kinds)("%s is counted, and all is calm again after it", async (kind) => {
    const world = await running(twoEndpoints);
    for (const roll of [0.1, 0.4, 0.7, 0.95]) {
      const before = world.count(kind);
      world.begin(kind, 15, roll);
      await world.seconds(10);
      expect(world.hosts.isCalm).toBe(false);
      await world.seconds(10);
      // What a host claims may be so.
      if (kind !== "host-reach-lie") expect(world.count(kind) - before).toBeGreaterThan(0);
      expect(world.count(kind) - before).toBeLessThan(20);
      expect(world.hosts.isCalm).toBe(true);
    }
    expect(world.count(kind)).toBeGreaterThan(0);
  });

  it("host-vanish silences a host, slows those that check it, and leaves nothing of what it knew", async () => {
    const world = await running();
    const fromMs = world.timeline.nowMs();

    world.begin("host-vanish", 30);
    await world.seconds(29);

    const hostId = down(world);
    expect(since(world, fromMs + 1_000, hostId)).toEqual([]);
    expect(world.hosts.truth(hostId)).toMatchObject({ isUp: false, sinceMs: fromMs, holdsTunnels: false });
    const peers = ["s0h0", "s1h0", "s2h0"].filter((id) => id.slice(0, 2) !== hostId.slice(0, 2));
    for (const peer of peers) {
      expect(world.hosts.reaches(peer, hostId)).toBe(false);
      const heard = since(world, fromMs + 6_000, peer);
      expect(heard.length).toBeLessThan(7);
      expect(heard.every((one) => one.body?.hosts?.[hostId]?.state === false)).toBe(true);
    }
    await world.seconds(5);
    expect(world.hosts.truth(hostId)?.isUp).toBe(true);
    expect(world.hosts.reaches(peers[0] ?? "", hostId)).toBe(true);
    expect(since(world, fromMs + 30_000, hostId)[0]?.body?.hosts).toEqual({});
  });

  it("host-refuse has host checks fail at once", async () => {
    const world = await running();
    const fromMs = world.timeline.nowMs();

    world.begin("host-refuse", 30);
    await world.seconds(29);

    const hostId = down(world);
    const peer = hostId.startsWith("s0") ? "s1h0" : "s0h0";
    const heard = since(world, fromMs + 3_000, peer);
    expect(heard.length).toBeGreaterThan(20);
    expect(heard.every((one) => one.body?.hosts?.[hostId]?.state === false)).toBe(true);
  });

  it("host-leave says good-bye, and is back later", async () => {
    const world = await running();
    const fromMs = world.timeline.nowMs();

    for (const roll of [0.1, 0.5, 0.9]) world.begin("host-leave", 20, roll);
    await world.seconds(19);

    const left = new Set(world.all("host-down").map((fact) => fact.hostId));
    const deletes = world.came.filter((one) => one.method === "DELETE");
    expect(new Set(deletes.map((one) => one.hostId))).toEqual(left);
    expect(deletes.length).toBeGreaterThan(left.size);
    expect(world.all("sent").filter((fact) => fact.method === "DELETE")).toHaveLength(deletes.length);
    for (const id of left) expect(since(world, fromMs + 3_000, id)).toEqual([]);
    await world.seconds(5);
    for (const id of left) expect(world.hosts.truth(id)?.isUp).toBe(true);
  });

  it("host-flap ends and begins again and again", async () => {
    const world = await running();

    world.begin("host-flap", 60);
    await world.seconds(70);

    expect(world.all("host-down").length).toBeGreaterThan(3);
    expect(world.count("host-flap")).toBe(world.all("host-down").length);
    expect(world.hosts.truth(down(world))?.isUp).toBe(true);
  });

  it("host-freeze may keep a signed heartbeat back, and goes on with what it was doing", async () => {
    const late: number[] = [];
    for (let roll = 0.02; roll < 1; roll += 0.1) {
      const world = await running();
      world.begin("host-freeze", 30, roll);
      await world.seconds(40);
      const hostId = down(world);
      expect(world.hosts.truth(hostId)?.isUp).toBe(true);
      const answered = world.all("answered").filter((fact) => fact.hostId === hostId);
      late.push(Math.max(...answered.map((fact) => fact.atMs - fact.signedMs)));
    }

    expect(late.some((ms) => ms > 20_000)).toBe(true);
    expect(late.some((ms) => ms < 1_000)).toBe(true);
  });

  it("host-clock has a host sign by a wrong clock", async () => {
    const offs: number[] = [];
    const world = await running();
    for (let roll = 0.02; roll < 1; roll += 0.04) {
      world.begin("host-clock", 10, roll);
      await world.seconds(9);
      const hostId = named(noted(world, "host-clock"));
      const truth = world.hosts.truth(hostId);
      const last = since(world, 0, hostId).at(-1);
      const offMs = (last?.agentTimeS ?? 0) * 1_000 - (last?.atMs ?? 0);
      const jumpedMs = world.all("fault").at(-1)?.atMs ?? 0;
      // A last heartbeat that was signed before the last jump says nothing of it.
      if ((last?.atMs ?? 0) - jumpedMs < 100) continue;
      expect(Math.abs(offMs - (truth?.clockOffsetMs ?? 0))).toBeLessThan(2_000);
      offs.push(offMs);
      await world.seconds(2);
      expect(Math.abs(truth?.clockOffsetMs ?? 0)).toBeLessThanOrEqual(200);
    }

    expect(Math.max(...offs)).toBeGreaterThan(60_000);
    expect(Math.min(...offs)).toBeLessThan(-60_000);
    expect(Math.min(...offs.map(Math.abs))).toBeLessThan(5_000);
  });

  it("host-address-lie reports another host's address, until a true report was answered", async () => {
    const world = await running();
    const fromMs = world.timeline.nowMs();
    world.begin("host-address-lie", 30);
    await world.seconds(29);

    const hostId = named(noted(world, "host-address-lie"));
    const own = since(world, 0, hostId)[0]?.body?.local_address;
    const said = since(world, fromMs + 2_000, hostId).map((one) => one.body?.local_address);
    const others = ids.map((id) => since(world, 0, id)[0]?.body?.local_address);
    expect(said.every((address) => address !== own && others.includes(address))).toBe(true);
    expect(world.hosts.truth(hostId)?.isLying).toBe(true);
    await world.seconds(1);
    const isAnswered = () =>
      world.all("answered").some((fact) => fact.hostId === hostId && fact.signedMs > fromMs + 30_000);
    for (let n = 0; n < 50; n++) {
      expect(world.hosts.truth(hostId)?.isLying).toBe(!isAnswered());
      await world.seconds(0.1);
    }
    expect(isAnswered()).toBe(true);
  });

  it("host-reach-lie reports host checks or tunnels that are not so", async () => {
    const lies = new Set<string>();
    const world = await running();
    for (let roll = 0.01; roll < 1; roll += 0.05) {
      world.begin("host-reach-lie", 4, roll);
      await world.seconds(3);
      for (const id of ids) {
        const body = since(world, 0, id).at(-1)?.body;
        const isTrue =
          Object.values(body?.hosts ?? {}).every(({ state }) => state) &&
          Object.keys(body?.status ?? {}).length === (id.endsWith("h0") ? 2 : 0) &&
          Object.values(body?.status ?? {}).every((state) => state === "connected");
        expect(world.hosts.truth(id)?.isLying).toBe(!isTrue);
        if (!isTrue) lies.add(noted(world, "host-reach-lie").split(" says ")[1] ?? "");
      }
      await world.seconds(4);
    }

    expect([...lies].sort()).toEqual(["all-tunnels", "no-tunnels", "nobody"]);
  });

  it("forwarding-dead takes tunnels down on both sides, and nothing else", async () => {
    for (const roll of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const world = await running();
      world.begin("forwarding-dead", 20, roll);
      await world.seconds(10);
      const hostId = named(noted(world, "forwarding-dead"));
      expect(world.hosts.truth(hostId)).toMatchObject({ isForwardingDead: true, isUp: true, isLying: false });
      if (!hostId.endsWith("h0")) continue;
      const peer = hostId.startsWith("s0") ? "s1" : "s0";
      const site = (of: string) => `site${of.slice(1, 2)}`;
      expect(since(world, 0, hostId).at(-1)?.body?.status?.[site(peer)]).toBe("disconnected");
      expect(since(world, 0, `${peer}h0`).at(-1)?.body?.status?.[site(hostId)]).toBe("disconnected");
      expect(since(world, 0, `${peer}h0`).at(-1)?.body?.hosts?.[hostId]?.state).toBe(true);
    }
  });

  it("replay sends what was captured again, also while its host is dead", async () => {
    let whileDead = 0;
    for (let roll = 0.01; roll < 1; roll += 0.1) {
      const world = await running();
      world.begin("host-vanish", 60, 0.4);
      await world.seconds(15);
      const fromMs = world.timeline.nowMs();
      world.begin("replay", 40, roll);
      await world.seconds(40);
      const replayed = world.all("answered").filter((fact) => !fact.isGenuine);
      expect(replayed.length).toBeGreaterThanOrEqual(world.count("replay") - 1);
      for (const fact of replayed) expect(fact.signedMs).toBeLessThan(fact.atMs);
      const nonces = world.came.map((one) => one.nonce);
      expect(nonces.length - new Set(nonces).size).toBeGreaterThanOrEqual(replayed.length - 1);
      whileDead += replayed.filter((fact) => fact.hostId === down(world) && fact.signedMs < fromMs).length;
    }

    expect(whileDead).toBeGreaterThan(0);
  });

  it("forgery is never answered with 200", async () => {
    const statuses = new Set<number>();
    const world = await running();
    for (let roll = 0.01; roll < 1; roll += 0.03) world.begin("forgery", 40, roll);
    await world.seconds(41);
    const forged = world.all("answered").filter((fact) => !fact.isGenuine);
    expect(forged.length).toBe(world.count("forgery"));
    for (const fact of forged) {
      statuses.add(fact.status);
      // Only what its own host signed, however badly it is made, has a time.
      expect(fact.signedMs > 0).toBe(fact.status !== 401);
    }

    expect([...statuses].sort()).toEqual([400, 401, 413]);
  });

  it("endpoint-partition loses requests or answers, so that each heartbeat hangs", async () => {
    const ways = new Set<string>();
    for (const roll of [0.1, 0.25, 0.4, 0.55, 0.7, 0.85]) {
      const world = await running();
      const fromMs = world.timeline.nowMs();
      world.begin("endpoint-partition", 60, roll);
      await world.seconds(59);
      const [label = "", way = ""] = noted(world, "endpoint-partition").split(" ");
      const hostId = named(label);
      ways.add(way);
      expect(world.hosts.truth(hostId)).toMatchObject({ isConnected: false, isUp: true });
      const sent = world.all("sent").filter((fact) => fact.hostId === hostId && fact.atMs > fromMs);
      expect(sent.length).toBeGreaterThan(3);
      expect(sent.length).toBeLessThan(8);
      const arrived = since(world, fromMs + 1_000, hostId);
      if (way === "lostRequests") expect(arrived).toEqual([]);
      else expect(arrived.length).toBeGreaterThan(3);
      await world.seconds(15);
      expect(world.hosts.truth(hostId)?.isConnected).toBe(true);
      expect(world.timeline.nowMs() - (world.hosts.truth(hostId)?.heardMs ?? 0)).toBeLessThan(11_000);
    }

    expect([...ways].sort()).toEqual(["lostAnswers", "lostRequests"]);
  });

  it("host-partition parts hosts or locations, and their tunnels, one way or both", async () => {
    const counts = new Set<number>();
    for (let roll = 0.01; roll < 1; roll += 0.07) {
      const world = await running();
      world.begin("host-partition", 20, roll);
      await world.seconds(10);
      const parted = ids.flatMap((from) =>
        ids.filter((to) => from[1] !== to[1] && !world.hosts.reaches(from, to)).map((to) => [from, to] as const),
      );
      counts.add(parted.length);
      for (const [from, to] of parted) {
        expect(since(world, 0, from).at(-1)?.body?.hosts?.[to]?.state).toBe(false);
        if (!from.endsWith("h0") || !to.endsWith("h0")) continue;
        expect(since(world, 0, from).at(-1)?.body?.status?.[`site${to[1]}`]).toBe("disconnected");
        expect(since(world, 0, to).at(-1)?.body?.status?.[`site${from[1]}`]).toBe("disconnected");
      }
      await world.seconds(15);
      expect(since(world, 0, "s0h0").at(-1)?.body?.status).toEqual({ site1: "connected", site2: "connected" });
    }

    expect([...counts].sort()).toEqual([1, 2, 4, 8]);
  });

  it("of several that keep one host down, the last lets it go", async () => {
    const world = await running();
    for (const roll of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      world.begin("host-vanish", 10, roll);
      world.begin("host-refuse", 20, roll);
      world.begin("host-leave", 30, roll);
      world.begin("host-flap", 25, roll);
      world.begin("host-freeze", 25, roll);
    }
    await world.seconds(31);

    expect(world.hosts.isCalm).toBe(true);
    await world.seconds(5);
    const nowMs = world.timeline.nowMs();
    for (const id of ids) {
      expect(nowMs - (world.hosts.truth(id)?.heardMs ?? 0)).toBeLessThan(3_000);
    }
  });
});

describe("bad weather on the way to the endpoint", () => {
  it("net-lose loses requests and answers: the heartbeat hangs", async () => {
    const world = await running();
    const fromMs = world.timeline.nowMs();

    world.blow("net-lose", 60);
    await world.seconds(60);

    expect(world.count("net-lose")).toBe(8);
    const after = world.facts.filter((fact) => fact.atMs >= fromMs);
    const sent = after.filter((fact) => fact.kind === "sent").length;
    const answered = after.filter((fact) => fact.kind === "answered").length;
    expect(sent - answered).toBeGreaterThan(0);
    expect(sent - answered).toBeLessThan(9);
  });

  it("net-delay has requests and answers come late", async () => {
    const world = await running();

    world.blow("net-delay", 60);
    await world.seconds(70);

    const lateMs = Math.max(...world.all("answered").map((fact) => fact.atMs - fact.signedMs));
    expect(world.count("net-delay")).toBe(8);
    expect(lateMs).toBeGreaterThan(300);
    expect(lateMs).toBeLessThan(8_100);
  });

  it("net-duplicate has the same request come twice", async () => {
    const world = await running();

    world.blow("net-duplicate", 60);
    await world.seconds(70);

    const nonces = world.came.map((one) => one.nonce);
    expect(nonces.length - new Set(nonces).size).toBe(8);
  });
});
