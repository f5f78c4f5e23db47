import { Worker } from "node:worker_threads";
import type { Job, Told } from "./job.ts";

/** What came of a job. `hung`: it took longer than it may. */
export type Outcome = Extract<Told, { kind: "done" | "broke" }> | { readonly kind: "hung" };

export type Listener = (told: Extract<Told, { kind: "underway" | "lines" }>) => void;

/** Workers that run worlds, each one at a time. */
export type Pool = {
  /** Waits for a free worker and has it run a world. Never rejects. */
  run(job: Job, listener?: Listener): Promise<Outcome>;
  close(): Promise<void>;
};

type Waiting = { readonly job: Job; readonly listener: Listener; readonly settle: (outcome: Outcome) => void };

/**
 * Starts up to `size` workers of a bundled simulator, each when it is first needed. `hangMs`: wall time after which a
 * world that says nothing is given up and its worker ended, so that an endless loop does not stop a run.
 */
export function openPool(path: string, size: number, hangMs: number): Pool {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const queue: Waiting[] = [];

  const next = (): void => {
    if (queue.length === 0) return;
    const worker = idle.pop() ?? (all.size < size ? start() : undefined);
    const waiting = worker === undefined ? undefined : queue.shift();
    if (worker !== undefined && waiting !== undefined) give(worker, waiting);
  };
  const start = (): Worker => {
    const worker = new Worker(path, {
      env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
      // A world makes much that lives for a moment: with a large nursery most of it is never moved.
      resourceLimits: { maxYoungGenerationSizeMb: 128 },
    });
    all.add(worker);
    return worker;
  };
  const give = (worker: Worker, { job, listener, settle }: Waiting): void => {
    let timer: NodeJS.Timeout | undefined;
    const end = (outcome: Outcome, isUsable: boolean): void => {
      clearTimeout(timer);
      // Not all listeners: the worker has some of its own, without which it hears nothing.
      for (const event of ["message", "error", "exit"]) worker.removeAllListeners(event);
      if (isUsable) idle.push(worker);
      else {
        all.delete(worker);
        worker.on("error", () => undefined);
        void worker.terminate();
      }
      settle(outcome);
      next();
    };
    const watch = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => end({ kind: "hung" }, false), hangMs);
    };
    worker.on("message", (told: Told) => {
      if (told.kind === "done" || told.kind === "broke") return end(told, told.kind === "done");
      watch();
      listener(told);
    });
    worker.on("error", (error: Error) => end({ kind: "broke", error: error.stack ?? error.message }, false));
    worker.on("exit", (code) => end({ kind: "broke", error: `the worker ended with ${code}` }, false));
    watch();
    worker.postMessage(job);
  };

  return {
    run: (job, listener = () => undefined) =>
      new Promise((settle) => {
        queue.push({ job, listener, settle });
        next();
      }),
    async close() {
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}
