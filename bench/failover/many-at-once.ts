import { makeMesh } from "../mesh.ts";
import { until } from "./phase.ts";
import { failoverWorld } from "./world.ts";

/**
 * The active hosts of all locations vanish at the same moment: the time from the last heartbeat of any of them until
 * the last location's successor is committed, in ms.
 */
export async function runManyAtOnce(locations: number, timeoutMs: number, seed: number): Promise<number> {
  const network = makeMesh({ locations, hostsPerLocation: 2, timeoutMs, hostCheck: false, holdUpMs: 5_000 });
  const world = await failoverWorld(network, seed);
  const { clock, draw, hosts, store } = world;
  for (const host of hosts.values()) host.start(draw.upTo(1_000));
  await clock.advance(20_000);
  const linkId = network.links[0]?.id ?? "";
  const heads = async () =>
    new Map(
      [...(await store.readLink(linkId, "strong")).value.locations].map(([id, records]) => [id, records.head?.value]),
    );
  const before = await heads();
  if (before.size !== locations) throw new Error(`only ${before.size} of ${locations} locations have an active host`);
  let lastHeartbeatMs = 0;
  for (const decision of before.values()) {
    const host = hosts.get(decision?.activeHostId ?? "");
    if (host === undefined) throw new Error("a location without an active host");
    host.end("vanish");
    lastHeartbeatMs = Math.max(lastHeartbeatMs, host.lastHeartbeatMs);
  }
  const isMoved = async () => {
    const now = await heads();
    return [...before].every(([id, decision]) => (now.get(id)?.epoch ?? 0) > (decision?.epoch ?? 0));
  };
  await until(world, timeoutMs + 30_000, isMoved);
  const after = await heads();
  world.stop();
  if (world.failures.length > 0) throw new Error(String(world.failures[0]));
  return Math.max(...[...after.values()].map((decision) => (decision?.decidedMs ?? 0) - lastHeartbeatMs));
}
