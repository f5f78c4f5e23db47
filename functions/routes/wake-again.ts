import { limits } from "../../shared/domain/limits.ts";
import type { Wake } from "../../shared/ports/queues.ts";
import type { Run } from "./situation.ts";

/** Wakes the location again at once, in the next round. A message that cannot be sent is left to the reconcile. */
export async function wakeNow(run: Run, cause: Wake["cause"]): Promise<void> {
  const round = run.wake.round + 1;
  if (round >= limits.swapRounds) return;
  await attempt(run, async () => {
    const queue = await run.deps.swapQueue();
    await queue.wake([{ ...run.ref, cause, round }]);
  });
}

/** Wakes the location again at a time (wall clock, ms), in the next round; else the reconcile does it. */
export async function wakeAt(run: Run, cause: Wake["cause"], dueMs: number): Promise<void> {
  const round = run.wake.round + 1;
  if (round >= limits.swapRounds) return;
  await attempt(run, async () => {
    const queue = await run.deps.tickQueue();
    await queue.send([{ kind: "wake", ...run.ref, cause, round, dueMs }]);
  });
}

async function attempt(run: Run, send: () => Promise<void>): Promise<void> {
  try {
    await send();
  } catch (error) {
    run.deps.log.warn("routes function not woken again: the reconcile goes on", { ...run.ref, error: String(error) });
  }
}
