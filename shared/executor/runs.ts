import { setMaxListeners } from "node:events";
import { RouteError } from "../domain/errors.ts";
import type { TableRef } from "../domain/routes.ts";
import type { Clock } from "../ports/clock.ts";
import type { Guard } from "../ports/route-provider.ts";
import { executorLimits } from "./limits.ts";

/** A write that is under way in this process. */
export type Run = {
  readonly locationId: string;
  readonly epoch: number;
  /** Asked before every call. Rejects with `closed` when the permit has run out, and when a newer epoch was here. */
  readonly guard: Guard;
  /** What the guard rejects with when the permit has run out: no call was begun for what fails with it. */
  readonly closed: RouteError;
  /** Its client is about to renew the permit: the guard waits for that. */
  expect(): void;
  extend(untilMs: number): void;
};

export type Runs = {
  /** Begins a write under a permit; undefined when too many are under way. */
  begin(
    name: string,
    turn: Pick<Run, "locationId" | "epoch">,
    tables: readonly TableRef[],
    untilMs: number,
  ): Run | undefined;
  find(name: string): Run | undefined;
  end(name: string): void;
};

/** The writes of this process, and the newest epoch that it was asked to write for, by location and table. */
export function createRuns(clock: Clock): Runs {
  const runs = new Map<string, Run>();
  const newest = new Map<string, number>();

  const note = (key: string, epoch: number): void => {
    const known = newest.get(key) ?? -1;
    // The latest that were written for stay: put at the end again.
    newest.delete(key);
    newest.set(key, Math.max(known, epoch));
    for (const oldest of newest.keys()) {
      if (newest.size <= executorLimits.epochs) break;
      newest.delete(oldest);
    }
  };

  return {
    begin(name, { locationId, epoch }, tables, firstUntilMs) {
      if (runs.size >= executorLimits.runs || runs.has(name)) return undefined;
      const keys = tables.map(({ key }) => `${locationId} ${key}`);
      for (const key of keys) note(key, epoch);
      let untilMs = firstUntilMs;
      let isExpecting = false;
      let renewed = renewal();
      const closed = ended();
      const run: Run = {
        locationId,
        epoch,
        closed,
        async guard() {
          if (isExpecting && clock.monotonicMs() > untilMs) {
            await clock.sleep(executorLimits.renewWaitMs, renewed.signal);
          }
          if (keys.some((key) => (newest.get(key) ?? epoch) > epoch)) throw superseded(epoch);
          if (clock.monotonicMs() > untilMs) throw closed;
        },
        expect() {
          isExpecting = true;
        },
        extend(nextMs) {
          if (nextMs <= untilMs) return;
          untilMs = nextMs;
          renewed.abort();
          renewed = renewal();
        },
      };
      runs.set(name, run);
      return run;
    },
    find: (name) => runs.get(name),
    end: (name) => void runs.delete(name),
  };
}

/** Aborts with the next permit. Every call that is about to begin listens: many at once are meant. */
function renewal(): AbortController {
  const renewed = new AbortController();
  setMaxListeners(0, renewed.signal);
  return renewed;
}

function ended(): RouteError {
  const next = "nothing: it is asked for again under a new permit";
  return new RouteError("SUPERSEDED", "not begun before the permit ran out", { retry: "soon", next });
}

function superseded(epoch: number): RouteError {
  const next = "nothing: a newer decision has taken over";
  return new RouteError("SUPERSEDED", `epoch ${epoch} may not write: a newer one was here`, { retry: "never", next });
}
