import { type MemoryCloud, type MemoryCloudOptions, memoryCloud } from "../../dev/memory-cloud.ts";
import { type MemoryDatabase, memoryDatabase } from "../../dev/memory-database.ts";
import { settle, type TestClock, testClock } from "../../dev/test-clock.ts";
import type { RoutesDeps } from "../../functions/routes/deps.ts";
import { createSwapper } from "../../functions/routes/swap.ts";
import type { Cloud } from "../../shared/domain/clouds/cloud.ts";
import type { EventKind } from "../../shared/domain/events.ts";
import type { Link, Location, Network } from "../../shared/domain/network.ts";
import type { Decision, LedgerEntry, SwapReport } from "../../shared/domain/records.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Tick, Wake } from "../../shared/ports/queues.ts";
import type { RouteProvider } from "../../shared/ports/route-provider.ts";
import type { Store } from "../../shared/ports/store.ts";
import { openStore } from "../../shared/store/store.ts";
import { decision, host, link, location, network, startMs } from "../fixtures/network.ts";
import { recordingLog } from "../platform/recording-log.ts";

/** One process of the routes function: what it calls goes through `ports`, so that a test can get in between. */
export type Process = { readonly name: string; readonly ports: Ports };
export type Ports = <T>(name: string, call: () => Promise<T>) => Promise<T>;

const direct: Ports = (_name, call) => call();

export const vpc = "vpc-1";
export const wakeHere: Wake = { linkId: "backbone", locationId: "here", cause: "decision", round: 0 };

/** `here` has the hosts a1 and a2 at eni-a1 and eni-a2, and reaches 10.2.0.0/16 and 10.3.0.0/16. */
export function hereIn(more: Partial<Location> = {}, tables: readonly string[] = ["rtb-1", "rtb-2"]): Location {
  const hosts = [host("a1", { target: "eni-a1", priority: 20 }), host("a2", { target: "eni-a2" })];
  const routeTables = { by: "id" as const, ids: [...tables] };
  const cloud = { provider: "aws" as const, region: "eu-west-1", vpc, routeTables };
  return location("here", hosts, { networks: ["10.1.0.0/16"], cloud, ...more });
}

export function backbone(here: Location = hereIn(), more: Partial<Link> = {}): Link {
  const others = [
    location("there", ["b1"], { networks: ["10.2.0.0/16"] }),
    location("office", ["c1"], { networks: ["10.3.0.0/16"] }),
  ];
  return link("backbone", [here, ...others], more);
}

export type World = ReturnType<typeof createWorld>;

/** What a world has instead of its own: a clock, and providers of some locations in the place of its cloud's. */
export type Instead = {
  readonly clock?: TestClock;
  readonly open?: (cloud: Cloud) => RouteProvider | undefined;
};

/** A clock, a database, a cloud with two tables and two interfaces, queues, and the routes function between them. */
export function createWorld(options: MemoryCloudOptions = {}, instead: Instead = {}) {
  const clock: TestClock = instead.clock ?? testClock(startMs);
  const database: MemoryDatabase = memoryDatabase(clock);
  const store: Store = openStore(database, { bytes: randomBytes() });
  const cloud: MemoryCloud = memoryCloud(clock, options);
  const log = recordingLog();
  const random = { bytes: randomBytes() };
  const swaps: Wake[] = [];
  const ticks: Tick[] = [];
  for (const id of ["rtb-1", "rtb-2"]) cloud.addTable({ id, vpc });
  for (const id of ["eni-a1", "eni-a2"]) cloud.addInterface({ id });

  /** The routes function as a process of its own. */
  const processOf = ({ name, ports }: Process) => {
    const through = <T extends object>(label: string, port: T): T => intercepted(label, port, ports);
    const sleeping: Clock = { ...clock, sleep: (ms, signal) => ports("sleep", () => clock.sleep(ms, signal)) };
    const deps: RoutesDeps = {
      store: through("store", store),
      clock: sleeping,
      random,
      log,
      openProvider: async (where) => through("cloud", instead.open?.(where) ?? (await cloud.open(name)(where))),
      swapQueue: async () => through("swaps", { wake: async (wakes: readonly Wake[]) => void swaps.push(...wakes) }),
      tickQueue: async () => through("ticks", { send: async (sent: readonly Tick[]) => void ticks.push(...sent) }),
    };
    return createSwapper(deps);
  };
  const plain = processOf({ name: "plain", ports: direct });

  /** Lets time pass until the work is done. */
  const drive = async <T>(work: Promise<T>): Promise<T> => {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    work.then(over, over);
    for (await settle(); !isOver; ) {
      if (!(await clock.step())) await settle();
      await settle();
      if (!isOver && clock.sleepers === 0) throw new Error("nobody sleeps, and the work does not end");
    }
    return work;
  };
  /** Delivers what the queues hold, and a reconcile a minute, for some time. */
  const live = async (ms: number, swapper = plain): Promise<void> => {
    const endMs = clock.monotonicMs() + ms;
    let reconcileMs = clock.monotonicMs() + 60_000;
    while (clock.monotonicMs() < endMs) {
      const due = ticks.findIndex((tick) => tick.dueMs <= clock.nowMs());
      const tick = due < 0 ? undefined : ticks.splice(due, 1)[0];
      if (tick?.kind === "wake") swaps.push({ ...tick, linkId: tick.linkId, locationId: tick.locationId });
      const wake = swaps.shift();
      if (wake !== undefined) await drive(swapper(wake));
      else if (clock.monotonicMs() >= reconcileMs) {
        reconcileMs += 60_000;
        await drive(swapper({ ...wakeHere, cause: "reconcile" }));
      } else await clock.advance(1_000);
    }
  };

  const apply = async (links: readonly Link[]): Promise<Network> => {
    const current = (await store.readNetwork()).value.network;
    const next = network(links, current.version + 1);
    const applied = { network: next, atMs: clock.nowMs(), by: "operator ann", why: "", source: "" };
    await store.commitNetwork(applied);
    return next;
  };
  /** Commits the next decision of a location, as the failover function does. */
  const decide = async (activeHostId: string | null, more: Partial<Decision> = {}): Promise<Decision> => {
    const [linkId, locationId] = [more.linkId ?? "backbone", more.locationId ?? "here"];
    const prior = (await store.readHead(linkId, locationId)).value;
    const next = decision(linkId, locationId, activeHostId, {
      epoch: (prior?.value.epoch ?? 0) + 1,
      previousHostId: prior?.value.activeHostId ?? null,
      decidedMs: clock.nowMs(),
      swap: { state: "pending" },
      ...more,
    });
    await store.commitDecision(next, prior, () => true);
    return next;
  };
  const head = async (linkId = "backbone", locationId = "here"): Promise<Decision | undefined> =>
    (await store.readHead(linkId, locationId)).value?.value;
  const report = async (locationId = "here"): Promise<SwapReport | undefined> =>
    (await store.readSwapReport(locationId))?.value;
  /** Without what only remembers that a route was removed. */
  const ledger = async (): Promise<readonly LedgerEntry[]> =>
    (await everyEntry()).filter((entry) => entry.state !== "removed");
  const everyEntry = async (): Promise<readonly LedgerEntry[]> => {
    const tables = await store.knownTables();
    const read = await Promise.all(tables.map((table) => store.readLedger(table.table)));
    return read.flatMap((entries) => [...entries.values()].map((entry) => entry.value));
  };
  const events = async (kind?: EventKind): Promise<readonly string[]> => {
    const read = await store.readEvents({ sinceMs: 0, key: undefined }, 10_000);
    return read.events.filter((event) => kind === undefined || event.kind === kind).map((event) => event.message);
  };

  return {
    clock,
    database,
    store,
    cloud,
    log,
    swaps,
    ticks,
    processOf,
    drive,
    live,
    swap: (wake: Wake = wakeHere) => drive(plain(wake)),
    reconcile: () => drive(plain({ ...wakeHere, cause: "reconcile" })),
    apply,
    decide,
    head,
    report,
    ledger,
    events,
  };
}

/** A world in which a1 is active, and its routes are in place and confirmed, long ago. */
export async function settledWorld(here: Location = hereIn(), options: MemoryCloudOptions = {}): Promise<World> {
  const world = createWorld(options);
  await world.apply([backbone(here)]);
  await world.decide("a1");
  await world.swap();
  await world.clock.advance(60_000);
  return world;
}

/** Every destination of `here` in both tables at one interface. */
export function allAt(target: string): Readonly<Record<string, string>> {
  return {
    "rtb-1 10.2.0.0/16": target,
    "rtb-1 10.3.0.0/16": target,
    "rtb-2 10.2.0.0/16": target,
    "rtb-2 10.3.0.0/16": target,
  };
}

/** Places that lost their route at some time. */
export function gaps(world: World): readonly string[] {
  return world.cloud.history.filter((change) => change.target === undefined).map((c) => `${c.table} ${c.destination}`);
}

/** Calls that changed, or tried to change, a route. */
export function routeCalls(world: World, by?: string) {
  const kinds = ["create", "replace", "remove"];
  return world.cloud.calls.filter((call) => kinds.includes(call.kind) && (by === undefined || call.by === by));
}

function intercepted<T extends object>(label: string, port: T, ports: Ports): T {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) =>
        ports(`${label}.${String(name)}`, async () => Reflect.apply(member, target, args) as unknown);
    },
  });
}

function randomBytes(): (count: number) => Uint8Array {
  let drawn = 0;
  return (count) => {
    drawn += 1;
    return new Uint8Array(Buffer.from(String(drawn).padStart(count, "0").slice(-count)));
  };
}
