import type { LinkState } from "../../shared/domain/election/state.ts";
import { isMajority, suspicionWaitMs, votesOn } from "../../shared/domain/election/suspicion.ts";
import type { Host, HostPlace, Location } from "../../shared/domain/network.ts";
import type { HostRecord } from "../../shared/domain/records.ts";
import { electNow } from "../failover/elect-now.ts";
import type { HeartbeatDeps } from "./deps.ts";

/** The hosts that a reporter lost with the heartbeat at hand, where they are active as far as is known. */
export function newlyLost(state: LinkState, reporter: HostPlace, written: HostRecord): readonly HostPlace[] {
  const lost: HostPlace[] = [];
  for (const location of state.link.locations) {
    if (location.id === reporter.location.id) continue;
    const activeId = state.facts.get(location.id)?.head?.activeHostId;
    const host = location.hosts.find((one) => one.id === activeId);
    if (host !== undefined && isJustLost(written, host)) lost.push({ link: state.link, location, host });
  }
  return lost;
}

function isJustLost(written: HostRecord, host: Host): boolean {
  const sinceMs = written.lost[host.ordinal];
  return sinceMs !== undefined && sinceMs >= written.lastSeenMs;
}

/**
 * A remote host lost an active host: marks it as suspected, so that its next heartbeat is persisted at once, and has
 * it judged after two of its own intervals. Where it was marked before and its time is over, this report may be the
 * one that completes the suspicion, and it is judged now. `state` is what this container last saw of the link.
 */
export async function raiseSuspicion(
  deps: HeartbeatDeps,
  state: LinkState,
  suspect: HostPlace,
  reporter: HostPlace,
): Promise<void> {
  const { link, location, host } = suspect;
  const ref = { linkId: link.id, locationId: location.id };
  const { value: records } = await deps.store.readLocation(link.id, location.id);
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
  const ticks = await deps.tickQueue();
  await ticks.send([{ kind: "moment", ...ref, dueMs: evaluateMs }]);
  await deps.store.tell({
    atMs: nowMs,
    kind: "suspicion-raised",
    severity: "info",
    ...ref,
    hostId: host.id,
    by: "heartbeat",
    message: `${link.name}/${location.name}/${host.name} is suspected: ${reporter.location.name}/${reporter.host.name} cannot reach it any more`,
  });
}

/** What a container saw may be a second old: a vote short of a majority is worth a strongly consistent look. */
function couldBeMajority(state: LinkState, location: Location, host: Host, nowMs: number): boolean {
  const votes = votesOn(state, location, host, nowMs);
  return isMajority({ voters: votes.voters, cannotReach: votes.cannotReach + 1 });
}
