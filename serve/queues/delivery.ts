import { setMaxListeners } from "node:events";
import { errorFields } from "../../shared/platform/json-log.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Log } from "../../shared/ports/log.ts";

/** A queue with the function that it feeds, one message a run. */
export type QueueOptions<T> = {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  /** A message that failed, or whose run was cut off, is delivered again this long after it was received. ms */
  readonly visibilityMs: number;
  /** A run longer than this counts as failed, whatever it still does. ms */
  readonly functionMs: number;
  /** Deliveries of one message before it becomes a dead letter. */
  readonly maxReceives: number;
  /** Runs at the same time. */
  readonly concurrency: number;
  readonly handle: (message: T, attempt: number) => Promise<void>;
};

export type QueueState<T> = { held: number; readonly deadLetters: T[] };

export type RunningQueue<T> = {
  readonly state: Readonly<QueueState<T>>;
  /** Takes nothing more, drops what waits, and resolves when no run is under way. */
  stop(): Promise<void>;
};

/**
 * One delivery in a free slot: true when the run ended well; after a failure false, once the message is visible
 * again, its slot given back meanwhile.
 */
export async function deliver<T>(
  options: QueueOptions<T>,
  slot: Slot,
  message: T,
  attempt: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { clock, log, name } = options;
  const failedRun = await slot(async () => {
    const receivedMs = clock.monotonicMs();
    const cutOff = new AbortController();
    try {
      await Promise.race([options.handle(message, attempt), cutOffAfter(options, cutOff.signal)]);
      return undefined;
    } catch (error) {
      log.error(`${name}: run failed`, { attempt, ...errorFields(error) });
      return { receivedMs };
    } finally {
      cutOff.abort();
    }
  });
  if (failedRun === undefined) return true;
  await clock.sleep(failedRun.receivedMs + options.visibilityMs - clock.monotonicMs(), signal);
  return false;
}

async function cutOffAfter<T>(options: QueueOptions<T>, signal: AbortSignal): Promise<void> {
  await options.clock.sleep(options.functionMs, signal);
  if (!signal.aborted) throw new Error(`no end after ${options.functionMs} ms`);
}

/** What ends a queue; any number of waiting messages may listen to it. */
export function stopSignal(): AbortController {
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  return stopping;
}

/** Runs work when there is room for it. */
export type Slot = <R>(work: () => Promise<R>) => Promise<R>;

/** At most `count` at the same time, in order of asking. */
export function slots(count: number): Slot {
  let free = count;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
