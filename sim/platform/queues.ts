import { tickDelayS } from "../../shared/domain/tick-delay.ts";
import type { SwapQueue, Tick, TickQueue, Wake } from "../../shared/ports/queues.ts";
import type { Timeline } from "../engine/timeline.ts";
import type { Weather } from "../faults/weather.ts";
import type { Process } from "./process.ts";

/** The two queues of a world, as every process reaches them. */
export type Queues = {
  ticks(process: Process): TickQueue;
  swaps(process: Process): SwapQueue;
  /** Messages that were given up after the last delivery. */
  readonly dead: readonly string[];
};

export type QueueOptions = {
  readonly timeline: Timeline;
  readonly weather: Weather;
  readonly tick: (tick: Tick) => Promise<unknown>;
  readonly swap: (wake: Wake) => Promise<unknown>;
};

const sendMs = [3, 15] as const;
const deliverMs = [20, 250] as const;
/** How late an unlucky message is, ms. */
const lateMs = [2_000, 30_000] as const;
/** As in `deploy/aws/queues.yml`. */
const visibilityMs = 36_000;
const deliveries = 3;

export function createQueues({ timeline, weather, tick, swap }: QueueOptions): Queues {
  const { chance } = weather;
  const dead: string[] = [];
  /** Wakes that wait, by location; the first is the one under way. */
  const groups = new Map<string, Wake[]>();

  const copies = (what: string): number => (weather.strikes("queue-duplicate", what) ? 2 : 1);
  const delay = (what: string): number =>
    chance.within(...deliverMs) + (weather.strikes("queue-delay", what) ? chance.within(...lateMs) : 0);

  const deliverTick = async (message: Tick, afterMs: number): Promise<void> => {
    await timeline.after(afterMs + delay(`tick ${message.kind}`));
    for (let time = 1; time <= deliveries; time++) {
      const done = await tick(message).then(
        () => true,
        () => false,
      );
      if (done) return;
      await timeline.after(visibilityMs);
    }
    dead.push(`tick ${message.kind}`);
  };

  const deliverFirst = async (locationId: string): Promise<void> => {
    const group = groups.get(locationId) ?? [];
    for (let message = group[0]; message !== undefined; message = group[0]) {
      for (let time = 1; ; time++) {
        const begunMs = timeline.nowMs();
        const done = await swap(message).then(
          () => true,
          () => false,
        );
        if (done) break;
        if (time === deliveries) {
          dead.push(`wake ${locationId}`);
          break;
        }
        await timeline.after(Math.max(0, begunMs + visibilityMs - timeline.nowMs()));
      }
      group.shift();
    }
    groups.delete(locationId);
  };
  const enqueue = (message: Wake): void => {
    const group = groups.get(message.locationId);
    if (group !== undefined) return void group.push(message);
    groups.set(message.locationId, [message]);
    void deliverFirst(message.locationId);
  };

  const send = (process: Process, what: string, accept: () => void): Promise<void> =>
    process.outward(what, async () => {
      await timeline.after(chance.within(...sendMs));
      const isRefused = weather.strikes("queue-refuse", what);
      // Half of the refusals are lies: the message was taken, and the answer is lost.
      if (!isRefused || chance.is(0.5)) accept();
      if (isRefused) throw new Error(`${what}: the queue cannot be reached`);
    });

  return {
    dead,
    ticks: (process) => ({
      send: (ticks) =>
        send(process, "send ticks", () => {
          for (const message of ticks) {
            const delayMs = tickDelayS(message.kind, message.dueMs - process.clock.nowMs()) * 1_000;
            for (let copy = copies("tick"); copy > 0; copy--) void deliverTick(message, delayMs);
          }
        }),
    }),
    swaps: (process) => ({
      wake: (wakes) =>
        send(process, "send wakes", () => {
          for (const message of wakes) {
            for (let copy = copies("wake"); copy > 0; copy--) {
              void timeline.after(delay("wake")).then(() => enqueue(message));
            }
          }
        }),
    }),
  };
}
