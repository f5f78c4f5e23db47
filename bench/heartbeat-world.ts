import { memoryDatabase } from "../dev/memory-database.ts";
import { type TestClock, testClock } from "../dev/test-clock.ts";
import { type Meter, meteredDatabase } from "../dev/virtual/metered-database.ts";
import type { HeartbeatDeps } from "../functions/heartbeat/deps.ts";
import { createHeartbeat } from "../functions/heartbeat/heartbeat.ts";
import type { Network } from "../shared/domain/network.ts";
import type { PlainHandler } from "../shared/platform/plain-http.ts";
import { systemRandom } from "../shared/platform/random.ts";
import type { Log } from "../shared/ports/log.ts";
import { openStore } from "../shared/store/store.ts";
import { masterKey } from "./heartbeats.ts";

/** Some containers of the heartbeat function over one table in memory. */
export type HeartbeatWorld = {
  readonly clock: TestClock;
  /** Stands still in a world that is not metered. */
  readonly meter: Meter;
  readonly containers: readonly PlainHandler[];
  readonly deps: HeartbeatDeps;
  /** Messages sent so far, and the requests that they took: batches of ten. */
  readonly sent: { messages: number; requests: number };
  /** Characters logged so far. */
  readonly logged: { bytes: number };
};

function countingLog(logged: { bytes: number }): Log {
  const count = (...parts: readonly unknown[]) => {
    logged.bytes += JSON.stringify(parts).length;
  };
  return { warn: count, error: count };
}

/** Applies a network and opens `containers` receivers; queues only count what they get. */
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
  const store = openStore(database, systemRandom);
  await store.commitNetwork({ network, atMs: clock.nowMs(), by: "bench", why: "bench", source: "" });
  for (const link of network.links) {
    await store.writeSwitches(link.id, { paused: null, networkVersion: network.version }, undefined);
  }
  const sent = { messages: 0, requests: 0 };
  const logged = { bytes: 0 };
  const send = async (messages: readonly unknown[]) => {
    sent.messages += messages.length;
    sent.requests += Math.ceil(messages.length / 10);
  };
  const deps: HeartbeatDeps = {
    store,
    clock,
    random: systemRandom,
    log: countingLog(logged),
    secrets: { masterKey: async () => masterKey, adminTokenHash: async () => "" },
    swapQueue: async () => ({ wake: send }),
    tickQueue: async () => ({ send }),
  };
  const receivers = Array.from({ length: containers }, () => createHeartbeat(deps));
  return { clock, meter, containers: receivers, deps, sent, logged };
}
