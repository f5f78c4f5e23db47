import { authHeaders } from "../../dev/link-host/wire.ts";
import { memoryDatabase } from "../../dev/memory-database.ts";
import { settle, type TestClock, testClock } from "../../dev/test-clock.ts";
import { createFailover, type Failover } from "../../functions/failover/failover.ts";
import { createHeartbeat } from "../../functions/heartbeat/heartbeat.ts";
import type { Id } from "../../shared/domain/ids.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Host, Link, Location } from "../../shared/domain/network.ts";
import type { Decision } from "../../shared/domain/records.ts";
import type { PlainHandler } from "../../shared/platform/plain-http.ts";
import type { Database } from "../../shared/ports/database.ts";
import type { Tick, Wake } from "../../shared/ports/queues.ts";
import { hostSecret } from "../../shared/protocol/keys.ts";
import { openStore } from "../../shared/store/store.ts";
import { host, link, location, network, startMs } from "../fixtures/network.ts";
import { type Chance, chanceOf } from "./chance.ts";

const masterKey = new Uint8Array(32).fill(7);

const secrets = new Map<Id, string>();
function secretOf(hostId: Id): string {
  const secret = secrets.get(hostId) ?? hostSecret(masterKey, hostId, 1);
  secrets.set(hostId, secret);
  return secret;
}

/** What a seed makes of a world. Times are ms from its beginning. */
type Story = {
  readonly mesh: Link;
  /** Pointsman as a whole is away: nobody is answered, nothing runs. */
  readonly outage: Stretch | undefined;
  /** Only the schedule and the ticks are away. */
  readonly noSweeps: Stretch | undefined;
  readonly databaseMs: number;
  /** Every heartbeat goes to two endpoints at once. */
  readonly endpoints: number;
  readonly hosts: ReadonlyMap<Id, HostStory>;
};
type Stretch = { readonly fromMs: number; readonly toMs: number };
type HostStory = {
  /** From one heartbeat to the next, beside the host checks. */
  readonly sleepMs: number;
  /** When it is up, and how it ends each time. */
  readonly lives: readonly (Stretch & { readonly end: "die" | "leave" })[];
  /** A dead host does not answer host checks, or refuses them. */
  readonly refuses: boolean;
};

export const worldMs = 80_000;

function storyOf(chance: Chance): Story {
  const hostCheck = chance.of(1, 2);
  const timeouts = chance.pick(hostCheck ? [[10_000], [10_000, 30_000]] : [[5_000], [10_000], [5_000, 30_000]]);
  const aHost = (name: string) =>
    host(name, {
      timeoutMs: chance.pick(timeouts),
      priority: chance.pick([10, 10, 20]),
      backoffMs: chance.pick([0, 20_000]),
      publicAddress: "198.51.100.1",
    });
  const places = [
    location("here", [aHost("a1"), aHost("a2")], { holdUpMs: 10_000 }),
    location("there", [aHost("b1"), aHost("b2")], { holdUpMs: 10_000 }),
  ];
  const mesh = link("mesh", places, { hostCheck });
  const isTight = timeouts.includes(5_000);
  const outageMs = chance.between(20_000, 40_000);
  const gapMs = chance.between(20_000, 50_000);
  return {
    mesh,
    outage: chance.of(1, 3) ? { fromMs: outageMs, toMs: outageMs + chance.between(3_000, 30_000) } : undefined,
    noSweeps: chance.of(1, 6) ? { fromMs: gapMs, toMs: worldMs } : undefined,
    databaseMs: chance.of(1, 4) ? 15 : 0,
    endpoints: chance.of(1, 6) ? 2 : 1,
    hosts: new Map(
      places.flatMap((one) => one.hosts.map((each) => [each.id, hostStory(chance, isTight || hostCheck)])),
    ),
  };
}

function hostStory(chance: Chance, isTight: boolean): HostStory {
  const lives: (Stretch & { end: "die" | "leave" })[] = [];
  let fromMs = chance.between(0, 3_000);
  while (fromMs < worldMs) {
    const toMs = fromMs + (chance.of(1, 2) ? worldMs * 2 : chance.between(12_000, 50_000));
    lives.push({ fromMs, toMs, end: chance.of(1, 3) ? "leave" : "die" });
    fromMs = toMs + chance.between(1_000, 25_000);
  }
  const sleepMs = chance.of(1, 2) ? 1_000 : chance.between(1_000, isTight ? 1_500 : 3_500);
  return { sleepMs, lives, refuses: chance.of(1, 2) };
}

/** What the world's own eye sees. */
type Sight = {
  /** When a host was last answered, and when its present or last life began and ended. */
  readonly heardMs: Map<Id, number>;
  readonly bornMs: Map<Id, number>;
  readonly goneMs: Map<Id, number>;
  readonly heads: Map<Id, Decision>;
  readonly holdUntilMs: { value: number };
};

export type World = {
  readonly story: Story;
  readonly clock: TestClock;
  readonly sight: Sight;
  readonly decisions: readonly Decision[];
  readonly wrongs: readonly string[];
  /** Lives to the end of the world. */
  live(): Promise<void>;
};

/** A world of hosts, containers and queues, that a seed decides on. `wrongs` names every promise that was broken, and when. */
export function worldOf(seed: number): World {
  const chance = chanceOf(seed);
  const story = storyOf(chance);
  const clock = testClock(startMs);
  const sight: Sight = {
    heardMs: new Map(),
    bornMs: new Map(),
    goneMs: new Map(),
    heads: new Map(),
    holdUntilMs: { value: 0 },
  };
  const decisions: Decision[] = [];
  const wrongs: string[] = [];
  const world = { story, clock, sight, decisions, wrongs, chance };
  const memory = memoryDatabase(clock);
  const database = watched(memory, world);
  const containers = Array.from({ length: 3 }, () => containerOf(world, database));
  const container = () => chance.pick(containers);

  return {
    ...world,
    async live() {
      const first = { network: network([story.mesh]), atMs: startMs, by: "operator ann", why: "", source: "" };
      await openStore(memory).commitNetwork(first);
      void schedule(world, container);
      for (const place of story.mesh.locations)
        for (const one of place.hosts) void hostLoop(world, place, one, container);
      for (let atMs = 0; atMs < worldMs; atMs += 500) {
        await clock.advance(500);
        wrongs.push(...story.mesh.locations.flatMap((place) => overdue(world, place)));
      }
      await settle();
    },
  };
}

type Living = Omit<World, "live" | "decisions" | "wrongs"> & {
  readonly decisions: Decision[];
  readonly wrongs: string[];
  readonly chance: Chance;
};
type Container = { readonly heartbeat: PlainHandler; readonly failover: Failover };

const sinceStart = (world: Pick<World, "clock">) => world.clock.nowMs() - startMs;
const isIn = (stretch: Stretch | undefined, atMs: number) =>
  stretch !== undefined && atMs >= stretch.fromMs && atMs < stretch.toMs;

function containerOf(world: Living, database: Database): Container {
  const { clock, chance } = world;
  const silent = () => undefined;
  const tickQueue = { send: async (ticks: readonly Tick[]) => ticks.forEach((tick) => void carry(world, own, tick)) };
  const swapQueue = {
    wake: async (wakes: readonly Wake[]) => wakes.forEach((wake) => void confirmSoon(world, database, wake)),
  };
  const deps = {
    store: openStore(database),
    clock,
    log: { warn: silent, error: silent },
    tickQueue: async () => tickQueue,
    swapQueue: async () => swapQueue,
    random: { bytes: (count: number) => new Uint8Array(count).map(() => chance.between(0, 255)) },
    secrets: { masterKey: async () => masterKey, adminTokenHash: async () => "" },
  };
  const own: Container = { heartbeat: createHeartbeat(deps), failover: createFailover(deps) };
  return own;
}

/** A standard queue: whole seconds of delay, some messages late, doubled, or both. */
async function carry(world: Living, container: Container, tick: Tick): Promise<void> {
  const { clock, chance } = world;
  const copies = chance.of(1, 20) ? 2 : 1;
  for (let copy = 0; copy < copies; copy++) {
    const delayMs = Math.floor(Math.max(0, tick.dueMs - clock.nowMs()) / 1_000) * 1_000 + chance.between(20, 250);
    await clock.sleep(chance.of(1, 40) ? delayMs + chance.between(1_000, 9_000) : delayMs);
    if (isIn(world.story.outage, sinceStart(world)) || isIn(world.story.noSweeps, sinceStart(world))) return;
    await container.failover.tick(tick);
  }
}

async function schedule(world: Living, container: () => Container): Promise<void> {
  for (;;) {
    if (!isIn(world.story.outage, sinceStart(world)) && !isIn(world.story.noSweeps, sinceStart(world))) {
      void container().failover.scheduled();
    }
    await world.clock.sleep(limits.sweepMs);
  }
}

async function confirmSoon(world: Living, database: Database, { linkId, locationId }: Wake): Promise<void> {
  await world.clock.sleep(world.chance.between(300, 6_000));
  const store = openStore(database);
  const head = (await store.readHead(linkId, locationId)).value;
  if (head === undefined || head.value.swap.state === "confirmed") return;
  const swap = { state: "confirmed", atMs: world.clock.nowMs(), routes: 1 } as const;
  await store.confirmDecision({ ...head.value, swap }, head.revision);
}

/** A host's agent: checks the hosts of other locations, heartbeats, sleeps; a request that is not answered hangs. */
async function hostLoop(world: Living, place: Location, one: Host, container: () => Container): Promise<void> {
  const { clock, sight, story } = world;
  const own = story.hosts.get(one.id);
  for (const life of own?.lives ?? []) {
    await clock.sleep(life.fromMs - sinceStart(world));
    sight.bornMs.set(one.id, clock.nowMs());
    while (sinceStart(world) < life.toMs) {
      const { hosts, tookMs } = story.mesh.hostCheck ? checkAll(world, place) : { hosts: {}, tookMs: 0 };
      await clock.sleep(Math.min(tookMs, life.toMs - sinceStart(world)));
      if (sinceStart(world) >= life.toMs) break;
      if (isIn(story.outage, sinceStart(world)))
        await clock.sleep(Math.min(limits.agentRequestMs, life.toMs - sinceStart(world)));
      else await beat(world, one, hosts, container);
      await clock.sleep(Math.min(own?.sleepMs ?? 0, Math.max(0, life.toMs - sinceStart(world))));
    }
    sight.goneMs.set(one.id, clock.nowMs());
    if (life.end === "leave" && !isIn(story.outage, sinceStart(world)))
      await send(world, one, "DELETE", "", container());
  }
}

function isAlive({ story }: Pick<World, "story">, hostId: Id, atMs: number): boolean {
  return (story.hosts.get(hostId)?.lives ?? []).some((life) => isIn(life, atMs));
}

type Checks = Record<Id, { readonly state: boolean; readonly latency: number }>;

function checkAll(world: Living, place: Location): { readonly hosts: Checks; readonly tookMs: number } {
  const hosts: Checks = {};
  let tookMs = 20;
  for (const other of world.story.mesh.locations) {
    if (other.id === place.id) continue;
    for (const one of other.hosts) {
      const state = isAlive(world, one.id, sinceStart(world));
      hosts[one.id] = { state, latency: 20_000 };
      if (!state && !world.story.hosts.get(one.id)?.refuses) tookMs = limits.hostCheckMs;
    }
  }
  return { hosts, tookMs };
}

async function beat(world: Living, one: Host, hosts: Checks, container: () => Container): Promise<void> {
  const timestamp = Math.floor(world.clock.nowMs() / 1_000);
  const addresses = { public_address: "", local_address: "", address6: "", wg_public_key: "" };
  const body = JSON.stringify({ timestamp, version: "1", ...addresses, status: {}, hosts, errors: null });
  await world.clock.sleep(world.chance.between(20, 120));
  const sent = Array.from({ length: world.story.endpoints }, () => send(world, one, "PUT", body, container()));
  const statuses = await Promise.all(sent);
  if (statuses.some((status) => status !== 200)) world.wrongs.push(`a heartbeat of ${one.id} was answered ${statuses}`);
}

async function send(
  world: Living,
  one: Host,
  method: "PUT" | "DELETE",
  body: string,
  container: Container,
): Promise<number> {
  const { clock, chance, sight } = world;
  const secret = secretOf(one.id);
  const nonce = `nonce${chance.between(0, 1e9)}x${chance.between(0, 1e9)}`;
  const timestampS = Math.floor(clock.nowMs() / 1_000);
  const signed = authHeaders({ hostId: one.id, secret }, { method, timestampS, nonce });
  const headers = new Map(Object.entries(signed).map(([name, value]) => [name.toLowerCase(), value]));
  const answer = await container.heartbeat({ method, path: "/link/state", headers, body });
  if (method === "PUT" && answer.status === 200) sight.heardMs.set(one.id, clock.nowMs());
  return answer.status;
}

/** The database, with its delays, and an eye on every decision that is committed. */
function watched(database: Database, world: Living): Database {
  const slowly = async <T>(call: () => Promise<T>): Promise<T> => {
    if (world.story.databaseMs > 0) await world.clock.sleep(world.chance.between(1, world.story.databaseMs));
    return call();
  };
  return {
    get: (key, consistency) => slowly(() => database.get(key, consistency)),
    query: (query, consistency) => slowly(() => database.query(query, consistency)),
    remove: (key, expected) => slowly(() => database.remove(key, expected)),
    put: async (item, expected) => {
      const outcome = await slowly(() => database.put(item, expected));
      if (outcome.kind === "written" && item.key.sk.endsWith("#a")) note(world, item.data as unknown as Decision);
      if (item.key.sk === "!pulse") world.sight.holdUntilMs.value = Number(item.data["holdUntilMs"]);
      return outcome;
    },
  };
}

const inference: ReadonlySet<string> = new Set(["timed-out", "suspected"]);

function note(world: Living, decision: Decision): void {
  const { sight, wrongs } = world;
  const before = sight.heads.get(decision.locationId);
  sight.heads.set(decision.locationId, decision);
  if (before?.epoch === decision.epoch) {
    if (before.activeHostId !== decision.activeHostId) wrongs.push(`two active hosts in epoch ${decision.epoch}`);
    return;
  }
  world.decisions.push(decision);
  const at = `${sinceStart(world)} ms: ${decision.locationId} ${before?.activeHostId} → ${decision.activeHostId} (${decision.reason})`;
  if (decision.epoch !== (before?.epoch ?? 0) + 1) wrongs.push(`${at}: epoch ${decision.epoch} after ${before?.epoch}`);
  const activeId = before?.activeHostId;
  if (activeId == null || !inference.has(decision.reason)) return;
  const heardMs = sight.heardMs.get(activeId) ?? 0;
  const goneMs = sight.goneMs.get(activeId) ?? 0;
  const isDead = !isAlive(world, activeId, sinceStart(world));
  const isJustBack = heardMs > decision.decidedMs - 100;
  if (!isDead && goneMs < heardMs && !isJustBack)
    wrongs.push(`${at}: it was alive, and heard ${world.clock.nowMs() - heardMs} ms ago`);
}

/** Whether a location should have had a fail-over by now. */
function overdue(world: Living, place: Location): readonly string[] {
  const { sight, story, clock } = world;
  const head = sight.heads.get(place.id);
  const active = place.hosts.find((one) => one.id === head?.activeHostId);
  const nowMs = clock.nowMs();
  if (head === undefined || active === undefined || isAlive(world, active.id, sinceStart(world))) return [];
  const standby = place.hosts.find((one) => one !== active && isGood(world, one));
  if (standby === undefined) return [];
  const bound = standbyBound(world, place, standby);
  const silentMs = nowMs - Math.max(sight.heardMs.get(active.id) ?? 0, sight.holdUntilMs.value, head.decidedMs);
  const outageMs = story.outage === undefined ? Number.POSITIVE_INFINITY : sinceStart(world) - story.outage.toMs;
  const isDisturbed = outageMs > -60_000 && outageMs < 500;
  if (isDisturbed || silentMs <= active.timeoutMs + bound || nowMs - sight.holdUntilMs.value <= bound) return [];
  return [`${sinceStart(world)} ms: ${place.id}: ${active.id} silent for ${silentMs} ms, ${standby.id} is there`];
}

/** Within how much of the time-out a commit must happen: two seconds, if the standby heartbeats each second. */
function standbyBound(world: Living, place: Location, standby: Host): number {
  const { story, sight, clock } = world;
  const remote = story.mesh.locations.flatMap((one) => (one === place ? [] : one.hosts));
  const isQuick = (one: Host) => {
    const wasThere =
      isAlive(world, one.id, sinceStart(world)) && clock.nowMs() - (sight.goneMs.get(one.id) ?? 0) > 10_000;
    return wasThere || story.hosts.get(one.id)?.refuses === true;
  };
  const isEachSecond = story.hosts.get(standby.id)?.sleepMs === 1_000;
  return isEachSecond && (!story.mesh.hostCheck || remote.every(isQuick)) ? 2_000 : 9_000;
}

/** Alive, and has been heard without a gap for longer than anything that could count against it. */
function isGood({ sight, story, clock }: Living, one: Host): boolean {
  const upMs = clock.nowMs() - (sight.bornMs.get(one.id) ?? clock.nowMs());
  const heardMs = clock.nowMs() - (sight.heardMs.get(one.id) ?? 0);
  return isAlive({ story }, one.id, clock.nowMs() - startMs) && upMs > 6_000 && heardMs < 4_500;
}
