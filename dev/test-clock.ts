import type { Clock } from "../shared/ports/clock.ts";

type Sleeper = { readonly dueMs: number; readonly order: number; readonly wake: () => void };

/** A clock that stands still until it is advanced; sleepers wake in order of their due time. */
export type TestClock = Clock & {
  /** Moves time on by `ms`, waking every sleeper that falls due on the way, and lets all promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Moves time on to the next sleeper, if there is one; false when nobody sleeps. */
  step(): Promise<boolean>;
  /** Moves time on without waking anybody: for measurements in which nobody sleeps. */
  jump(ms: number): void;
  /** Moves the wall clock alone, as a wrong clock or a correction does. */
  jumpWall(ms: number): void;
  readonly sleepers: number;
};

/** Lets everything that can go on without time passing go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** A virtual clock that begins at `startMs` (milliseconds since 1970). */
export function testClock(startMs = 1_700_000_000_000): TestClock {
  let elapsedMs = 0;
  let wallOffsetMs = startMs;
  let order = 0;
  const sleepers: Sleeper[] = [];

  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      const sleeper: Sleeper = { dueMs: elapsedMs + Math.max(0, ms), order: order++, wake };
      sleepers.push(sleeper);
      sleepers.sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
      const onAbort = () => {
        const at = sleepers.indexOf(sleeper);
        if (at >= 0) sleepers.splice(at, 1);
        resolve();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
    });

  const wakeDue = async (untilMs: number): Promise<void> => {
    for (let next = sleepers[0]; next !== undefined && next.dueMs <= untilMs; next = sleepers[0]) {
      sleepers.shift();
      elapsedMs = Math.max(elapsedMs, next.dueMs);
      next.wake();
      await settle();
    }
  };

  return {
    nowMs: () => wallOffsetMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    sleep,
    async advance(ms) {
      const untilMs = elapsedMs + ms;
      await settle();
      await wakeDue(untilMs);
      elapsedMs = untilMs;
      await settle();
    },
    async step() {
      await settle();
      const next = sleepers[0];
      if (next === undefined) return false;
      await wakeDue(next.dueMs);
      return true;
    },
    jump(ms) {
      elapsedMs += ms;
    },
    jumpWall(ms) {
      wallOffsetMs += ms;
    },
    get sleepers() {
      return sleepers.length;
    },
  };
}
