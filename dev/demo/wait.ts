import type { Clock } from "../../shared/ports/clock.ts";

/** How a wait tells that it goes on: called about every two seconds, with what it waits for. */
type Progress = (text: string) => void;

export type Wait = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly progress: Progress;
};

const LOOK_EVERY_MS = 50;
const TELL_EVERY_MS = 2_000;

/** The demonstration was stopped by its user. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/**
 * Looks again and again until there is something to see, and returns it; undefined when there is nothing after `limitMs`.
 * Throws `Interrupted` when the signal aborts.
 */
export async function waitFor<T>(
  wait: Wait,
  limitMs: number,
  what: () => string,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T | undefined> {
  const { clock, signal } = wait;
  const beganMs = clock.monotonicMs();
  for (let toldMs = beganMs; ; ) {
    if (signal.aborted) throw new Interrupted("interrupted");
    const seen = await look();
    if (seen !== undefined) return seen;
    const nowMs = clock.monotonicMs();
    if (nowMs - beganMs >= limitMs) return undefined;
    if (nowMs - toldMs >= TELL_EVERY_MS) {
      toldMs = nowMs;
      wait.progress(`${what()} (${Math.round((nowMs - beganMs) / 1000)} s)`);
    }
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}
