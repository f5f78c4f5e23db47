import { memoryDatabase } from "../dev/memory-database.ts";
import { type TestClock, testClock } from "../dev/test-clock.ts";
import { type Meter, meteredDatabase } from "../dev/virtual/metered-database.ts";
import { createHeartbeat } from "../functions/heartbeat/heartbeat.ts";
import type { Network } from "../shared/domain/network.ts";
import type { PlainHandler } from "../shared/platform/plain-http.ts";
import type { Random } from "../shared/ports/clock.ts";
import type { Log } from "../shared/ports/log.ts";
import { openStore } from "../shared/store/store.ts";
import { masterKey } from "./heartbeats.ts";
import { seededRandom } from "./seeded-random.ts";

/** Some containers of the heartbeat function over one table in memory. */
export type HeartbeatWorld = {
  readonly clock: TestClock;
  /** Stands still in a world that is not metered. */
  readonly meter: Meter;
  readonly containers: readonly PlainHandler[];
};

const failLoudly: Log = {
  warn: () => undefined,
  error(message, fields) {
    throw new Error(`${message} ${JSON.stringify(fields)}`);
  },
};

/** Applies a network and opens `containers` receivers; queues swallow what they get. */
export async function heartbeatWorld(
  network: Network,
  containers: number,
  isMetered: boolean,
): Promise<HeartbeatWorld> {
  const clock = testClock();
  const plain = memoryDatabase(clock);
  const metered = meteredDatabase(plain);
  const { meter } = metered;
  const database = isMetered ? metered.database : plain;
  const next = seededRandom(1);
  const random: Random = { bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(next() * 256)) };
  const store = openStore(database, random);
  await store.commitNetwork({ network, atMs: clock.nowMs(), by: "bench", why: "bench", source: "" });
  for (const link of network.links) {
    await store.writeSwitches(link.id, { paused: null, networkVersion: network.version }, undefined);
  }
  const deps = {
    store,
    clock,
    random,
    log: failLoudly,
    secrets: { masterKey: async () => masterKey, adminTokenHash: async () => "" },
    swapQueue: async () => ({ wake: async () => undefined }),
    tickQueue: async () => ({ send: async () => undefined }),
  };
  return { clock, meter, containers: Array.from({ length: containers }, () => createHeartbeat(deps)) };
}
