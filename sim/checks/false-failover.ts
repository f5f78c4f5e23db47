import { limits, networkFileLimits } from "../../shared/domain/limits.ts";
import type { Host } from "../../shared/domain/network.ts";
import { peersOf } from "../../shared/domain/topology.ts";
import { allowances } from "./allowances.ts";
import type { Court, MakeCheck } from "./check.ts";
import { type Chronicle, chronicleOf } from "./chronicle.ts";
import { evidenceFaults } from "./fault-log.ts";
import type { Commit } from "./head-log.ts";
import type { Heard, HostMemory } from "./host-log.ts";
import { networksSince, placeOf } from "./places.ts";
import { evidenceAgeMs, isTimeKnown } from "./silence.ts";

const check = "a failover with cause";

type Case = {
  readonly court: Court;
  readonly chronicle: Chronicle;
  readonly commit: Commit;
  readonly blame: (text: string) => void;
};

/** What makes an active host's tunnels go down, or seem to, by something else than itself. */
const tunnelFaults = [
  "host-partition",
  "host-reach-lie",
  "forwarding-dead",
  "host-vanish",
  "host-refuse",
  "host-leave",
  "host-flap",
  "host-freeze",
  "endpoint-partition",
  "outage-endpoint",
  "outage-functions",
  "operator-apply",
  "operator-switchover",
  "net-lose",
  "net-delay",
] as const;

/**
 * No failover away from a host that was alive, heard and reached by the truth, none to one that may not be chosen, and
 * none by pre-emption that the rules do not allow.
 */
export const falseFailover: MakeCheck = (court) => {
  const chronicle = chronicleOf(court.truth);
  return {
    promise: "false-failover",
    name: check,
    observe(fact) {
      chronicle.note(fact);
      if (fact.kind !== "head" || fact.before?.epoch === fact.decision.epoch) return;
      const { decision, writer } = fact;
      const commit = chronicle.heads.of(decision.locationId)?.newest;
      if (commit === undefined || !isTimeKnown(chronicle, commit)) return;
      const blame = (text: string): void => {
        const message = `epoch ${decision.epoch} (${decision.reason}), by ${writer.process}: ${text}; evidence: ${decision.evidence}`;
        const hosts = [decision.previousHostId, decision.activeHostId].filter((id) => id !== null);
        court.violate({ promise: "false-failover", check, message, about: [decision.locationId, ...hosts] });
      };
      const one: Case = { court, chronicle, commit, blame };
      judgeReason(one);
      judgeSuccessor(one);
    },
    quiet: () => undefined,
  };
};

function judgeReason(one: Case): void {
  switch (one.commit.decision.reason) {
    case "timed-out":
      judgeSilence(one);
      return;
    case "nobody-available":
      judgeSilence(one);
      judgeNobody(one);
      return;
    case "suspected":
      judgeSuspicion(one);
      return;
    case "tunnels-down":
      judgeTunnels(one);
      return;
    case "left":
      judgeLeave(one);
      return;
    case "higher-priority":
    case "better-reach":
      judgePreemption(one);
      return;
    default:
      return;
  }
}

/** A host as it was configured in the last while, the newest first. */
function configured({ court, commit }: Case, hostId: string | null): readonly Host[] {
  const networks = networksSince(court.truth, commit.decidedMs - limits.networkMs);
  return networks.flatMap(({ links }) =>
    links.flatMap(({ locations }) => locations.flatMap(({ hosts }) => hosts.filter(({ id }) => id === hostId))),
  );
}

/**
 * The last heartbeat that was on record, or would have been but for coalescing, when the evidence was read. One that
 * was answered by a function with a wrong clock was not recorded.
 */
function lastRecorded({ chronicle, commit }: Case, host: HostMemory): Heard | undefined {
  const untilMs = commit.decidedMs - evidenceAgeMs(chronicle, commit.decidedMs);
  let last: Heard | undefined;
  for (let at = host.heard.length - 1; at >= 0; at--) {
    const heard = host.heard[at];
    if (heard === undefined || heard.answeredMs < untilMs - networkFileLimits.longestTimeoutMs) break;
    if (heard.answeredMs > untilMs || Math.abs(heard.clockOffsetMs) > limits.clockSkewMs - allowances.usualClockMs / 2)
      continue;
    if (last === undefined || heard.signedMs > last.signedMs) last = heard;
    if (heard.answeredMs < untilMs - limits.agentRequestMs) break;
  }
  return last;
}

/** A host's clock can shorten what is believed of it: then its silence is none of the elector's making. */
function isClockToBlame(host: HostMemory, decidedMs: number, timeoutMs: number): boolean {
  return host.clockTroubleMs > decidedMs - timeoutMs - limits.sweepMs;
}

/** Never by time-out alone before 5/6 of it, or all but 5 s, has passed in silence. */
function judgeSilence(one: Case): void {
  const { chronicle, commit, blame } = one;
  const { previousHostId } = commit.decision;
  const hosts = configured(one, previousHostId);
  const host = previousHostId === null ? undefined : chronicle.hosts.of(previousHostId);
  if (host === undefined || hosts.length === 0) return;
  if (commit.decision.reason === "nobody-available" && !commit.decision.evidence.includes("last heard")) return;
  const leastMs = Math.min(...hosts.map(({ timeoutMs }) => timeoutMs - Math.min(timeoutMs / 6, limits.persistMs)));
  const mostMs = Math.max(...hosts.map(({ timeoutMs }) => timeoutMs));
  const heard = lastRecorded(one, host);
  if (heard === undefined || isClockToBlame(host, commit.decidedMs, mostMs)) return;
  const silentMs = commit.decidedMs - heard.signedMs;
  // The elector's clock is known; whoever wrote the record that it read may have been behind.
  const behindMs = chronicle.faults.wasFelt(["container-clock"], heard.signedMs - mostMs)
    ? allowances.wrongClockMs
    : allowances.usualClockMs;
  if (silentMs + commit.clockOffsetMs + behindMs >= leastMs) return;
  blame(
    `${previousHostId} was heard ${Math.round(silentMs)} ms before, and is given ${Math.min(...hosts.map((each) => each.timeoutMs))} ms`,
  );
}

/** Nobody becomes active only where the location says so. */
function judgeNobody({ court, commit, blame }: Case): void {
  const { locationId } = commit.decision;
  const networks = networksSince(court.truth, commit.decidedMs - allowances.evidenceMs);
  const says = networks
    .flatMap(({ links }) => links.flatMap(({ locations }) => locations))
    .filter(({ id }) => id === locationId);
  if (says.length > 0 && says.every(({ removeRoutes }) => !removeRoutes)) {
    blame("nobody is active, and the location keeps its routes where they are");
  }
}

/** A suspect that is heard after it was marked is none any more, and most who reach it have to have lost it. */
function judgeSuspicion(one: Case): void {
  const { court, chronicle, commit, blame } = one;
  const { previousHostId, locationId } = commit.decision;
  const host = previousHostId === null ? undefined : chronicle.hosts.of(previousHostId);
  const mark = chronicle.asked.mark(locationId);
  if (host === undefined || previousHostId === null) return;
  if (mark?.suspicion.hostId !== previousHostId) {
    blame(`nobody had marked ${previousHostId}`);
    return;
  }
  const since = chronicle.heads.between(locationId, mark.atMs, mark.atMs)[0];
  // A container that does not know yet that the host is active may read a mark late.
  const isLongActive = since !== undefined && since.atMs < mark.atMs - limits.snapshotMs - allowances.evidenceMs;
  const untilMs = commit.decidedMs - evidenceAgeMs(chronicle, commit.decidedMs);
  const cleared = host.heard.some(
    ({ signedMs, answeredMs, clockOffsetMs }) =>
      signedMs >= mark.atMs &&
      answeredMs <= untilMs &&
      Math.abs(clockOffsetMs) <= limits.clockSkewMs - allowances.usualClockMs / 2 &&
      signedMs + clockOffsetMs >= mark.suspicion.markedMs,
  );
  if (cleared && isLongActive && !isClockToBlame(host, commit.decidedMs, 0)) {
    blame(`${previousHostId} was heard after it had been marked`);
    return;
  }
  if (isReached(court, chronicle, commit, previousHostId)) {
    blame(`most of the remote hosts reach ${previousHostId}`);
  }
}

/** Whether most of the remote hosts that are well reach a host, and nothing has been wrong between them lately. */
function isReached(court: Court, { faults }: Chronicle, { decision, decidedMs }: Commit, hostId: string): boolean {
  const { truth } = court;
  const place = placeOf(truth, decision.locationId);
  const suspect = truth.host(hostId);
  if (place === undefined || suspect === undefined) return false;
  const wasLong = suspect.isUp && suspect.sinceMs < decidedMs - 2 * limits.freshMs;
  const kinds = ["host-partition", "host-reach-lie", "host-freeze", "host-flap", "operator-apply"] as const;
  if (!wasLong || faults.wasFelt(kinds, decidedMs - 2 * limits.freshMs)) return false;
  const voters = peersOf(place.link, place.location)
    .flatMap(({ hosts }) => hosts)
    .filter(({ id }) => {
      const one = truth.host(id);
      return one?.isUp === true && !one.isLying && one.sinceMs < decidedMs - 2 * limits.freshMs;
    });
  return voters.length > 0 && voters.every(({ id }) => truth.reaches(id, hostId));
}

/** Both ends of most tunnels have to be down, by something that is wrong with this host. */
function judgeTunnels({ court, chronicle, commit, blame }: Case): void {
  const { previousHostId } = commit.decision;
  const host = previousHostId === null ? undefined : court.truth.host(previousHostId);
  const tunnelTimeoutMs = court.truth.link?.tunnelTimeoutMs ?? 0;
  const fromMs = commit.decidedMs - tunnelTimeoutMs - 2 * limits.freshMs;
  const isWell = host?.isUp === true && !host.isForwardingDead && !host.isLying && host.sinceMs < fromMs;
  if (isWell && !chronicle.faults.wasFelt(tunnelFaults, fromMs)) {
    blame(`${previousHostId} forwards, and nothing is wrong with anybody`);
  }
}

/** A good-bye counts if the host sent one, and was not heard to be back since. */
function judgeLeave(one: Case): void {
  const { chronicle, commit, blame } = one;
  const { previousHostId } = commit.decision;
  const host = previousHostId === null ? undefined : chronicle.hosts.of(previousHostId);
  if (host === undefined) return;
  if (host.leftMs === 0) {
    blame(`${previousHostId} never said good-bye`);
    return;
  }
  const heard = lastRecorded(one, host);
  // The agent signs whole seconds: a heartbeat of the same second does not end a good-bye.
  const isBack = heard !== undefined && heard.signedMs > host.leftMs + 2_000;
  if (isBack && !isClockToBlame(host, commit.decidedMs, limits.sweepMs)) {
    blame(`${previousHostId} was heard ${Math.round(heard.signedMs - host.leftMs)} ms after its good-bye`);
  }
}

/** Higher priority is strictly higher, and who pre-empts has been there for the location's hold-up. */
function judgePreemption(one: Case): void {
  const { court, chronicle, commit, blame } = one;
  const { activeHostId, previousHostId, locationId, reason } = commit.decision;
  const next = configured(one, activeHostId);
  const before = configured(one, previousHostId);
  if (next.length === 0 || before.length === 0) return;
  const isHigher =
    Math.max(...next.map(({ priority }) => priority)) > Math.min(...before.map(({ priority }) => priority));
  if (reason === "higher-priority" && !isHigher) {
    blame(`${activeHostId} has no higher priority than ${previousHostId}`);
    return;
  }
  const holdUps = networksSince(court.truth, commit.decidedMs - limits.networkMs)
    .flatMap(({ links }) => links.flatMap(({ locations }) => locations))
    .filter(({ id }) => id === locationId)
    .map(({ holdUpMs }) => holdUpMs);
  const host = activeHostId === null ? undefined : chronicle.hosts.of(activeHostId);
  const upMs = commit.decidedMs - (host?.upSinceMs ?? 0);
  // Its last-seen is what counts, by two functions' clocks; and a replay may have bridged a short absence.
  if (upMs + allowances.twoClocksMs < Math.min(...holdUps)) {
    blame(`${activeHostId} is up for ${Math.round(upMs)} ms, the hold-up is ${Math.min(...holdUps)} ms`);
  }
}

/** Who takes over was not drained when that was decided. */
function judgeSuccessor({ chronicle, commit, blame }: Case): void {
  const { activeHostId, previousHostId, locationId } = commit.decision;
  if (activeHostId === null || activeHostId === previousHostId) return;
  const drainedMs = chronicle.asked.drainedSinceMs(locationId, activeHostId);
  const ageMs = chronicle.faults.wasFelt(evidenceFaults, commit.decidedMs)
    ? allowances.evidenceMs
    : allowances.calmEvidenceMs;
  if (drainedMs !== undefined && drainedMs < commit.decidedMs - ageMs) {
    blame(`${activeHostId} is drained for ${Math.round(commit.decidedMs - drainedMs)} ms`);
  }
}
