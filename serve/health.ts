import type { Clock } from "../shared/ports/clock.ts";
import { serveLimits } from "./limits.ts";

/** How one part does. `agoMs`: since it last did well. */
type PartHealth = { readonly ok: boolean; readonly agoMs: number; readonly error?: string };

/** What `/healthz?verbose` shows. */
export type HealthReport = {
  readonly ok: boolean;
  /** Names of the parts that fail: `database`, `schedule`, `stopping`. */
  readonly failing: readonly string[];
  readonly uptimeMs: number;
  readonly database: PartHealth;
  readonly schedule: PartHealth;
};

/** What is known of the parts that a server cannot do without. */
export type Health = {
  readonly database: Pulse;
  readonly schedule: Pulse;
  /** From now on the server is to be left alone: it is about to end. */
  stopping(): void;
  report(): HealthReport;
};

type Pulse = {
  /** It did its work just now. */
  well(): void;
  /** It failed; `reason` is shown to whoever may see the details. */
  badly(reason: string): void;
};

/**
 * The health of a server: it is well while its database answered within 30 s and its schedule ran within 150 s, and does not
 * stop. Both count as well when the server starts. Time is that of the monotonic clock.
 */
export function createHealth(clock: Pick<Clock, "monotonicMs">): Health {
  const startedMs = clock.monotonicMs();
  const database = pulse(clock, serveLimits.databaseSilentMs);
  const schedule = pulse(clock, serveLimits.scheduleSilentMs);
  let isStopping = false;
  return {
    database,
    schedule,
    stopping() {
      isStopping = true;
    },
    report() {
      const parts = { database: database.state(), schedule: schedule.state() };
      const failing = [
        ...(parts.database.ok ? [] : ["database"]),
        ...(parts.schedule.ok ? [] : ["schedule"]),
        ...(isStopping ? ["stopping"] : []),
      ];
      return { ok: failing.length === 0, failing, uptimeMs: Math.round(clock.monotonicMs() - startedMs), ...parts };
    },
  };
}

function pulse(clock: Pick<Clock, "monotonicMs">, silentMs: number): Pulse & { state(): PartHealth } {
  let lastMs = clock.monotonicMs();
  let error: string | undefined;
  return {
    well() {
      lastMs = clock.monotonicMs();
      error = undefined;
    },
    badly(reason) {
      error = reason;
    },
    state() {
      const agoMs = Math.round(clock.monotonicMs() - lastMs);
      return { ok: agoMs <= silentMs, agoMs, ...(error === undefined ? {} : { error }) };
    },
  };
}
