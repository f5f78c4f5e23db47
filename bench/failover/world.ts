import { asAws } from "../../dev/as-aws.ts";
import { type MemoryCloud, memoryCloud } from "../../dev/memory-cloud.ts";
import { memoryDatabase } from "../../dev/memory-database.ts";
import { type TestClock, testClock } from "../../dev/test-clock.ts";
import { createFailover } from "../../functions/failover/failover.ts";
import { createHeartbeat } from "../../functions/heartbeat/heartbeat.ts";
import { createSwapper } from "../../functions/routes/swap.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Network } from "../../shared/domain/network.ts";
import type { PlainRequest } from "../../shared/platform/plain-http.ts";
import type { Random } from "../../shared/ports/clock.ts";
import type { SwapQueue, TickQueue } from "../../shared/ports/queues.ts";
import type { Store } from "../../shared/ports/store.ts";
import { openStore } from "../../shared/store/store.ts";
import { masterKey, placesOf } from "../heartbeats.ts";
import { seededRandom } from "../seeded-random.ts";
import { type Draw, delays, drawFrom } from "./delays.ts";
import { type VirtualHost, virtualHost } from "./hosts.ts";
import { containers, type Delivery, slowDatabase, slowSwaps, slowTicks } from "./platform.ts";

/** The whole system in virtual time under the model of delays: the real functions over a table and a cloud in memory. */
export type FailoverWorld = {
  readonly clock: TestClock;
  readonly draw: Draw;
  /** Without delays: for looking, not for the system. */
  readonly store: Store;
  readonly cloud: MemoryCloud;
  readonly hosts: ReadonlyMap<string, VirtualHost>;
  readonly failures: readonly unknown[];
  stop(): void;
};

const heartbeatContainers = 4;
const quiet = { warn: () => undefined, error: () => undefined };

/** Applies a network, starts the schedule at a random phase of its ticks, and leaves the hosts stopped. */
export async function failoverWorld(network: Network, seed: number): Promise<FailoverWorld> {
  const clock = testClock();
  const next = seededRandom(seed);
  const draw = drawFrom(next);
  const random: Random = { bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(next() * 256)) };
  const plain = memoryDatabase(clock);
  const look = openStore(plain, random);
  await look.commitNetwork({ network, atMs: clock.nowMs(), by: "bench", why: "bench", source: "" });
  const cloud = seedCloud(network, clock, draw);
  const delivery: Delivery = { stopped: false, failures: [] };

  const queues: { swap?: SwapQueue; tick?: TickQueue } = {};
  const opened = <T>(queue: T | undefined): Promise<T> =>
    queue === undefined ? Promise.reject(new Error("queue before its time")) : Promise.resolve(queue);
  const deps = () => ({
    store: openStore(slowDatabase(plain, clock, draw), random),
    clock,
    random,
    log: quiet,
    secrets: { masterKey: async () => masterKey, adminTokenHash: async () => "" },
    swapQueue: () => opened(queues.swap),
    tickQueue: () => opened(queues.tick),
    openProvider: cloud.open("routes"),
  });
  const failover = createFailover(deps());
  const swapper = createSwapper(deps());
  const onFailover = containers(clock, draw);
  const onRoutes = containers(clock, draw);
  const onHeartbeat = containers(clock, draw);
  queues.tick = slowTicks(clock, draw, delivery, (tick) => onFailover(() => failover.tick(tick)));
  queues.swap = slowSwaps(clock, draw, delivery, (wake) => onRoutes(() => swapper(wake)));
  const receivers = Array.from({ length: heartbeatContainers }, () => createHeartbeat(deps()));
  const receive = (request: PlainRequest) =>
    onHeartbeat(async () => {
      const receiver = receivers[Math.floor(draw.upTo(receivers.length))];
      const answer = await receiver?.(request);
      if (answer?.status !== 200) delivery.failures.push(new Error(`answered ${answer?.status} ${answer?.body}`));
      return answer ?? { status: 500, headers: {}, body: "" };
    });

  const hosts = new Map<string, VirtualHost>();
  for (const place of placesOf(network)) hosts.set(place.host.id, virtualHost(place, { clock, draw, receive, hosts }));
  void (async () => {
    await clock.sleep(draw.upTo(limits.tickMs));
    while (!delivery.stopped) {
      void onFailover(() => failover.scheduled()).catch((error: unknown) => delivery.failures.push(error));
      await clock.sleep(limits.sweepMs);
    }
  })();
  return {
    clock,
    draw,
    store: look,
    cloud,
    hosts,
    failures: delivery.failures,
    stop() {
      delivery.stopped = true;
      for (const host of hosts.values()) host.state = "stopped";
    },
  };
}

function seedCloud(network: Network, clock: TestClock, draw: Draw): MemoryCloud {
  const cloud = memoryCloud(clock, { bucket: { capacity: 50, perSecond: 5 }, parallel: 10 });
  cloud.faults.landMs = () => draw.between(delays.cloudCall);
  cloud.faults.readLagMs = () => draw.upTo(delays.readLag);
  for (const { location, host } of placesOf(network)) {
    if (location.cloud?.routeTables.by === "id") {
      for (const id of location.cloud.routeTables.ids) cloud.addTable({ id, vpc: asAws(location.cloud).vpc });
    }
    if (host.target !== undefined) cloud.addInterface({ id: host.target });
  }
  return cloud;
}
