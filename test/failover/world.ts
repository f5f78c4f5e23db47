import { authHeaders } from "../../dev/link-host/wire.ts";
import { memoryDatabase } from "../../dev/memory-database.ts";
import { settle, testClock } from "../../dev/test-clock.ts";
import { createFailover, type Failover } from "../../functions/failover/failover.ts";
import { createHeartbeat } from "../../functions/heartbeat/heartbeat.ts";
import type { Id } from "../../shared/domain/ids.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Host, Location } from "../../shared/domain/network.ts";
import type { Decision } from "../../shared/domain/records.ts";
import { tickDelayS } from "../../shared/domain/tick-delay.ts";
import type { PlainHandler } from "../../shared/platform/plain-http.ts";
import type { Database } from "../../shared/ports/database.ts";
import type { Tick, Wake } from "../../shared/ports/queues.ts";
import { hostSecret } from "../../shared/protocol/keys.ts";
import { openStore } from "../../shared/store/store.ts";
import { network, startMs } from "../fixtures/network.ts";
import { type Chance, chanceOf } from "./chance.ts";
import { note, overdue, type Sight, sightOf, sinceStart } from "./sight.ts";
import { isIn, isUp, storyOf, worldMs } from "./story.ts";

const masterKey = new Uint8Array(32).fill(7);

const secrets = new Map<Id, string>();
function secretOf(hostId: Id): string {
  const secret = secrets.get(hostId) ?? hostSecret(masterKey, hostId, 1);
  secrets.set(hostId, secret);
  return secret;
}

export type World = Pick<Sight, "decisions" | "wrongs"> & {
  /** Lives to the end of the world. */
  live(): Promise<void>;
};
type Inner = Sight & { readonly chance: Chance };

/** A world of hosts, containers and queues, that a seed decides on. */
export function worldOf(seed: number): World {
  const chance = chanceOf(seed);
  const clock = testClock(startMs);
  const story = storyOf(chance);
  const world: Inner = { ...sightOf(story, clock), chance };
  const memory = memoryDatabase(clock);
  const database = watched(memory, world);
  const containers = Array.from({ length: 3 }, () => containerOf(world, database));
  const container = () => chance.pick(containers);

  return {
    decisions: world.decisions,
    wrongs: world.wrongs,
    async live() {
      const first = { network: network([story.mesh]), atMs: startMs, by: "operator ann", why: "", source: "" };
      await openStore(memory).commitNetwork(first);
      void schedule(world, container);
      for (const place of story.mesh.locations) {
        for (const one of place.hosts) void hostLoop(world, place, one, container);
      }
      for (let atMs = 0; atMs < worldMs; atMs += 500) {
        await clock.advance(500);
        world.wrongs.push(...story.mesh.locations.flatMap((place) => overdue(world, place)));
      }
      await settle();
    },
  };
}

type Container = { readonly heartbeat: PlainHandler; readonly failover: Failover };

function containerOf(world: Inner, database: Database): Container {
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
async function carry(world: Inner, container: Container, tick: Tick): Promise<void> {
  const { clock, chance } = world;
  const copies = chance.of(1, 20) ? 2 : 1;
  for (let copy = 0; copy < copies; copy++) {
    const delayMs = tickDelayS(tick.kind, tick.dueMs - clock.nowMs()) * 1_000 + chance.between(20, 250);
    await clock.sleep(chance.of(1, 40) ? delayMs + chance.between(1_000, 9_000) : delayMs);
    if (isIn(world.story.outage, sinceStart(world)) || isIn(world.story.noSweeps, sinceStart(world))) return;
    await container.failover.tick(tick);
  }
}

async function schedule(world: Inner, container: () => Container): Promise<void> {
  for (;;) {
    if (!isIn(world.story.outage, sinceStart(world)) && !isIn(world.story.noSweeps, sinceStart(world))) {
      void container().failover.scheduled();
    }
    await world.clock.sleep(limits.sweepMs);
  }
}

async function confirmSoon(world: Inner, database: Database, { linkId, locationId }: Wake): Promise<void> {
  await world.clock.sleep(world.chance.between(300, 6_000));
  const store = openStore(database);
  const head = (await store.readHead(linkId, locationId)).value;
  if (head === undefined || head.value.swap.state === "confirmed") return;
  const swap = { state: "confirmed", atMs: world.clock.nowMs(), routes: 1 } as const;
  await store.confirmDecision({ ...head.value, swap }, head.revision);
}

/** A host's agent: checks the hosts of other locations, heartbeats, sleeps; a request that is not answered hangs. */
async function hostLoop(world: Inner, place: Location, one: Host, container: () => Container): Promise<void> {
  const { clock, story } = world;
  const own = story.hosts.get(one.id);
  for (const life of own?.lives ?? []) {
    await clock.sleep(life.fromMs - sinceStart(world));
    world.bornMs.set(one.id, clock.nowMs());
    while (sinceStart(world) < life.toMs) {
      const { hosts, tookMs } = story.mesh.hostCheck ? checkAll(world, place) : { hosts: {}, tookMs: 0 };
      await clock.sleep(Math.min(tookMs, life.toMs - sinceStart(world)));
      if (sinceStart(world) >= life.toMs) break;
      if (isIn(story.outage, sinceStart(world)))
        await clock.sleep(Math.min(limits.agentRequestMs, life.toMs - sinceStart(world)));
      else await beat(world, one, hosts, container);
      await clock.sleep(Math.min(own?.sleepMs ?? 0, Math.max(0, life.toMs - sinceStart(world))));
    }
    world.goneMs.set(one.id, clock.nowMs());
    if (life.end === "leave" && !isIn(story.outage, sinceStart(world)))
      await send(world, one, "DELETE", "", container());
  }
}

type Checks = Record<Id, { readonly state: boolean; readonly latency: number }>;

function checkAll(world: Inner, place: Location): { readonly hosts: Checks; readonly tookMs: number } {
  const hosts: Checks = {};
  let tookMs = 20;
  for (const other of world.story.mesh.locations) {
    if (other.id === place.id) continue;
    for (const one of other.hosts) {
      const state = isUp(world.story, one.id, sinceStart(world));
      hosts[one.id] = { state, latency: 20_000 };
      if (!state && !world.story.hosts.get(one.id)?.refuses) tookMs = limits.hostCheckMs;
    }
  }
  return { hosts, tookMs };
}

async function beat(world: Inner, one: Host, hosts: Checks, container: () => Container): Promise<void> {
  const timestamp = Math.floor(world.clock.nowMs() / 1_000);
  const addresses = { public_address: "", local_address: "", address6: "", wg_public_key: "" };
  const body = JSON.stringify({ timestamp, version: "1", ...addresses, status: {}, hosts, errors: null });
  await world.clock.sleep(world.chance.between(20, 120));
  const sent = Array.from({ length: world.story.endpoints }, () => send(world, one, "PUT", body, container()));
  const statuses = await Promise.all(sent);
  if (statuses.some((status) => status !== 200)) world.wrongs.push(`a heartbeat of ${one.id} was answered ${statuses}`);
}

async function send(
  world: Inner,
  one: Host,
  method: "PUT" | "DELETE",
  body: string,
  container: Container,
): Promise<number> {
  const { clock, chance } = world;
  const secret = secretOf(one.id);
  const nonce = `nonce${chance.between(0, 1e9)}x${chance.between(0, 1e9)}`;
  const timestampS = Math.floor(clock.nowMs() / 1_000);
  const signed = authHeaders({ hostId: one.id, secret }, { method, timestampS, nonce });
  const headers = new Map(Object.entries(signed).map(([name, value]) => [name.toLowerCase(), value]));
  const answer = await container.heartbeat({ method, path: "/link/state", headers, body });
  if (method === "PUT" && answer.status === 200) world.heardMs.set(one.id, clock.nowMs());
  return answer.status;
}

/** The database, with its delays, and an eye on every decision that is committed. */
function watched(database: Database, world: Inner): Database {
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
      if (item.key.sk === "!pulse") world.holdUntilMs.value = Number(item.data["holdUntilMs"]);
      return outcome;
    },
  };
}
