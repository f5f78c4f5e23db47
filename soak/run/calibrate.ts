import { availableParallelism } from "node:os";
import type { Clock } from "../../shared/ports/clock.ts";
import { emptyTally } from "../agents/tally.ts";
import { soakBounds } from "../bounds.ts";
import type { Crew } from "./crew.ts";
import type { Meters } from "./meters.ts";

/** What a heartbeat costs here, and the sleep that follows from it. */
export type Pace = {
  /** Processor time of server, database and agents together, for one heartbeat; undefined where it cannot be measured. ms */
  readonly cpuMs: number | undefined;
  readonly processors: number;
  readonly sleepMs: number;
  /** Whether even the longest sleep asks for more than the share. */
  readonly isTooMuch: boolean;
};

/** Measures what heartbeats cost while agents run at their first pace. `askedMs` is the user's own choice of sleep. */
export async function calibrate(
  crew: Crew,
  meters: Meters,
  askedMs: number | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<Pace> {
  crew.tally = emptyTally();
  await meters.sample();
  const before = meters.cpuS();
  await clock.sleep(soakBounds.calibrateMs, signal);
  await meters.sample();
  const usedMs = (meters.cpuS() - before) * 1000;
  return paceFor(crew.agents.length, usedMs, crew.tally.answered, availableParallelism(), askedMs);
}

/** The pace for so many hosts, when `answered` heartbeats took `usedMs` of processor time. */
export function paceFor(
  hosts: number,
  usedMs: number,
  answered: number,
  processors: number,
  askedMs: number | undefined,
): Pace {
  const { shortestSleepMs, longestSleepMs, processorShare } = soakBounds;
  const cpuMs = answered > 0 && usedMs > 0 ? usedMs / answered : undefined;
  const neededMs = ((cpuMs ?? 0) * hosts) / (processors * processorShare);
  // In steps of a tenth of a second, upwards.
  const carriedMs = Math.ceil(neededMs / 100) * 100;
  const measuredMs = cpuMs === undefined ? longestSleepMs : carriedMs;
  const sleepMs = askedMs ?? Math.min(longestSleepMs, Math.max(shortestSleepMs, measuredMs));
  return { cpuMs, processors, sleepMs, isTooMuch: carriedMs > sleepMs };
}
