import { noBits } from "../../shared/domain/bits.ts";
import { isClockRight } from "../../shared/domain/clock-check.ts";
import { credit } from "../../shared/domain/crediting.ts";
import { steadyFrom } from "../../shared/domain/election/availability.ts";
import { applyReport, type HostReport, persistEveryMs, type Role } from "../../shared/domain/host-report.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { HostPlace } from "../../shared/domain/network.ts";
import type { Decision, HostRecord, Pulse } from "../../shared/domain/records.ts";
import { peerBits } from "../../shared/domain/topology.ts";
import type { Observed } from "../../shared/ports/database.ts";
import type { LocationRecords } from "../../shared/ports/store.ts";
import type { ClockEvents } from "./clock-events.ts";
import type { HeartbeatDeps } from "./deps.ts";
import type { KeepPulse } from "./pulse.ts";

/**
 * What became of a heartbeat. `replayed`: its nonce is on record. `kept`: the sender gets its answer; `records` are the
 * location's as they now stand, `written` is the sender's new record where one was written and `prior` the one that it
 * replaced, `pulse` as last known.
 */
export type Recorded =
  | { readonly kind: "replayed" }
  | {
      readonly kind: "kept";
      readonly records: LocationRecords;
      readonly prior: HostRecord | undefined;
      readonly written: HostRecord | undefined;
      readonly pulse: Pulse | undefined;
    };

/** Credits a heartbeat and records it in one conditional write, if it has news or is due. Throws `DatabaseError`. */
export async function recordHeartbeat(
  deps: HeartbeatDeps,
  place: HostPlace,
  report: HostReport,
  first: Observed<LocationRecords>,
  seenPulse: Pulse | undefined,
  keepPulse: KeepPulse,
  clocks: ClockEvents,
): Promise<Recorded> {
  let observed = first;
  for (let attempt = 0; attempt < limits.writeAttempts; attempt++) {
    if (attempt > 0) observed = await deps.store.readLocation(place.link.id, place.location.id, "strong");
    const records = observed.value;
    const prior = records.hosts.get(place.host.id);
    const kept = { kind: "kept", records, prior: prior?.value, written: undefined, pulse: seenPulse } as const;
    if (!isClockRight(observed)) {
      await clocks.ownClock(place, observed);
      return kept;
    }
    if (prior?.value.nonce === report.nonce) return { kind: "replayed" };
    const nowMs = deps.clock.nowMs();
    const next = judge(place, report, records, nowMs);
    if (next.isSkewed) await clocks.agentSkew(place, report.agentTimeS, nowMs);
    if (!next.isCredited) return kept;
    const pulse = await keepPulse(place.link, seenPulse);
    if (next.record === undefined) return { ...kept, pulse };
    const claim = await deps.store.writeHost(place.link.id, place.location.id, next.record, prior?.revision);
    if (claim.kind === "lost") continue;
    const written = { value: next.record, revision: claim.revision };
    const hosts = new Map(records.hosts).set(place.host.id, written);
    return { ...kept, records: { ...records, hosts }, written: written.value, pulse };
  }
  throw new Error(`the record of host ${place.host.id} could not be written in ${limits.writeAttempts} attempts`);
}

/** Whether the heartbeat is credited, and the record to write; none when it says nothing new and the last write is recent. */
function judge(
  place: HostPlace,
  report: HostReport,
  records: LocationRecords,
  nowMs: number,
): { readonly isCredited: boolean; readonly record: HostRecord | undefined; readonly isSkewed: boolean } {
  const prior = records.hosts.get(place.host.id)?.value;
  const credited = credit(prior, report, nowMs);
  const { isSkewed } = credited;
  if (credited.kind === "stale") return { isCredited: false, record: undefined, isSkewed };
  const role = roleOf(place, records.head?.value);
  const { record, isNews } = applyReport(place.host, prior, report, credited, role, nowMs);
  const suspicion = records.suspicion?.value;
  const markedMs = suspicion?.hostId === place.host.id ? suspicion.markedMs : Number.POSITIVE_INFINITY;
  const isMarked = record.lastSeenMs >= markedMs && (prior?.lastSeenMs ?? 0) < markedMs;
  const isDue =
    prior === undefined ||
    record.lastSeenMs - prior.lastSeenMs >= persistEveryMs(place.host) ||
    hasBecomeSteady(place, prior, record, records.head?.value);
  return { isCredited: true, record: isNews || isDue || isMarked ? record : undefined, isSkewed };
}

/** Whether this is the heartbeat that makes a host one that may pre-empt. */
function hasBecomeSteady(place: HostPlace, prior: HostRecord, next: HostRecord, head: Decision | undefined): boolean {
  const fromMs = steadyFrom(next, place.location, head);
  return prior.lastSeenMs < fromMs && next.lastSeenMs >= fromMs;
}

/** A host that holds no tunnels, as a standby or in a link that is offline, has none to lose. */
function roleOf({ link, location, host }: HostPlace, head: Decision | undefined): Role {
  const isActive = head?.activeHostId === host.id;
  return { isActive, epoch: head?.epoch ?? 0, peers: isActive && link.online ? peerBits(link, location) : noBits };
}
