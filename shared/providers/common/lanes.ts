/** What is done in one place is done one after the other: the cloud takes one change of it at a time. */
export type Lanes = {
  /**
   * Begins when all that was handed in before for the same place is done; when the signal aborts first, at once: it is
   * then to begin nothing.
   */
  alone<T>(place: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
};

/**
 * Lanes for all locations of this process: without them their calls would get in each other's way, and one could come
 * between two calls of another that belong together.
 */
export function lanes(): Lanes {
  const tails = new Map<string, Promise<unknown>>();
  return {
    async alone(place, signal, work) {
      const before = tails.get(place);
      const mine = before === undefined ? work() : untilAborted(before, signal).then(work);
      const tail = Promise.allSettled([before, mine]);
      tails.set(place, tail);
      try {
        return await mine;
      } finally {
        void tail.then(() => {
          if (tails.get(place) === tail) tails.delete(place);
        });
      }
    },
  };
}

async function untilAborted(done: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let onAbort = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
    signal.addEventListener("abort", onAbort, { once: true });
  });
  await Promise.race([done, aborted]);
  signal.removeEventListener("abort", onAbort);
}
