import { tickDelayS } from "../../shared/domain/tick-delay.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Database } from "../../shared/ports/database.ts";
import type { SwapQueue, Tick, TickQueue, Wake } from "../../shared/ports/queues.ts";
import { type Draw, delays } from "./delays.ts";

/** A database that takes its time: half before an operation has its effect, half after. */
export function slowDatabase(inner: Database, clock: Clock, draw: Draw): Database {
  const slowly = async <T>(operation: () => Promise<T>): Promise<T> => {
    const halfMs = draw.between(delays.database) / 2;
    await clock.sleep(halfMs);
    const result = await operation();
    await clock.sleep(halfMs);
    return result;
  };
  const timed = async <T extends { readonly value: unknown }>(operation: () => Promise<T>): Promise<T> => {
    const sentMs = clock.nowMs();
    const monotonicMs = clock.monotonicMs();
    const found = await slowly(operation);
    return { ...found, sentMs, receivedMs: clock.nowMs(), monotonicMs };
  };
  return {
    get: (key, consistency) => timed(() => inner.get(key, consistency)),
    query: (query, consistency) => timed(() => inner.query(query, consistency)),
    put: (item, expected) => slowly(() => inner.put(item, expected)),
    remove: (key, expected) => slowly(() => inner.remove(key, expected)),
  };
}

/** Messages under way; `stopped` drops them, so that a world can be left behind. */
export type Delivery = { stopped: boolean; readonly failures: unknown[] };

/** A standard queue: whole seconds of delay, then the queue's own. */
export function slowTicks(
  clock: Clock,
  draw: Draw,
  delivery: Delivery,
  deliver: (tick: Tick) => Promise<void>,
): TickQueue {
  return {
    async send(ticks) {
      await clock.sleep(draw.between(delays.database));
      for (const tick of ticks) {
        const delayMs = tickDelayS(tick.kind, tick.dueMs - clock.nowMs()) * 1_000;
        void later(clock, delayMs + draw.between(delays.queue), delivery, () => deliver(tick));
      }
    },
  };
}

/** A FIFO queue: in order and one at a time for each location. */
export function slowSwaps(
  clock: Clock,
  draw: Draw,
  delivery: Delivery,
  deliver: (wake: Wake) => Promise<void>,
): SwapQueue {
  const groups = new Map<string, Promise<void>>();
  return {
    async wake(wakes) {
      await clock.sleep(draw.between(delays.database));
      for (const wake of wakes) {
        const arrived = later(clock, draw.between(delays.queue), delivery, async () => undefined);
        const before = groups.get(wake.locationId) ?? Promise.resolve();
        const run = async () => {
          await Promise.all([before, arrived]);
          if (!delivery.stopped) await deliver(wake);
        };
        groups.set(
          wake.locationId,
          run().catch((error: unknown) => void delivery.failures.push(error)),
        );
      }
    },
  };
}

async function later(clock: Clock, ms: number, delivery: Delivery, work: () => Promise<void>): Promise<void> {
  await clock.sleep(ms);
  if (delivery.stopped) return;
  await work().catch((error: unknown) => void delivery.failures.push(error));
}

/** Runs calls of one function, each on a container that is idle, or on a new one after a cold start. */
export type Containers = <T>(work: () => Promise<T>) => Promise<T>;

export function containers(clock: Clock, draw: Draw): Containers {
  const idleSinceMs: number[] = [];
  return async (work) => {
    const last = idleSinceMs.pop();
    const isWarm = last !== undefined && clock.monotonicMs() - last <= delays.warmFor;
    if (!isWarm || draw.oneIn(delays.coldOneIn)) await clock.sleep(delays.coldStart);
    try {
      return await work();
    } finally {
      idleSinceMs.push(clock.monotonicMs());
    }
  };
}
