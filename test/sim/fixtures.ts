import { type FaultKind, faultKinds, type Incident } from "../../sim/faults/kinds.ts";
import type { WorldResult } from "../../sim/world/world.ts";

export const beganMs = 1_748_736_000_000;

export function incident(number: number, kind: FaultKind = "replay"): Incident {
  return { number, kind, fromMs: number * 1_000, toMs: number * 1_000 + 500, roll: 0.5 };
}

/** What a world may come to. */
export function worldResult(parts: Partial<WorldResult> = {}): WorldResult {
  return {
    seed: 1,
    cloud: "replace",
    locations: 3,
    startMs: beganMs,
    simulatedMs: 3_600_000,
    steps: 1_000,
    heartbeats: 100,
    decisions: 5,
    failovers: 4,
    routeCalls: 20,
    staleLandings: 1,
    faults: Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as WorldResult["faults"],
    violations: [],
    plan: { incidents: [], quietMs: [], endMs: 3_600_000 },
    ...parts,
  };
}

/** A violation of promise 2, found by a check of this name, so many seconds after the beginning. */
export function violation(check: string, atS: number): WorldResult["violations"][number] {
  return { promise: 2, check, atMs: beganMs + atS * 1_000, message: `${check} failed`, about: ["loc1"], step: 77 };
}
