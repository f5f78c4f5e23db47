import { serveLimits } from "../limits.ts";
import { deliver, type QueueOptions, type QueueState, type RunningQueue, slots, stopSignal } from "./delivery.ts";

/**
 * Like the cloud's FIFO queue with a function behind it: the order of each group is kept, one message of a group is
 * in flight at a time, a failed one blocks its group until its visibility ends, dead letters after the last attempt.
 * Every send counts as new: deduplication ids are fresh. `drained` resolves when no message is left, those included that
 * come meanwhile.
 */
export function createFifoQueue<T>(
  options: QueueOptions<T>,
): RunningQueue<T> & { send(message: T, group: string): void; drained(): Promise<void> } {
  const stopping = stopSignal();
  const slot = slots(options.concurrency);
  const state: QueueState<T> = { held: 0, deadLetters: [] };
  const groups = new Map<string, T[]>();
  const underWay = new Set<Promise<void>>();

  const deliverFirst = async (message: T): Promise<void> => {
    for (let attempt = 1; attempt <= options.maxReceives; attempt++) {
      if (await deliver(options, slot, message, attempt, stopping.signal)) return;
      if (stopping.signal.aborted) return;
    }
    state.deadLetters.push(message);
  };

  const drain = async (group: string, waiting: T[]): Promise<void> => {
    for (let first = waiting[0]; first !== undefined && !stopping.signal.aborted; first = waiting[0]) {
      await deliverFirst(first);
      waiting.shift();
      state.held -= 1;
    }
    groups.delete(group);
  };

  return {
    send(message, group) {
      if (stopping.signal.aborted) return;
      if (state.held >= serveLimits.queueMessages) throw new Error(`queue ${options.name} is full`);
      state.held += 1;
      const waiting = groups.get(group);
      if (waiting !== undefined) {
        waiting.push(message);
        return;
      }
      const fresh = [message];
      groups.set(group, fresh);
      const task = drain(group, fresh).finally(() => underWay.delete(task));
      underWay.add(task);
    },
    state,
    async drained() {
      while (underWay.size > 0) await Promise.allSettled([...underWay]);
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled([...underWay]);
    },
  };
}
