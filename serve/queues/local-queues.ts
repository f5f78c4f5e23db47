import { doctorLimits } from "../../shared/domain/limits.ts";
import { tickDelayS } from "../../shared/domain/tick-delay.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Examine, ExamineQueue } from "../../shared/ports/examinations.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { SwapQueue, Tick, TickQueue, Wake } from "../../shared/ports/queues.ts";
import { cloudShape } from "../cloud-shape.ts";
import { createFifoQueue } from "./fifo-queue.ts";
import { createStandardQueue } from "./standard-queue.ts";

export type LocalQueues = {
  readonly tickQueue: TickQueue;
  readonly swapQueue: SwapQueue;
  readonly examineQueue: ExamineQueue;
  /** Messages that were given up. */
  deadLetters(): readonly (Tick | Wake | Examine)[];
  /** Resolves when no location waits to be swapped or examined; ticks that are not due yet are not waited for. */
  drained(): Promise<void>;
  stop(): Promise<void>;
};

/** Both queues of the cloud, in this process, each feeding its function. `doubleEvery`: see `createStandardQueue`. */
export function localQueues(
  deps: { readonly clock: Clock; readonly log: Log; readonly doubleEvery: number },
  functions: {
    tick(tick: Tick): Promise<void>;
    swap(wake: Wake): Promise<void>;
    examine(request: Examine): Promise<void>;
  },
): LocalQueues {
  const { clock, log, doubleEvery } = deps;
  const ticks = createStandardQueue<Tick>({
    ...cloudShape.queue,
    name: "tick queue",
    clock,
    log,
    concurrency: cloudShape.concurrency.ticks,
    doubleEvery,
    handle: (tick) => functions.tick(tick),
  });
  const swaps = createFifoQueue<Wake | Examine>({
    ...cloudShape.queue,
    name: "swap queue",
    clock,
    log,
    concurrency: cloudShape.concurrency.swaps,
    handle: (message) => ("kind" in message ? functions.examine(message) : functions.swap(message)),
  });
  return {
    tickQueue: {
      async send(messages) {
        for (const tick of messages) ticks.send(tick, tickDelayS(tick.kind, tick.dueMs - clock.nowMs()) * 1_000);
      },
    },
    swapQueue: {
      async wake(wakes) {
        for (const wake of wakes) swaps.send(wake, wake.locationId);
      },
    },
    examineQueue: {
      async examine(requests) {
        for (const [at, request] of requests.entries()) swaps.send(request, `examine-${at % doctorLimits.lanes}`);
      },
    },
    deadLetters: () => [...ticks.state.deadLetters, ...swaps.state.deadLetters],
    drained: () => swaps.drained(),
    async stop() {
      await Promise.all([ticks.stop(), swaps.stop()]);
    },
  };
}
