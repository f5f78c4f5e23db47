import type { PromiseNumber } from "../checks/check.ts";
import { type FaultKind, faultKinds } from "../faults/kinds.ts";
import type { WorldResult } from "../world/world.ts";
import type { Finding, WorldName } from "./types.ts";

/** What all worlds of a run come to. */
export type Tally = {
  readonly worlds: number;
  readonly simulatedMs: number;
  readonly steps: number;
  readonly heartbeats: number;
  readonly decisions: number;
  readonly failovers: number;
  readonly routeCalls: number;
  readonly staleLandings: number;
  readonly faults: Readonly<Record<FaultKind, number>>;
};

export const promises: readonly PromiseNumber[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, "false-failover"];

export const nothing: Tally = {
  worlds: 0,
  simulatedMs: 0,
  steps: 0,
  heartbeats: 0,
  decisions: 0,
  failovers: 0,
  routeCalls: 0,
  staleLandings: 0,
  faults: byKind(() => 0),
};

/** A tally with one more world in it. The order of worlds does not matter. */
export function withWorld(tally: Tally, world: WorldResult): Tally {
  return {
    worlds: tally.worlds + 1,
    simulatedMs: tally.simulatedMs + world.simulatedMs,
    steps: tally.steps + world.steps,
    heartbeats: tally.heartbeats + world.heartbeats,
    decisions: tally.decisions + world.decisions,
    failovers: tally.failovers + world.failovers,
    routeCalls: tally.routeCalls + world.routeCalls,
    staleLandings: tally.staleLandings + world.staleLandings,
    faults: byKind((kind) => tally.faults[kind] + (world.faults[kind] ?? 0)),
  };
}

/** All faults together. */
export function countFaults(tally: Pick<Tally, "faults">): number {
  return faultKinds.reduce((sum, kind) => sum + tally.faults[kind], 0);
}

/** The violations of a world, oldest first. */
export function findingsOf(world: WorldName, { violations, startMs }: WorldResult): readonly Finding[] {
  return violations.map((violation) => ({ world, violation, atMs: violation.atMs - startMs }));
}

/** Of findings in any order, the first of each promise and check, by seed: those that are worth a closer look. */
export function firstOfEach(findings: readonly Finding[]): readonly Finding[] {
  const first = new Map<string, Finding>();
  for (const finding of inOrder(findings)) {
    const key = `${finding.violation.promise} ${finding.violation.check}`;
    if (!first.has(key)) first.set(key, finding);
  }
  return [...first.values()];
}

/** By seed, then time. */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => a.world.seed - b.world.seed || a.atMs - b.atMs);
}

function byKind(count: (kind: FaultKind) => number): Record<FaultKind, number> {
  return Object.fromEntries(faultKinds.map((kind) => [kind, count(kind)])) as Record<FaultKind, number>;
}
