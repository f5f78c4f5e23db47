import { eventualNext, eventualText, type Replication, replicationGuard } from "../../shared/domain/replication.ts";
import type { TableCare } from "../../shared/ports/table-care.ts";
import type { FailoverDeps } from "./deps.ts";
import type { Evidence } from "./evidence.ts";

/**
 * How the table is replicated, and a line in the log where that is not as it must be. `unknown` is no reason to stop: a
 * right that is missing in a role would otherwise end all fail-over, and only a table known to be eventual is a danger.
 */
export async function checkReplication(deps: FailoverDeps, care: TableCare | undefined): Promise<Replication> {
  if (care === undefined) return { kind: "one-region" };
  const replication = await care.replication();
  switch (replication.kind) {
    case "eventual":
      deps.log.error(eventualText(replication.regions), { next: eventualNext });
      break;
    case "unknown":
      deps.log.warn("it cannot be told how the table is replicated: elections go on", { why: replication.why });
      break;
    case "one-region":
    case "strong":
      break;
    default:
      replication satisfies never;
  }
  return replication;
}

/**
 * Pauses a link whose table is replicated with eventual consistency, so that every elector keeps still, the heartbeat
 * function's too; and lets it go on once that is over. A pause of an operator's stays. Answers whether nothing may be
 * decided now. Throws `DatabaseError`.
 */
export async function guardLink(deps: FailoverDeps, evidence: Evidence, replication: Replication): Promise<boolean> {
  const { state, records } = evidence;
  const { switches } = records.value;
  const paused = switches?.value.paused ?? null;
  const isEventual = replication.kind === "eventual";
  const isOurs = paused?.by === replicationGuard;
  if (isEventual ? paused !== null : !isOurs || replication.kind === "unknown") return isEventual;
  const atMs = deps.clock.nowMs();
  const next = {
    networkVersion: switches?.value.networkVersion ?? state.networkVersion,
    paused: isEventual ? { atMs, by: replicationGuard } : null,
  };
  const claim = await deps.store.writeSwitches(state.link.id, next, switches?.revision);
  if (claim.kind === "lost") return isEventual;
  await deps.store.tell({
    atMs,
    // An event of its own would be carried by every heartbeat; it is the same pause and resume as an operator's.
    kind: "operator",
    severity: isEventual ? "error" : "info",
    linkId: state.link.id,
    by: replicationGuard,
    message: isEventual
      ? `pause of ${state.link.name}: ${eventualText(replication.regions)}. What to do: ${eventualNext}`
      : `resume of ${state.link.name}: the table is not replicated with eventual consistency any more`,
  });
  return isEventual;
}
