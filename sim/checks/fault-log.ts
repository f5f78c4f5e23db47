import type { Fact } from "../facts.ts";
import { type FaultKind, faultKinds } from "../faults/kinds.ts";
import { lingerMs } from "./allowances.ts";

/** When what kind of fault struck last. */
export type FaultLog = {
  note(fact: Fact): void;
  /** Whether one of these kinds was on at some time since then, or still made itself felt. */
  wasFelt(kinds: readonly FaultKind[], sinceMs: number): boolean;
  /** Whether one of these kinds was on at some time since then. */
  wasOn(kinds: readonly FaultKind[], sinceMs: number): boolean;
};

const withPrefix = (...prefixes: readonly string[]): readonly FaultKind[] =>
  faultKinds.filter((kind) => prefixes.some((prefix) => kind.startsWith(prefix)));

export const databaseFaults = withPrefix("db-", "outage-functions");
export const containerFaults = withPrefix("container-");
/** What keeps routes from being put right. */
export const routeFaults = [
  ...databaseFaults,
  ...containerFaults,
  ...withPrefix("cloud-", "queue-", "schedule-", "interface-", "foreign-", "host-address-lie", "operator-apply"),
] as const;
/** What keeps a container from deciding at once on what it read. */
export const evidenceFaults = [...databaseFaults, ...containerFaults];

export function createFaultLog(): FaultLog {
  /** When the last of a kind ended or ends. */
  const untilMs = new Map<FaultKind, number>();
  return {
    note(fact) {
      if (fact.kind === "fault") untilMs.set(fact.fault, Math.max(fact.untilMs, untilMs.get(fact.fault) ?? 0));
    },
    wasFelt: (kinds, sinceMs) => kinds.some((kind) => (untilMs.get(kind) ?? 0) + lingerMs(kind) >= sinceMs),
    wasOn: (kinds, sinceMs) => kinds.some((kind) => (untilMs.get(kind) ?? 0) >= sinceMs),
  };
}
