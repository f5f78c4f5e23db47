import type { ChangeReason } from "../../shared/domain/records.ts";
import { allowances } from "./allowances.ts";
import type { Chronicle } from "./chronicle.ts";
import { evidenceFaults } from "./fault-log.ts";
import type { Commit } from "./head-log.ts";

const bySilence: ReadonlySet<ChangeReason> = new Set(["timed-out", "suspected", "tunnels-down"]);

/** Whether a decision rests on not having heard something. */
export function restsOnSilence({ hosts }: Chronicle, { decision }: Commit): boolean {
  if (bySilence.has(decision.reason)) return true;
  if (decision.reason !== "nobody-available" || decision.previousHostId === null) return false;
  // Nobody is available where the active host said good-bye, too, or was removed.
  const record = hosts.of(decision.previousHostId)?.record;
  return record?.left === null && decision.evidence.includes("last heard");
}

/** How old what a decision rests on may be when it is made. ms */
export function evidenceAgeMs({ faults }: Chronicle, decidedMs: number): number {
  const wasStruck = faults.wasFelt(evidenceFaults, decidedMs - allowances.slowWriteMs);
  return wasStruck ? allowances.evidenceMs : allowances.calmEvidenceMs;
}

/** Whether it is known when a commit was decided: not when a container's clock was moved about meanwhile. */
export function isTimeKnown({ faults }: Chronicle, commit: Commit): boolean {
  const { atMs, decidedMs } = commit;
  if (faults.wasFelt(["container-clock"], Math.min(decidedMs, atMs) - allowances.evidenceMs)) return false;
  return atMs - decidedMs <= allowances.frozenMs + allowances.slowWriteMs;
}
