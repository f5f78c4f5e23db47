/** Virtual time of one world, and everything that is to happen in it. */
export type Timeline = {
  /** True time, milliseconds since 1970. */
  nowMs(): number;
  /** Has `run` called at a time (not before now); those of the same time in the order in which they were asked for. */
  at(atMs: number, run: () => void): void;
  /** Resolves after `ms` of true time. */
  after(ms: number): Promise<void>;
  /** Lets time go on until `untilMs`, or until `stop` was called; everything that can go on does so between two events. */
  run(untilMs: number): Promise<void>;
  /** Ends `run` after the event at hand. */
  stop(): void;
  /** Events so far. */
  readonly steps: number;
};

type Due = { readonly atMs: number; readonly order: number; readonly run: () => void };

/** Events that are worked off between two turns of the machine's own event loop. */
const batch = 256;

/** A timeline that begins at `startMs`. */
export function createTimeline(startMs: number): Timeline {
  const heap = createHeap();
  let nowMs = startMs;
  let order = 0;
  let steps = 0;
  let isStopped = false;

  const at = (atMs: number, run: () => void): void => heap.push({ atMs: Math.max(nowMs, atMs), order: order++, run });
  return {
    nowMs: () => nowMs,
    at,
    after: (ms) => new Promise((resolve) => at(nowMs + ms, resolve)),
    run(untilMs) {
      isStopped = false;
      return new Promise((resolve) => {
        let isOver = false;
        let left = 0;
        // Between two immediates of one batch the machine runs all promises that are ready.
        const step = (): void => {
          left--;
          if (isOver) return;
          const next = heap.peek();
          if (isStopped || next === undefined || next.atMs > untilMs) {
            isOver = true;
            if (!isStopped) nowMs = Math.max(nowMs, untilMs);
            resolve();
            return;
          }
          heap.pop();
          nowMs = next.atMs;
          steps++;
          next.run();
          if (left === 0) schedule();
        };
        const schedule = (): void => {
          left = batch;
          for (let n = 0; n < batch; n++) setImmediate(step);
        };
        schedule();
      });
    },
    stop() {
      isStopped = true;
    },
    get steps() {
      return steps;
    },
  };
}

function isBefore(a: Due, b: Due): boolean {
  return a.atMs !== b.atMs ? a.atMs < b.atMs : a.order < b.order;
}

/** A binary heap: what is due first, and was asked for first, is on top. */
function createHeap() {
  const items: Due[] = [];
  const swap = (a: number, b: number): void => {
    const one = items[a];
    const other = items[b];
    if (one === undefined || other === undefined) return;
    items[a] = other;
    items[b] = one;
  };
  const less = (a: number, b: number): boolean => {
    const one = items[a];
    const other = items[b];
    return one !== undefined && other !== undefined && isBefore(one, other);
  };
  return {
    peek: (): Due | undefined => items[0],
    push(due: Due): void {
      items.push(due);
      for (let at = items.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1;
        if (!less(at, parent)) return;
        swap(at, parent);
        at = parent;
      }
    },
    pop(): void {
      const last = items.pop();
      if (last === undefined || items.length === 0) return;
      items[0] = last;
      for (let at = 0; ; ) {
        const left = at * 2 + 1;
        let first = at;
        if (less(left, first)) first = left;
        if (less(left + 1, first)) first = left + 1;
        if (first === at) return;
        swap(at, first);
        at = first;
      }
    },
  };
}
