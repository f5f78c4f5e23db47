import { serveLimits } from "../limits.ts";
import { deliver, type QueueOptions, type QueueState, type RunningQueue, slots, stopSignal } from "./delivery.ts";

export type StandardQueueOptions<T> = QueueOptions<T> & {
  /** Every so many messages one is delivered twice, as the cloud may do at any time; 0 for never. */
  readonly doubleEvery: number;
};

/**
 * Like the cloud's standard queue with a function behind it: delays in whole seconds of at most 15 minutes, no order,
 * at least once, a failed message visible again when its visibility ends, dead letters after the last attempt.
 */
export function createStandardQueue<T>(
  options: StandardQueueOptions<T>,
): RunningQueue<T> & { send(message: T, delayMs: number): void } {
  const stopping = stopSignal();
  const slot = slots(options.concurrency);
  const state: QueueState<T> = { held: 0, deadLetters: [] };
  const underWay = new Set<Promise<void>>();
  let sent = 0;

  const carry = async (message: T, delayMs: number): Promise<void> => {
    await options.clock.sleep(delayMs, stopping.signal);
    for (let attempt = 1; attempt <= options.maxReceives && !stopping.signal.aborted; attempt++) {
      const isDone = await deliver(options, slot, message, attempt, stopping.signal);
      if (isDone) return;
    }
    if (!stopping.signal.aborted) state.deadLetters.push(message);
  };

  const enqueue = (message: T, delayMs: number): void => {
    state.held += 1;
    const task = carry(message, delayMs).finally(() => {
      state.held -= 1;
      underWay.delete(task);
    });
    underWay.add(task);
  };

  return {
    send(message, delayMs) {
      if (stopping.signal.aborted) return;
      if (state.held >= serveLimits.queueMessages) throw new Error(`queue ${options.name} is full`);
      const wholeSeconds = Math.floor(Math.min(Math.max(0, delayMs), serveLimits.queueDelayMs) / 1000) * 1000;
      enqueue(message, wholeSeconds);
      sent += 1;
      if (options.doubleEvery > 0 && sent % options.doubleEvery === 0) enqueue(message, wholeSeconds);
    },
    state,
    async stop() {
      stopping.abort();
      await Promise.allSettled([...underWay]);
    },
  };
}
