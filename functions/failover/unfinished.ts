import { factsOf } from "../../shared/domain/election/state.ts";
import { isTunnelMoveFutile } from "../../shared/domain/election/tunnels.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Location } from "../../shared/domain/network.ts";
import type { Decision } from "../../shared/domain/records.ts";
import { tellDecision } from "./commit.ts";
import type { FailoverDeps } from "./deps.ts";
import type { Evidence } from "./evidence.ts";

/** Whether a decision's routes are not verified yet. */
export function isUnconfirmed(decision: Decision): boolean {
  return decision.swap.state !== "confirmed";
}

/**
 * Whether every sweep wakes the routes function for an unconfirmed decision, in case its own message was lost: only
 * while it is young; after that the minute's reconcile does it.
 */
export function isToBeWoken(decision: Decision, nowMs: number): boolean {
  const ageMs = nowMs - decision.decidedMs;
  return ageMs >= limits.rewakeFromMs && ageMs < limits.rewakeUntilMs;
}

/**
 * Tells again of a decision whose elector may have died before it did: a young one, or one that is not confirmed. One
 * of the last second is left to its own elector.
 */
export async function finishTelling(
  deps: FailoverDeps,
  linkName: string,
  location: Location,
  decision: Decision,
): Promise<void> {
  const { linkId, locationId, epoch, decidedMs } = decision;
  const ageMs = deps.clock.nowMs() - decidedMs;
  if (ageMs > limits.unconfirmedMs && isUnconfirmed(decision)) {
    deps.log.warn("decision not confirmed", { linkId, locationId, epoch, ageMs });
  }
  if (ageMs < limits.rewakeFromMs) return;
  if (ageMs < limits.sweepMs || isUnconfirmed(decision)) await tellDecision(deps, linkName, location, decision);
}

/** Puts away a suspicion that is over, and tells of a tunnel move in vain. What fails is left to the next sweep. */
export async function tidy(deps: FailoverDeps, evidence: Evidence, location: Location, nowMs: number): Promise<void> {
  try {
    await clearSuspicion(deps, evidence, location, nowMs);
    await tellFutile(deps, evidence, location, nowMs);
  } catch (error) {
    deps.log.warn("a location could not be tidied", { locationId: location.id, error: String(error) });
  }
}

async function clearSuspicion(
  deps: FailoverDeps,
  { state, records }: Evidence,
  location: Location,
  nowMs: number,
): Promise<void> {
  const linkId = state.link.id;
  const { head, hosts } = factsOf(state, location);
  const suspicion = records.value.locations.get(location.id)?.suspicion;
  if (suspicion === undefined) return;
  const { hostId, epoch, markedMs } = suspicion.value;
  const isHeard = (hosts.get(hostId)?.lastSeenMs ?? 0) >= markedMs;
  if (!isHeard && epoch === head?.epoch) return;
  const claim = await deps.store.removeSuspicion(linkId, location.id, suspicion.revision);
  if (claim.kind === "lost" || !isHeard) return;
  const name = location.hosts.find((host) => host.id === hostId)?.name ?? hostId;
  await deps.store.tell({
    atMs: nowMs,
    kind: "suspicion-cleared",
    severity: "info",
    linkId,
    locationId: location.id,
    hostId,
    by: "sweep",
    message: `${state.link.name}/${location.name}/${name} was heard again: it is not suspected any more`,
    once: `suspicion-cleared#${hostId}#${markedMs}`,
  });
}

async function tellFutile(deps: FailoverDeps, { state }: Evidence, location: Location, nowMs: number): Promise<void> {
  const { head } = factsOf(state, location);
  if (head === undefined || !isTunnelMoveFutile(state, location, nowMs)) return;
  await deps.store.tell({
    atMs: nowMs,
    kind: "tunnel-failover-futile",
    severity: "warning",
    linkId: state.link.id,
    locationId: location.id,
    by: "sweep",
    message: `${state.link.name}/${location.name}: the move of epoch ${head.epoch} did not bring the tunnels back; the host stays. Look at the far sides and the network between`,
    once: `futile#${location.id}#${head.epoch}`,
  });
}

/** Containers learn of a new configuration from the link's switches: an interrupted apply may not have told them. */
export async function repairSwitches(deps: FailoverDeps, { state, records }: Evidence): Promise<void> {
  const { switches } = records.value;
  if (switches !== undefined && switches.value.networkVersion >= state.networkVersion) return;
  const next = { paused: switches?.value.paused ?? null, networkVersion: state.networkVersion };
  try {
    await deps.store.writeSwitches(state.link.id, next, switches?.revision);
  } catch (error) {
    deps.log.warn("switches could not be repaired", { linkId: state.link.id, error: String(error) });
  }
}
