import { createFailover } from "../functions/failover/failover.ts";
import { limits } from "../shared/domain/limits.ts";
import type { Tick } from "../shared/ports/queues.ts";
import { heartbeatWorld } from "./heartbeat-world.ts";
import { healthyBody, placesOf, signedHeartbeat } from "./heartbeats.ts";
import { makeMesh } from "./mesh.ts";

/** What the failover function takes in a quiet minute. */
export type SweepUnits = {
  readonly runs: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly databaseCalls: number;
  readonly cpuMs: number;
  /** Sending in batches, receiving and deleting one by one. */
  readonly queueRequests: number;
};

/** Runs one minute of the failover function in a mesh of healthy, confirmed locations with two hosts each. */
export async function measureSweep(locations: number): Promise<SweepUnits> {
  const network = makeMesh({ locations, hostsPerLocation: 2, timeoutMs: 30_000, hostCheck: true, holdUpMs: 1_000 });
  const { clock, meter, containers, deps, sent } = await heartbeatWorld(network, 1, true);
  let sequence = 0;
  const beat = async () => {
    for (const place of placesOf(network)) {
      const text = JSON.stringify(healthyBody(place, place.host === place.location.hosts[0]));
      await containers[0]?.(signedHeartbeat(place.host.id, text, clock.nowMs(), sequence++));
    }
  };
  await beat();
  const [link] = network.links;
  for (const location of link?.locations ?? []) {
    const head = (await deps.store.readHead(link?.id ?? "", location.id)).value;
    if (head === undefined) throw new Error("a location without an active host");
    const swap = { state: "confirmed", atMs: clock.nowMs(), routes: 1 } as const;
    await deps.store.confirmDecision({ ...head.value, swap }, head.revision);
  }
  for (let second = 0; second < 120; second += 5) {
    clock.jump(5_000);
    await beat();
  }
  const failover = createFailover(deps);
  const before = { ...meter, ...sent };
  const start = process.cpuUsage();
  await failover.scheduled();
  for (let tick = 1; tick <= limits.ticks; tick++) {
    const due: Tick = { kind: "sweep", dueMs: clock.nowMs() };
    await failover.tick(due);
  }
  const { user, system } = process.cpuUsage(start);
  const messages = sent.messages - before.messages;
  return {
    runs: 1 + limits.ticks,
    readUnits: meter.readUnits - before.readUnits,
    writeUnits: meter.writeUnits - before.writeUnits,
    databaseCalls: meter.reads + meter.writes - before.reads - before.writes,
    cpuMs: (user + system) / 1_000,
    queueRequests: sent.requests - before.requests + 2 * messages,
  };
}
