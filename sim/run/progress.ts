import { countFaults, type Tally } from "./tally.ts";
import type { Underway } from "./types.ts";

export type Progress = {
  readonly done: Tally;
  readonly underway: readonly Underway[];
  readonly worlds: number;
  readonly violations: number;
  readonly wallMs: number;
};

/** One line on how far a run is. */
export function progressLine({ done, underway, worlds, violations, wallMs }: Progress): string {
  const simulatedMs = underway.reduce((sum, world) => sum + world.simulatedMs, done.simulatedMs);
  const heartbeats = underway.reduce((sum, world) => sum + world.heartbeats, done.heartbeats);
  const hours = simulatedMs / 3_600_000;
  const wallS = Math.max(0.001, wallMs / 1_000);
  return [
    `${Math.round(wallS)} s`,
    `${done.worlds} of ${worlds} seeds`,
    `${hours.toFixed(1)} simulated hours (${((hours / wallS) * 60).toFixed(1)} per minute)`,
    `${counted(heartbeats / wallS)} heartbeats/s`,
    `${counted(done.failovers)} failovers`,
    `${counted(countFaults(done))} faults`,
    `${violations} ${violations === 1 ? "violation" : "violations"}`,
  ].join(", ");
}

/** A count with commas. */
export function counted(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** A span of time as a person says it. */
export function spanText(ms: number): string {
  const s = ms / 1_000;
  if (s < 120) return `${s.toFixed(1)} s`;
  if (s < 7_200) return `${(s / 60).toFixed(1)} min`;
  return `${(s / 3_600).toFixed(1)} h`;
}
