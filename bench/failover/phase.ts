import type { Network } from "../../shared/domain/network.ts";
import type { Decision } from "../../shared/domain/records.ts";
import type { Death, VirtualHost } from "./hosts.ts";
import { type FailoverWorld, failoverWorld } from "./world.ts";

/** Milliseconds from the dead host's last heartbeat (or its leave) to the moments of its failover. */
export type Phase = {
  readonly committedMs: number;
  readonly firstWriteMs: number;
  readonly verifiedMs: number;
  readonly reason: Decision["reason"];
};

const stepMs = 50;

/**
 * One seeded phase: a fresh world comes up, its first location's active host ends at a random moment, and the world
 * runs until the successor's routes are verified.
 */
export async function runPhase(network: Network, seed: number, death: Death): Promise<Phase> {
  const world = await failoverWorld(network, seed);
  const { clock, draw, hosts, store } = world;
  // The standby comes up later, so that no pre-emption of the beginning falls into what is measured.
  for (const host of hosts.values()) host.start(draw.upTo(1_000) + (host.place.host.priority < 20 ? 3_000 : 0));
  const [link] = network.links;
  const [location] = link?.locations ?? [];
  if (link === undefined || location === undefined) throw new Error("an empty network");
  const head = async () => (await store.readHead(link.id, location.id)).value?.value;

  await until(world, 60_000, async () => {
    for (const one of link.locations) {
      const decision = (await store.readHead(link.id, one.id)).value?.value;
      if (decision?.swap.state !== "confirmed") return false;
    }
    return true;
  });
  await clock.advance(10_000 + draw.upTo(15_000));
  const before = await head();
  const dead = hosts.get(before?.activeHostId ?? "");
  if (before === undefined || dead === undefined) throw new Error(`seed ${seed}: nobody is active`);
  const writesBefore = world.cloud.calls.length;
  dead.end(death);
  await until(world, 120_000, async () => {
    const decision = await head();
    return decision !== undefined && decision.epoch > before.epoch && decision.swap.state === "confirmed";
  });
  const after = await head();
  if (after?.swap.state !== "confirmed") throw new Error(`seed ${seed}: not confirmed`);
  const write = world.cloud.calls.slice(writesBefore).find((call) => call.kind === "replace" && call.result === "ok");
  const baseMs = clock.nowMs() - clock.monotonicMs();
  world.stop();
  if (world.failures.length > 0) throw new Error(`seed ${seed}: ${String(world.failures[0])}`);
  const since = (atMs: number) => atMs - lastHeard(dead);
  return {
    committedMs: since(after.decidedMs),
    firstWriteMs: since(baseMs + (write?.landedMs ?? Number.NaN)),
    verifiedMs: since(after.swap.atMs),
    reason: after.reason,
  };
}

function lastHeard(host: VirtualHost): number {
  return host.lastHeartbeatMs;
}

/** Lets the world run in small steps until something holds. Throws when it does not within `mostMs` of its time. */
export async function until(world: FailoverWorld, mostMs: number, holds: () => Promise<boolean>): Promise<void> {
  for (let spentMs = 0; spentMs < mostMs; spentMs += stepMs) {
    await world.clock.advance(stepMs);
    if (await holds()) return;
  }
  throw new Error(`nothing came of it in ${mostMs} ms: ${world.failures.map(String).join("; ")}`);
}
