import { type MemoryDatabase, memoryDatabase } from "../../dev/memory-database.ts";
import { settle, type TestClock, testClock } from "../../dev/test-clock.ts";
import type { FailoverDeps } from "../../functions/failover/deps.ts";
import { createFailover, electNow } from "../../functions/failover/failover.ts";
import { sweep } from "../../functions/failover/sweep.ts";
import type { EventKind } from "../../shared/domain/events.ts";
import type { Id } from "../../shared/domain/ids.ts";
import type { Link, Location } from "../../shared/domain/network.ts";
import { nextPulse } from "../../shared/domain/pulse.ts";
import type { Decision, HostRecord, LocationWish } from "../../shared/domain/records.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Database, Observed } from "../../shared/ports/database.ts";
import type { Tick, Wake } from "../../shared/ports/queues.ts";
import type { Store } from "../../shared/ports/store.ts";
import { openStore } from "../../shared/store/store.ts";
import { host, link, location, network, record, startMs, wish } from "../fixtures/network.ts";
import { recordingLog } from "../platform/recording-log.ts";

/** What a process of the failover function calls outside goes through this, so that a test can get in between. */
export type Ports = <T>(name: string, call: () => Promise<T>) => Promise<T>;
const direct: Ports = (_name, call) => call();

export type Rig = ReturnType<typeof createRig>;
export type Elector = ReturnType<Rig["elector"]>;

/** `here` with a1 and a2 of equal priority, `there` with b1 and b2. */
export function mesh(here: Partial<Location> = {}, more: Partial<Link> = {}): Link {
  return link("mesh", [location("here", [host("a1"), host("a2")], here), location("there", ["b1", "b2"])], more);
}

/** A clock, a database and queues, and as many processes of the failover function over them as a test wants. */
export function createRig() {
  const clock: TestClock = testClock(startMs);
  const memory: MemoryDatabase = memoryDatabase(clock);
  const heads = new Map<string, Decision>();
  const database = watchingHeads(memory, heads);
  const store: Store = openStore(database);
  const log = recordingLog();
  const swaps: Wake[] = [];
  const ticks: Tick[] = [];

  /** A process of its own; `skewMs`: how far its wall clock is ahead. */
  const elector = (ports: Ports = direct, skewMs = 0) => {
    const own: Clock = {
      nowMs: () => clock.nowMs() + skewMs,
      monotonicMs: () => clock.monotonicMs(),
      sleep: (ms, signal) => ports("sleep", () => clock.sleep(ms, signal)),
    };
    const deps: FailoverDeps = {
      store: openStore(throughPorts(database, ports, skewMs)),
      clock: own,
      log,
      swapQueue: async () => ({ wake: (wakes) => ports("wake", async () => void swaps.push(...wakes)) }),
      tickQueue: async () => ({ send: (sent) => ports("send", async () => void ticks.push(...sent)) }),
    };
    return {
      ...createFailover(deps),
      electNow: (locationId: Id, linkId = "mesh") => electNow(deps, { linkId, locationId }, "heartbeat"),
      sweep: () => sweep(deps, "sweep"),
    };
  };

  const apply = async (links: readonly Link[]): Promise<void> => {
    const { version } = (await store.readNetwork()).value.network;
    const next = network(links, version + 1);
    await store.commitNetwork({ network: next, atMs: clock.nowMs(), by: "operator ann", why: "", source: "" });
  };

  /** Hosts are heard now, as the heartbeat function would note it: the pulse first, then the host. */
  const hear = async (hostIds: readonly Id[], more: Partial<HostRecord> = {}): Promise<void> => {
    const { links } = (await store.readNetwork()).value.network;
    for (const one of links) {
      for (const place of one.locations) {
        for (const each of place.hosts) {
          if (hostIds.includes(each.id)) await hearHost(one, place, each.id, more);
        }
      }
    }
  };
  const hearHost = async (one: Link, place: Location, hostId: Id, more: Partial<HostRecord>): Promise<void> => {
    const nowMs = clock.nowMs();
    const known = (await store.readLink(one.id, "strong")).value;
    await store.writePulse(one.id, nextPulse(one, known.pulse?.value, nowMs), known.pulse?.revision);
    const prior = known.locations.get(place.id)?.hosts.get(hostId);
    const upSinceMs = prior?.value.upSinceMs ?? nowMs;
    const next = record(hostId, nowMs, { upSinceMs, ...more });
    await store.writeHost(one.id, place.id, next, prior?.revision);
  };

  /** Time passes with these hosts heard every two seconds, and at its end. */
  const live = async (seconds: number, hostIds: readonly Id[]): Promise<void> => {
    for (let leftS = seconds; leftS > 0; leftS -= 2) {
      await clock.advance(Math.min(2, leftS) * 1_000);
      await hear(hostIds);
    }
  };

  const ask = async (more: Partial<LocationWish>, locationId = "here", linkId = "mesh"): Promise<void> => {
    const prior = (await store.readLocation(linkId, locationId, "strong")).value.wish;
    await store.writeWish(linkId, locationId, wish(more), prior?.revision);
  };
  const head = async (locationId = "here", linkId = "mesh"): Promise<Decision | undefined> =>
    (await store.readHead(linkId, locationId)).value?.value;
  const confirm = async (locationId = "here", linkId = "mesh"): Promise<boolean> => {
    const found = (await store.readHead(linkId, locationId)).value;
    if (found === undefined || found.value.swap.state === "confirmed") return false;
    const swap = { state: "confirmed", atMs: clock.nowMs(), routes: 4 } as const;
    return (await store.confirmDecision({ ...found.value, swap }, found.revision)).kind === "won";
  };
  const events = async (kind: EventKind): Promise<readonly string[]> => {
    const read = await store.readEvents({ sinceMs: 0, key: undefined }, 10_000);
    return read.events.filter((event) => event.kind === kind).map((event) => event.message);
  };
  const decisions = (locationId = "here", linkId = "mesh") => store.readDecisions(linkId, locationId, 10_000);

  /** Lets time pass until the work is done, or `stop` says so. */
  const drive = async (work: Promise<unknown>, stop: () => boolean = () => false): Promise<void> => {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    work.then(over, over);
    for (await settle(); !isOver && !stop(); await settle()) await clock.step();
    if (isOver) await work;
  };

  return {
    clock,
    memory,
    store,
    log,
    swaps,
    ticks,
    heads,
    elector,
    apply,
    hear,
    live,
    ask,
    head,
    confirm,
    events,
    decisions,
    drive,
  };
}

/** A rig in which a1 and b1 are active and confirmed, everybody is heard and has been for an hour. */
export async function settledRig(links: readonly Link[] = [mesh()]): Promise<Rig> {
  const rig = createRig();
  await rig.apply(links);
  const hosts = links.flatMap((one) => one.locations.flatMap((place) => place.hosts.map((each) => each.id)));
  await rig.hear(hosts, { upSinceMs: startMs - 3_600_000 });
  await rig.elector().sweep();
  for (const one of links) for (const place of one.locations) await rig.confirm(place.id, one.id);
  await rig.clock.advance(1_000);
  await rig.hear(hosts);
  rig.swaps.length = 0;
  rig.ticks.length = 0;
  return rig;
}

/** a1 was last heard 31 s ago, everybody else goes on. */
export async function rigWithDeadActive(links: readonly Link[] = [mesh()]): Promise<Rig> {
  const rig = await settledRig(links);
  await rig.live(31, ["a2", "b1", "b2"]);
  return rig;
}

/** Notes every decision that ever stood in a head, in the form that it last had there, by `location/epoch`. */
function watchingHeads(database: MemoryDatabase, heads: Map<string, Decision>): Database {
  return {
    ...database,
    async put(item, expected) {
      const outcome = await database.put(item, expected);
      const decision = item.data as unknown as Decision;
      if (outcome.kind === "written" && item.key.sk.endsWith("#a")) {
        heads.set(`${decision.locationId}/${decision.epoch}`, structuredClone(decision));
      }
      return outcome;
    },
  };
}

/** The database as a process reaches it: over `ports`, and seen by a clock that is ahead. */
function throughPorts(database: Database, ports: Ports, skewMs: number): Database {
  const seen = <T>(observed: Observed<T>): Observed<T> => ({
    ...observed,
    sentMs: observed.sentMs + skewMs,
    receivedMs: observed.receivedMs + skewMs,
  });
  return {
    get: (key, consistency) => ports(`get ${key.pk} ${key.sk}`, async () => seen(await database.get(key, consistency))),
    query: (query, consistency) =>
      ports(`query ${query.pk} ${query.prefix ?? ""}`, async () => seen(await database.query(query, consistency))),
    put: (item, expected) => ports(`put ${item.key.pk} ${item.key.sk}`, () => database.put(item, expected)),
    remove: (key, expected) => ports(`remove ${key.pk} ${key.sk}`, () => database.remove(key, expected)),
  };
}

/** Every epoch from the first has one decision on record, each as it last stood in the head. */
export async function wholeLog(rig: Rig, locationId = "here", linkId = "mesh"): Promise<readonly Decision[]> {
  const oldestFirst = [...(await rig.decisions(locationId, linkId))].reverse();
  const epochs = oldestFirst.map((decision) => decision.epoch);
  const wanted = epochs.map((_, at) => at + 1);
  if (String(epochs) !== String(wanted)) throw new Error(`epochs on record of ${locationId}: ${epochs.join(", ")}`);
  for (const decision of oldestFirst) {
    const stood = rig.heads.get(`${locationId}/${decision.epoch}`);
    if (JSON.stringify(stood) !== JSON.stringify(decision)) {
      throw new Error(`epoch ${decision.epoch} was ${JSON.stringify(stood)}, on record is ${JSON.stringify(decision)}`);
    }
  }
  return oldestFirst;
}

/** Pauses before every call of a process, each of a length that the seed gives, up to `maxMs`. */
export function unevenly(rig: Rig, seed: number, maxMs = 40): Ports {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return async (_name, call) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    await rig.clock.sleep((state >>> 8) % maxMs);
    return call();
  };
}
