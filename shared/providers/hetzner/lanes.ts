/** What is done in one network is done one after the other: it takes one action at a time. */
export type Lanes = {
  /** Begins when all that was handed in before for the same network is done. */
  alone<T>(network: string, work: () => Promise<T>): Promise<T>;
};

/**
 * Lanes of one project, for all locations of this process: without them one location's call could come between the two
 * calls of another one's swap, which would wait for it without a route.
 */
export function lanes(): Lanes {
  const tails = new Map<string, Promise<unknown>>();
  return {
    async alone(network, work) {
      const before = tails.get(network);
      const mine = before === undefined ? work() : before.then(work);
      const tail = mine.catch(() => undefined);
      tails.set(network, tail);
      try {
        return await mine;
      } finally {
        if (tails.get(network) === tail) tails.delete(network);
      }
    },
  };
}
