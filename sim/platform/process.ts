import { elapsedTime } from "../../shared/platform/clock.ts";
import type { Clock, Random } from "../../shared/ports/clock.ts";
import type { Chance } from "../engine/chance.ts";
import type { Timeline } from "../engine/timeline.ts";
import type { Writer } from "../facts.ts";
import type { Weather } from "../faults/weather.ts";

/**
 * A container's process: it may be killed or frozen wherever the code in it waits for something. Nothing that was
 * killed goes on; what is frozen goes on where it was.
 */
export type Process = {
  readonly writer: Writer;
  /** Its own clock, which may be off. */
  readonly clock: Clock;
  readonly random: Random;
  /**
   * A call that leaves the process. It may be killed before (then nothing is sent), or freeze before (then it is sent
   * when the process goes on); once it is under way, `trip` runs to its end whatever becomes of the process.
   */
  outward<T>(what: string, trip: () => Promise<T>): Promise<T>;
  kill(): void;
  freeze(ms: number): void;
  /** Sets its wall clock this far off true time. */
  setClock(offsetMs: number): void;
  readonly isAlive: boolean;
  /** Whether it stands still now. */
  readonly isFrozen: boolean;
};

export type ProcessOptions = {
  readonly name: string;
  readonly role: Writer["role"];
  readonly clockOffsetMs: number;
  readonly timeline: Timeline;
  readonly weather: Weather;
  readonly chance: Chance;
  /** Told when it is killed. */
  readonly killed: () => void;
};

/** The shortest and the longest time that a container stands still, ms. */
const frozenMs = { least: 1_000, most: 120_000 } as const;

export function createProcess(options: ProcessOptions): Process {
  const { name, role, timeline, weather, chance } = options;
  let isAlive = true;
  let frozenUntilMs = 0;
  let offsetMs = options.clockOffsetMs;
  let stoodStillMs = 0;
  const startMs = timeline.nowMs();
  const isFrozen = () => timeline.nowMs() < frozenUntilMs;

  /** Goes on with `run` as soon as the process can; never when it is dead. */
  const resume = (run: () => void): void => {
    if (!isAlive) return;
    if (isFrozen()) timeline.at(frozenUntilMs, () => resume(run));
    else run();
  };
  const freeze = (ms: number): void => {
    if (!isAlive || isFrozen()) return;
    frozenUntilMs = timeline.nowMs() + ms;
    // Where the monotonic clock stands still with the container, the wall clock does not.
    if (chance.is(0.5)) {
      timeline.at(frozenUntilMs, () => {
        stoodStillMs += ms;
      });
    }
  };
  const kill = (): void => {
    if (!isAlive) return;
    isAlive = false;
    options.killed();
  };
  /** A point at which the process may be struck. */
  const strike = (what: string): void => {
    if (weather.strikes("container-kill", `${name} at ${what}`)) kill();
    else if (weather.strikes("container-freeze", `${name} at ${what}`)) {
      freeze(frozenMs.least * (frozenMs.most / frozenMs.least) ** weather.chance.next());
    }
  };

  const nowMs = () => Math.floor(timeline.nowMs() + offsetMs);
  const clock: Clock = {
    nowMs,
    monotonicMs: elapsedTime(() => timeline.nowMs() - startMs - stoodStillMs, nowMs),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        let isOver = false;
        const end = (): void => {
          if (isOver) return;
          isOver = true;
          signal?.removeEventListener("abort", end);
          resolve();
        };
        signal?.addEventListener("abort", end, { once: true });
        timeline.at(timeline.nowMs() + Math.max(0, ms), () => {
          if (!isOver) resume(end);
        });
      }),
  };

  return {
    writer: {
      process: name,
      role,
      get clockOffsetMs() {
        return offsetMs;
      },
    },
    clock,
    random: { bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(chance.next() * 256)) },
    outward(what, trip) {
      return new Promise((resolve, reject) => {
        strike(what);
        resume(() => {
          trip().then(
            (value) => {
              strike(`${what}, answered`);
              resume(() => resolve(value));
            },
            (error: unknown) => resume(() => reject(error)),
          );
        });
      });
    },
    kill,
    freeze,
    setClock(ms) {
      offsetMs = ms;
    },
    get isAlive() {
      return isAlive;
    },
    get isFrozen() {
      return isFrozen();
    },
  };
}
