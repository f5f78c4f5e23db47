import type { Chance } from "../engine/chance.ts";
import type { Timeline } from "../engine/timeline.ts";
import type { Observe, Writer } from "../facts.ts";
import type { Weather } from "../faults/weather.ts";
import { createProcess, type Process } from "./process.ts";

/** One function of the platform: calls of it, each on a container of its own for as long as it takes. */
export type FunctionPool<In, Out> = {
  /** Rejects when the call failed: an exception, a killed container, or the function's time-out. */
  invoke(input: In): Promise<Out>;
  /** The processes that exist now. */
  readonly processes: readonly Process[];
  /** Nothing of it runs, and what is asked of it fails. */
  isDown: boolean;
};

export type FunctionOptions<In, Out> = {
  readonly role: Writer["role"];
  /** After this the platform takes a call for failed, and ends its container unless that stands still. ms */
  readonly timeoutMs: number;
  /** Idle containers that are kept. */
  readonly keep: number;
  readonly timeline: Timeline;
  readonly weather: Weather;
  readonly chance: Chance;
  readonly observe: Observe;
  /** Makes what runs in a container. */
  readonly boot: (process: Process) => (input: In) => Promise<Out>;
};

type Container<In, Out> = { readonly process: Process; readonly handle: (input: In) => Promise<Out> };

/** A cold start, ms. */
const coldMs = [200, 900] as const;
/** One call in so many starts cold although a container is idle. */
const coldOdds = 0.002;
/** A container's clock is at most this far off where nothing is wrong with it, ms: two of them by a second. */
const usualOffsetMs = 500;

/** A function whose calls fail once it is down, has too little time, or loses its container. */
export function createFunction<In, Out>(options: FunctionOptions<In, Out>): FunctionPool<In, Out> {
  const { role, timeline, weather, chance } = options;
  const idle: Container<In, Out>[] = [];
  const processes = new Set<Process>();
  const waiting = new Map<Process, (error: Error) => void>();
  let made = 0;

  const start = async (): Promise<Container<In, Out>> => {
    await timeline.after(chance.within(...coldMs));
    made++;
    const process: Process = createProcess({
      name: `${role}-${made}`,
      role,
      clockOffsetMs: chance.within(-usualOffsetMs, usualOffsetMs),
      timeline,
      weather,
      chance: chance.fork(`process ${made}`),
      killed: () => {
        processes.delete(process);
        const at = idle.findIndex((container) => container.process === process);
        if (at >= 0) idle.splice(at, 1);
        waiting.get(process)?.(new Error("the container was killed"));
      },
    });
    processes.add(process);
    return { process, handle: options.boot(process) };
  };

  const take = async (): Promise<Container<In, Out>> => {
    const ready = idle.filter(({ process }) => !process.isFrozen);
    if (ready.length === 0 || chance.is(coldOdds)) return start();
    const container = chance.pick(ready);
    idle.splice(idle.indexOf(container), 1);
    return container;
  };

  const run = (container: Container<In, Out>, input: In): Promise<Out> =>
    new Promise((resolve, reject) => {
      const { process } = container;
      let isOver = false;
      const end = (settle: () => void): void => {
        if (isOver) return;
        isOver = true;
        waiting.delete(process);
        settle();
      };
      const release = (): void => {
        if (!process.isAlive || idle.includes(container)) return;
        if (idle.length < options.keep) idle.push(container);
        else processes.delete(process);
      };
      waiting.set(process, (error) => end(() => reject(error)));
      timeline.at(timeline.nowMs() + options.timeoutMs, () => {
        if (isOver) return;
        // What stands still goes on later, when nobody waits for it any more.
        if (process.isFrozen) end(() => reject(new Error("timed out")));
        else process.kill();
      });
      container.handle(input).then(
        (value) => {
          release();
          end(() => resolve(value));
        },
        (error: unknown) => {
          release();
          end(() => reject(error));
        },
      );
    });

  const pool: FunctionPool<In, Out> = {
    isDown: false,
    get processes() {
      return [...processes];
    },
    async invoke(input) {
      if (pool.isDown) throw new Error("the platform does not answer");
      try {
        const container = await take();
        if (pool.isDown) throw new Error("the platform does not answer");
        return await run(container, input);
      } catch (error) {
        options.observe({ kind: "invocation-failed", atMs: timeline.nowMs(), role, error: String(error) });
        throw error;
      }
    },
  };
  return pool;
}
