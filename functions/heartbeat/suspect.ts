import { factsOf, type LinkState, type LocationFacts } from "../../shared/domain/election/state.ts";
import { isMajority, suspicionWaitMs, votesOn } from "../../shared/domain/election/suspicion.ts";
import type { Host, HostPlace, Location } from "../../shared/domain/network.ts";
import type { HostRecord } from "../../shared/domain/records.ts";
import type { LocationRef } from "../../shared/ports/queues.ts";
import { electNow } from "../failover/elect-now.ts";
import type { HeartbeatDeps } from "./deps.ts";
import { tellBeside } from "./tell-beside.ts";

/**
 * Raises a suspicion against every active host that a reporter lost. What fails is logged, and raised again by the
 * reporter's next record, if the suspect was not heard meanwhile. `stateOf` gives what this container last saw of the link.
 */
export async function raiseSuspicions(
  deps: HeartbeatDeps,
  stateOf: () => LinkState,
  reporter: HostPlace,
  written: HostRecord,
): Promise<void> {
  if (!reporter.link.hostCheck || Object.keys(written.lost).length === 0) return;
  const state = stateOf();
  const raise = async (suspect: HostPlace) => {
    try {
      await raiseSuspicion(deps, state, suspect, reporter);
    } catch (error) {
      deps.log.warn("suspicion not raised", { hostId: suspect.host.id, error: String(error) });
    }
  };
  await Promise.all(newlyLost(state, reporter, written).map(raise));
}

/** The hosts that a reporter lost with the heartbeat at hand, where they are active as far as is known. */
function newlyLost(state: LinkState, reporter: HostPlace, written: HostRecord): readonly HostPlace[] {
  const lost: HostPlace[] = [];
  for (const location of state.link.locations) {
    if (location.id === reporter.location.id) continue;
    const facts = factsOf(state, location);
    const host = location.hosts.find((one) => one.id === facts.head?.activeHostId);
    if (host !== undefined && isToBeMarked(written, host, facts)) lost.push({ link: state.link, location, host });
  }
  return lost;
}

/** Lost just now; or before, and neither marked (that failed then) nor heard since. */
function isToBeMarked(written: HostRecord, host: Host, facts: LocationFacts): boolean {
  const sinceMs = written.lost[host.ordinal];
  if (sinceMs === undefined) return false;
  if (sinceMs >= written.lastSeenMs) return true;
  const { head, hosts, suspicion } = facts;
  const isMarked = suspicion?.hostId === host.id && suspicion.epoch === head?.epoch;
  return !isMarked && (hosts.get(host.id)?.lastSeenMs ?? sinceMs) < sinceMs;
}

/**
 * A remote host lost an active host: marks it as suspected, so that its next heartbeat is persisted at once, and has
 * it judged after two of its own intervals. Where it was marked before and its time is over, this report may be the
 * one that completes the suspicion, and it is judged now.
 */
async function raiseSuspicion(
  deps: HeartbeatDeps,
  state: LinkState,
  suspect: HostPlace,
  reporter: HostPlace,
): Promise<void> {
  const { link, location, host } = suspect;
  const ref = { linkId: link.id, locationId: location.id };
  const { value: records } = await deps.store.readLocation(link.id, location.id, "strong");
  const record = records.hosts.get(host.id)?.value;
  const head = records.head?.value;
  if (record === undefined || head === undefined || head.activeHostId !== host.id) return;
  const nowMs = deps.clock.nowMs();
  const mark = records.suspicion;
  const isOpen =
    mark?.value.hostId === host.id && mark.value.epoch === head.epoch && record.lastSeenMs < mark.value.markedMs;
  if (isOpen) {
    if (nowMs >= mark.value.evaluateMs && couldBeMajority(state, location, host, nowMs)) {
      await electNow(deps, ref, "heartbeat");
    }
    return;
  }
  const evaluateMs = nowMs + suspicionWaitMs(record);
  const next = { hostId: host.id, epoch: head.epoch, markedMs: nowMs, evaluateMs, by: reporter.host.id };
  const claim = await deps.store.writeSuspicion(link.id, location.id, next, mark?.revision);
  if (claim.kind === "lost") return;
  await sendMoment(deps, { ...ref, dueMs: evaluateMs });
  await tellBeside(deps, {
    atMs: nowMs,
    kind: "suspicion-raised",
    severity: "info",
    ...ref,
    hostId: host.id,
    by: "heartbeat",
    message: `${link.name}/${location.name}/${host.name} is suspected: ${reporter.location.name}/${reporter.host.name} cannot reach it any more`,
  });
}

/** Has a location judged at a moment; where that cannot be sent, the next sweep sees the mark. */
async function sendMoment(deps: HeartbeatDeps, moment: LocationRef & { readonly dueMs: number }): Promise<void> {
  try {
    const ticks = await deps.tickQueue();
    await ticks.send([{ kind: "moment", ...moment }]);
  } catch (error) {
    deps.log.warn("no tick for a suspicion", { locationId: moment.locationId, error: String(error) });
  }
}

/** What a container saw may be a second old: a vote short of a majority is worth a strongly consistent look. */
function couldBeMajority(state: LinkState, location: Location, host: Host, nowMs: number): boolean {
  const votes = votesOn(state, location, host, nowMs);
  return isMajority({ voters: votes.voters, cannotReach: votes.cannotReach + 1 });
}
